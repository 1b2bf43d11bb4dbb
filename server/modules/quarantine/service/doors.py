"""What missed checks ask of workers: which doors, of which grid, in the order in which they were planned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
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


def waiting_tasks(
    session: Session, community_id: UUID, grid_id: UUID | None = None, *, for_officer: bool = True
) -> Waiting:
    """Return open tasks: doors in walking order, then calls, then the committee's; of one grid if it is named.

    Of a person's missed checks the latest is asked for: one reading answers for those before it. What the committee has
    to decide is ``for_officer`` only.
    """
    seen = _open_tasks(community_id, grid_id).subquery()
    is_latest = seen.c.due_at == seen.c.latest
    rungs = [
        and_(seen.c.rung == Rung.DOOR, is_latest),
        # Who is visited is not called as well.
        and_(seen.c.rung == Rung.CALL, is_latest, seen.c.has_door == 0),
    ]
    if for_officer:
        rungs.append(seen.c.rung == Rung.COMMITTEE)
    in_order = case({Rung.DOOR: 0, Rung.CALL: 1}, value=seen.c.rung, else_=2)
    chosen = (
        select(Task)
        .join(seen, seen.c.id == Task.id)
        .where(or_(*rungs))
        .order_by(in_order, seen.c.place.is_(None), seen.c.place, seen.c.due_at, seen.c.id)
        .limit(MOST)
    )
    return Waiting(list(session.scalars(chosen)), _grids(session, community_id))


def _open_tasks(community_id: UUID, grid_id: UUID | None) -> Select[*tuple[Any, ...]]:
    """Return the query for all that waits; tasks of ended orders wait for nobody.

    ``latest``: when the person's last open check was due. ``place``: the home's in the walk, also where it has missed
    another check since. ``has_door``: whether somebody is sent to the door for this check.
    """
    is_door = case((Task.rung == Rung.DOOR, 1), else_=0)
    wanted: Select[*tuple[Any, ...]] = (
        select(
            Task.id,
            Task.rung,
            Check.due_at,
            func.max(Check.due_at).over(partition_by=(Check.order_id, Check.person_id)).label("latest"),
            func.max(Task.walk_place).over(partition_by=Task.home_id).label("place"),
            func.max(is_door).over(partition_by=Task.check_id).label("has_door"),
        )
        .join(Order, Order.id == Task.order_id)
        .join(Check, Check.id == Task.check_id)
        .where(*_waits(community_id))
    )
    if grid_id is not None:
        wanted = wanted.where(Task.home_id.in_(places.homes_of_grid(community_id, grid_id)))
    return wanted


def _grids(session: Session, community_id: UUID) -> list[Grid]:
    waiting = (
        select(Task.home_id)
        .join(Order, Order.id == Task.order_id)
        .join(Check, Check.id == Task.check_id)
        .where(*_waits(community_id))
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
