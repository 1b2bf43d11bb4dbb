"""What missed checks ask of workers: which doors, of which grid, in the order in which they were planned."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.places import service as places
from server.modules.quarantine.models import Check, Order, Task
from server.modules.quarantine.rules.checks import CheckState
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState

MOST = 500


@dataclass(frozen=True)
class Grid:
    """A grid and how many of its homes wait for a worker."""

    id: UUID
    name: str
    name_en: str
    homes: int


def tasks_in_order(
    session: Session, community_id: UUID, grid_id: UUID | None = None, *, for_officer: bool = True
) -> list[Task]:
    """Return open tasks: doors in walking order, then calls, then the committee's; of one grid if it is named.

    Of a person's missed checks the latest is asked for: one reading answers for those before it. What the committee has
    to decide is ``for_officer`` only.
    """
    found = _open_tasks(session, community_id)
    if grid_id is not None:
        sites = places.sites_of_homes(session, community_id, {task.home_id for task, _ in found})
        found = [
            (task, check)
            for task, check in found
            if task.home_id in sites and sites[task.home_id].grid_area_id == grid_id
        ]
    latest = {(check.order_id, check.person_id): check.id for _, check in found}
    to_see = [task for task, check in found if latest[check.order_id, check.person_id] == check.id]
    doors = [task for task in to_see if task.rung == Rung.DOOR]
    sites = places.sites_of_homes(session, community_id, {task.home_id for task in doors})
    # A home keeps its place when another check of it is missed.
    walk = {task.home_id: task.walk_place for task, _ in found if task.walk_place is not None}
    doors.sort(key=lambda task: _order(task.home_id, walk, sites))
    at_a_door = {task.check_id for task in doors}
    # Who is visited is not called as well.
    calls = [task for task in to_see if task.rung == Rung.CALL and task.check_id not in at_a_door]
    others = [task for task, _ in found if task.rung == Rung.COMMITTEE and for_officer]
    return [*doors, *calls, *others]


def grids_of_tasks(session: Session, community_id: UUID) -> list[Grid]:
    """Return the grids in which homes wait, by name; homes of no grid are in none."""
    waiting = {task.home_id for task, _ in _open_tasks(session, community_id)}
    sites = places.sites_of_homes(session, community_id, waiting)
    homes: dict[UUID, int] = defaultdict(int)
    for site in sites.values():
        if site.grid_area_id is not None:
            homes[site.grid_area_id] += 1
    names = communities.area_names(session, homes)
    grids = [Grid(grid_id, *names[grid_id], homes[grid_id]) for grid_id in names]
    return sorted(grids, key=lambda grid: grid.name)


def _open_tasks(session: Session, community_id: UUID) -> list[tuple[Task, Check]]:
    """Return the tasks that wait for somebody, by when their checks were due; those of ended orders wait for nobody."""
    rows = session.execute(
        select(Task, Check)
        .join(Order, Order.id == Task.order_id)
        .join(Check, Check.id == Task.check_id)
        .where(
            Task.community_id == community_id,
            Task.done_at.is_(None),
            Order.state == OrderState.ACTIVE,
            Check.state != CheckState.DONE,
        )
        .order_by(Check.due_at, Task.id)
        .limit(MOST)
    )
    return [(task, check) for task, check in rows]


def _order(home_id: UUID, walk: dict[UUID, int], sites: dict[UUID, places.Site]) -> tuple[bool, str, int]:
    """Return what doors are sorted by: planned ones first, a grid's together, each in its walk."""
    grid_id = sites[home_id].grid_area_id if home_id in sites else None
    return home_id not in walk, str(grid_id or ""), walk.get(home_id, 0)
