"""Climbing the ladder of missed checks: however many workers look, each rung has one task."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from server.core.notices import service as notices
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once, touched
from server.kit.errors import Conflict, NotFound
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.quarantine.events import CheckChanged, TaskOpened
from server.modules.quarantine.models import Check, Order, Task
from server.modules.quarantine.rules import ladder
from server.modules.quarantine.rules.checks import CheckState
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState
from server.modules.quarantine.service.settings import settings_of


def checks_to_climb(session: Session, community: CommunityRef) -> list[UUID]:
    """Return the checks for which a rung is reached that has no task yet, or which are past the highest."""
    now, settings = clock.now(), settings_of(session, community.id)
    rows = session.execute(_waiting(community.id, now, Check.id, Check.due_at)).tuples().all()
    known = _known(session, community.id, [check_id for check_id, _ in rows])
    return [
        check_id
        for check_id, due_at in rows
        if now >= ladder.missed_at(due_at, settings)
        or any((check_id, rung) not in known for rung in ladder.rungs_due(due_at, now, settings))
    ]


def climb(session: Session, community: CommunityRef, only: Collection[UUID] | None = None) -> int:
    """Open the tasks of every rung that is reached, and give up checks past the highest; return how many tasks.

    ``only``: some checks, so that others may write in between; left out, all of them.
    """
    now, settings = clock.now(), settings_of(session, community.id)
    chosen = _waiting(community.id, now, Check, Order)
    if only is not None:
        chosen = chosen.where(Check.id.in_(only))
    waiting = session.execute(chosen).tuples().all()
    known = _known(session, community.id, [check.id for check, _ in waiting])
    opened = 0
    for check, order in waiting:
        for rung in ladder.rungs_due(check.due_at, now, settings):
            if (check.id, rung) not in known:
                opened += _open(session, check, order, rung)
        if now >= ladder.missed_at(check.due_at, settings):
            _give_up(session, check)
    return opened


def finish_task(session: Session, actor: Actor, community: CommunityRef, task_id: UUID) -> Task:
    """Note that a task is done though the check is not: nobody answered, say. Raises NotFound, Conflict if it was."""
    row = session.scalars(select(Task).where(Task.community_id == community.id, Task.id == task_id)).first()
    if row is None:
        raise NotFound("quarantine.task_not_found")
    done = session.execute(
        update(Task)
        .where(Task.id == row.id, Task.done_at.is_(None))
        .values(done_at=clock.now(), done_by=actor.id)
        .execution_options(synchronize_session=False)
    )
    if touched(done) != 1:
        raise Conflict("quarantine.task_done")
    session.refresh(row)
    record(session, actor, community.id, "quarantine.task_done", ("task", row.id), facts={"rung": row.rung})
    return row


def _waiting(community_id: UUID, now: datetime, *what: Any) -> Select[*tuple[Any, ...]]:
    return (
        select(*what)
        .join(Order, Order.id == Check.order_id)
        .where(
            Check.community_id == community_id,
            Check.state == CheckState.DUE,
            Order.state == OrderState.ACTIVE,
            Check.due_at <= now,
        )
        .order_by(Check.due_at, Check.id)
    )


def _known(session: Session, community_id: UUID, check_ids: list[UUID]) -> set[tuple[UUID, str]]:
    rows = session.execute(
        select(Task.check_id, Task.rung).where(
            Task.community_id == community_id, Task.check_id.in_(check_ids)
        )
    )
    return {(check_id, rung) for check_id, rung in rows}


def _open(session: Session, check: Check, order: Order, rung: Rung) -> int:
    now = clock.now()
    values = {
        "community_id": check.community_id,
        "check_id": check.id,
        "order_id": order.id,
        "home_id": order.home_id,
        "rung": rung,
        "opened_at": now,
        # A reminder is done by being sent.
        "done_at": now if rung is Rung.REMINDER else None,
    }
    task_id = insert_once(session, Task, values, unless=["check_id", "rung"])
    if task_id is None:
        return 0
    subject = ("check", check.id)
    if rung is Rung.REMINDER:
        notices.tell(
            session, check.community_id, [check.person_id], notices.NoticeKind.CHECK_REMINDER, subject
        )
    else:
        role = "officer" if rung is Rung.COMMITTEE else "grid_worker"
        kind = notices.NoticeKind.CHECK_MISSED if rung is Rung.COMMITTEE else notices.NoticeKind.CHECK_TASK
        notices.tell_workers(session, check.community_id, kind, subject, {"rung": rung}, roles=[role])
    emit(session, TaskOpened(check.community_id, task_id=task_id, rung=rung))
    return 1


def _give_up(session: Session, check: Check) -> None:
    given_up = session.execute(
        update(Check)
        .where(Check.id == check.id, Check.state == CheckState.DUE)
        .values(state=CheckState.MISSED)
        .execution_options(synchronize_session=False)
    )
    if touched(given_up) == 1:
        record(session, SYSTEM, check.community_id, "quarantine.check_missed", ("check", check.id))
        missed = CheckChanged(
            check.community_id,
            check_id=check.id,
            order_id=check.order_id,
            person_id=check.person_id,
            state=CheckState.MISSED,
        )
        emit(session, missed)
