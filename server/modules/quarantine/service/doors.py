"""What missed checks ask of workers: which doors, of which grid, in the order in which they were planned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from server.core.communities import service as communities
from server.core.places import service as places
from server.modules.quarantine.models import Check, Order, Task
from server.modules.quarantine.rules.checks import CheckState
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState

# More than a round of doors; what is done makes room for the next.
MOST = 60


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


def waiting_tasks(
    session: Session, community_id: UUID, grid_id: UUID | None = None, *, for_officer: bool = True
) -> Waiting:
    """Return open tasks: doors in walking order, then calls, then the committee's; of one grid if it is named.

    Of a person's missed checks the latest is asked for: one reading answers for those before it. What the committee has
    to decide is ``for_officer`` only.
    """
    rungs = (Rung.DOOR, Rung.CALL, Rung.COMMITTEE) if for_officer else (Rung.DOOR, Rung.CALL)
    tasks: list[Task] = []
    for rung in rungs:
        if len(tasks) < MOST:
            tasks += session.scalars(_open_tasks(community_id, rung, grid_id).limit(MOST - len(tasks)))
    return Waiting(tasks, _grids(session, community_id, rungs))


def _open_tasks(community_id: UUID, rung: Rung, grid_id: UUID | None) -> Select[Task]:
    """Return the query for what waits on a rung, in order; tasks of ended orders wait for nobody."""
    wanted = (
        select(Task)
        .join(Order, Order.id == Task.order_id)
        .join(Check, Check.id == Task.check_id)
        .where(*_waits(community_id), Task.rung == rung)
    )
    if grid_id is not None:
        wanted = wanted.where(Task.home_id.in_(places.homes_of_grid(community_id, grid_id)))
    if rung is not Rung.COMMITTEE:
        wanted = wanted.where(~_is_asked_for_later())
    if rung is Rung.CALL:
        # Who is visited is not called as well.
        door = aliased(Task)
        visited = (door.check_id == Task.check_id) & (door.rung == Rung.DOOR) & door.done_at.is_(None)
        wanted = wanted.where(~exists().where(visited))
    if rung is Rung.DOOR:
        walk = _places_in_walk(community_id).subquery()
        wanted = wanted.outerjoin(walk, walk.c.home_id == Task.home_id)
        return wanted.order_by(walk.c.place.is_(None), walk.c.place, Check.due_at, Task.id)
    return wanted.order_by(Check.due_at, Task.id)


def _is_asked_for_later() -> ColumnElement[bool]:
    """Tell whether the same person has missed a later check, for which somebody is to ask."""
    later, asking = aliased(Check), aliased(Task)
    same = (later.order_id == Check.order_id) & (later.person_id == Check.person_id)
    is_open = (later.state != CheckState.DONE) & asking.done_at.is_(None)
    return exists().where(same, later.due_at > Check.due_at, is_open, asking.check_id == later.id)


def _places_in_walk(community_id: UUID) -> Select[UUID, Any]:
    """Return the query for each home's place, also where it has missed another check since the walk was planned."""
    return (
        select(Task.home_id, func.max(Task.walk_place).label("place"))
        .where(Task.community_id == community_id, Task.rung == Rung.DOOR, Task.done_at.is_(None))
        .group_by(Task.home_id)
    )


def _grids(session: Session, community_id: UUID, rungs: Collection[Rung]) -> list[Grid]:
    waiting = (
        select(Task.home_id)
        .join(Order, Order.id == Task.order_id)
        .join(Check, Check.id == Task.check_id)
        .where(*_waits(community_id), Task.rung.in_(rungs))
    )
    homes = places.count_homes(session, community_id, waiting, by="grid")
    names = communities.area_names(session, homes)
    return sorted((Grid(one, *names[one], homes[one]) for one in names), key=lambda grid: grid.name)


def _waits(community_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return (
        Task.community_id == community_id,
        Task.done_at.is_(None),
        Order.state == OrderState.ACTIVE,
        Check.state != CheckState.DONE,
    )
