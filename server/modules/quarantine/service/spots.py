"""Where isolated homes are: counted by entrance, for the map."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit import clock
from server.modules.quarantine.models import Order, Task
from server.modules.quarantine.rules import orders
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
    """Return the entrances with isolated homes."""
    now = clock.now()
    active = session.execute(
        select(Order.id, Order.home_id, Order.until_at).where(
            Order.community_id == community_id, Order.state == OrderState.ACTIVE
        )
    ).all()
    silent = set(
        session.scalars(
            select(Task.order_id).where(
                Task.community_id == community_id, Task.rung == Rung.COMMITTEE, Task.done_at.is_(None)
            )
        )
    )
    entrance_of = places.entrances_of_homes(session, community_id, [row.home_id for row in active])
    homes: Counter[UUID] = Counter()
    late: Counter[UUID] = Counter()
    quiet: Counter[UUID] = Counter()
    for row in active:
        door = entrance_of[row.home_id]
        homes[door] += 1
        late[door] += orders.is_overdue(OrderState.ACTIVE, row.until_at, now)
        quiet[door] += row.id in silent
    return [Spot(door, homes[door], late[door], quiet[door]) for door in homes]
