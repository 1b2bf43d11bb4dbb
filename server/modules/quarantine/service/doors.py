"""What missed checks ask of workers: which doors, of which grid, in the order in which they were planned."""

from __future__ import annotations

from collections import Counter
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

# A worker does not scroll further; what is done makes room for the next.
MOST = 100


@dataclass(frozen=True)
class Grid:
    """A grid and how many of its homes wait for a worker."""

    id: UUID
    name: str
    name_en: str
    homes: int


@dataclass(frozen=True)
class Waiting:
    """What waits for a worker. ``tasks``: in order, at most ``MOST``; ``grids``: of all that wait, by name."""

    tasks: list[Task]
    grids: list[Grid]


@dataclass(frozen=True)
class _Open:
    """An open task with what it is chosen and sorted by."""

    id: UUID
    home_id: UUID
    rung: str
    walk_place: int | None
    check_id: UUID
    order_id: UUID
    person_id: UUID


def waiting_tasks(
    session: Session, community_id: UUID, grid_id: UUID | None = None, *, for_officer: bool = True
) -> Waiting:
    """Return open tasks: doors in walking order, then calls, then the committee's; of one grid if it is named.

    Of a person's missed checks the latest is asked for: one reading answers for those before it. What the committee has
    to decide is ``for_officer`` only.
    """
    found = _open_tasks(session, community_id)
    sites = places.sites_of_homes(session, community_id, {task.home_id for task in found})
    grid_of = {home_id: site.grid_area_id for home_id, site in sites.items()}
    here = [task for task in found if grid_id is None or grid_of.get(task.home_id) == grid_id]
    chosen = [task.id for task in _in_order(here, grid_of) if for_officer or task.rung != Rung.COMMITTEE]
    return Waiting(_load(session, community_id, chosen[:MOST]), _grids(session, grid_of))


def _in_order(found: list[_Open], grid_of: dict[UUID, UUID | None]) -> list[_Open]:
    latest = {(task.order_id, task.person_id): task.check_id for task in found}
    to_see = [task for task in found if latest[task.order_id, task.person_id] == task.check_id]
    # A home keeps its place when another check of it is missed.
    walk = {task.home_id: task.walk_place for task in found if task.walk_place is not None}
    doors = [task for task in to_see if task.rung == Rung.DOOR]
    doors.sort(key=lambda task: _order(task.home_id, walk, grid_of))
    at_a_door = {task.check_id for task in doors}
    # Who is visited is not called as well.
    calls = [task for task in to_see if task.rung == Rung.CALL and task.check_id not in at_a_door]
    return [*doors, *calls, *(task for task in found if task.rung == Rung.COMMITTEE)]


def _order(home_id: UUID, walk: dict[UUID, int], grid_of: dict[UUID, UUID | None]) -> tuple[bool, str, int]:
    """Return what doors are sorted by: planned ones first, a grid's together, each in its walk."""
    return home_id not in walk, str(grid_of.get(home_id) or ""), walk.get(home_id, 0)


def _grids(session: Session, grid_of: dict[UUID, UUID | None]) -> list[Grid]:
    homes = Counter(grid_id for grid_id in grid_of.values() if grid_id is not None)
    names = communities.area_names(session, homes)
    return sorted((Grid(one, *names[one], homes[one]) for one in names), key=lambda grid: grid.name)


def _open_tasks(session: Session, community_id: UUID) -> list[_Open]:
    """Return all that waits, by when the checks were due; tasks of ended orders wait for nobody."""
    rows = session.execute(
        select(Task.id, Task.home_id, Task.rung, Task.walk_place, Check.id, Check.order_id, Check.person_id)
        .join(Order, Order.id == Task.order_id)
        .join(Check, Check.id == Task.check_id)
        .where(
            Task.community_id == community_id,
            Task.done_at.is_(None),
            Order.state == OrderState.ACTIVE,
            Check.state != CheckState.DONE,
        )
        .order_by(Check.due_at, Task.id)
    )
    return [_Open(*row) for row in rows]


def _load(session: Session, community_id: UUID, task_ids: list[UUID]) -> list[Task]:
    wanted = select(Task).where(Task.community_id == community_id, Task.id.in_(task_ids))
    rows = {row.id: row for row in session.scalars(wanted)}
    return [rows[task_id] for task_id in task_ids]
