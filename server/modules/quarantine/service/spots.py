"""Where isolated homes are: counted by entrance, for the map."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit import clock
from server.modules.quarantine.models import Order, Task
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState


@dataclass(frozen=True)
class Spot:
    """An entrance. ``overdue``: homes past their end; ``silent``: with a missed check that the committee decides on."""

    entrance_id: UUID
    homes: int
    overdue: int
    silent: int


def spots(session: Session, community_id: UUID) -> list[Spot]:
    """Return the entrances with isolated homes. The database counts: a whole compound may be isolated."""
    active = select(Order.home_id).where(Order.community_id == community_id, Order.state == OrderState.ACTIVE)
    late = active.where(Order.until_at <= clock.now())
    quiet = active.join(Task, Task.order_id == Order.id).where(
        Task.rung == Rung.COMMITTEE, Task.done_at.is_(None)
    )
    homes, overdue, silent = (
        places.count_homes(session, community_id, query, by="entrance") for query in (active, late, quiet)
    )
    return [Spot(door, count, overdue.get(door, 0), silent.get(door, 0)) for door, count in homes.items()]
