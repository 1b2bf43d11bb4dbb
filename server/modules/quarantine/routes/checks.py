"""Endpoints of checks and of the tasks that missed ones make."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.quarantine import service
from server.modules.quarantine.routes import views
from server.modules.quarantine.routes.blueprint import bp
from server.modules.quarantine.rules.checks import Reading
from server.modules.quarantine.schemas import CheckIn, CheckOut, GridOut, TaskDoneOut, TasksOut, TasksQuery


@bp.post("/checks/<uuid:check_id>")
@bp.input(CheckIn, arg_name="body")
@bp.output(CheckOut)
@allow("quarantine.see_own")
@idempotent
def report_check(check_id: UUID, body: CheckIn) -> CheckOut:
    """Take a check in: by app for one's own home, by call or at the door by workers."""
    with transaction() as session:
        community, actor = current_community(), current_actor()
        entered = service.Entered(Reading(body.tenths, frozenset(body.symptoms)), body.how, body.device_at)
        row = service.report(session, actor, community, check_id, entered)
        # Whoever has just entered it knows it: no read.
        return views.checks_out(session, [row], is_home=True)[0]


@bp.get("/tasks")
@bp.input(TasksQuery, location="query", arg_name="query")
@bp.output(TasksOut)
@allow("quarantine.visit")
def list_tasks(query: TasksQuery) -> TasksOut:
    """List what missed checks ask of workers: doors in walking order, then calls, then the committee's."""
    with reading() as session:
        community = current_community()
        is_officer = current_actor().has("officer", community)
        found = service.waiting_tasks(session, community.id, query.grid, for_officer=is_officer)
        return TasksOut(
            items=views.tasks_out(session, community, found.tasks),
            grids=[GridOut.model_validate(asdict(grid)) for grid in found.grids],
            next=None,
        )


@bp.post("/tasks/<uuid:task_id>/done")
@bp.output(TaskDoneOut)
@allow("quarantine.visit")
@idempotent
def finish_task(task_id: UUID) -> TaskDoneOut:
    """Note that a task is done although nobody could be asked."""
    with transaction() as session:
        row = service.finish_task(session, current_actor(), current_community(), task_id)
        return TaskDoneOut.model_validate({"id": row.id, "done_at": row.done_at})
