"""Where isolated homes are: counted by entrance, for the map."""

from __future__ import annotations

from collections import defaultdict
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
    """An entrance. ``silent``: homes with a missed check that the committee has to decide on."""

    entrance_id: UUID
    label: str
    x_m: float
    y_m: float
    homes: int
    overdue: int
    silent: int


def spots(session: Session, community_id: UUID) -> list[Spot]:
    """Return the entrances with isolated homes, by name."""
    now = clock.now()
    active = session.scalars(
        select(Order).where(Order.community_id == community_id, Order.state == OrderState.ACTIVE)
    ).all()
    silent = set(
        session.scalars(
            select(Task.order_id).where(
                Task.community_id == community_id, Task.rung == Rung.COMMITTEE, Task.done_at.is_(None)
            )
        )
    )
    sites = places.sites_of_homes(session, community_id, [row.home_id for row in active])
    behind: dict[UUID, list[Order]] = defaultdict(list)
    for row in active:
        if row.home_id in sites:
            behind[sites[row.home_id].entrance_id].append(row)
    doors = places.sites_of_entrances(session, community_id, behind)
    found = [
        Spot(
            entrance_id=entrance_id,
            label=doors[entrance_id].label,
            x_m=doors[entrance_id].x_m,
            y_m=doors[entrance_id].y_m,
            homes=len(rows),
            overdue=sum(orders.is_overdue(OrderState(row.state), row.until_at, now) for row in rows),
            silent=sum(row.id in silent for row in rows),
        )
        for entrance_id, rows in behind.items()
    ]
    return sorted(found, key=lambda spot: spot.label)
