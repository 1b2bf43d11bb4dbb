"""Planning the walks: the doors of each grid, in the order in which the dispatcher would walk to them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit.errors import Refused
from server.modules.quarantine.models import Order, Task
from server.modules.quarantine.rules.ladder import Rung
from server.modules.quarantine.rules.orders import OrderState


@dataclass(frozen=True)
class Walk:
    """What one walk is planned from. ``doors``: home → the node of its entrance."""

    network: places.NetworkData
    start: UUID
    doors: dict[UUID, UUID]


def walks_to_plan(session: Session, community_id: UUID) -> list[Walk]:
    """Return the walks of all grids once a door has no place yet; none where there is no map or no gate."""
    rows = session.execute(
        select(Task.home_id, Task.walk_place)
        .join(Order, Order.id == Task.order_id)
        .where(*_open_doors(community_id), Order.state == OrderState.ACTIVE)
        .order_by(Task.opened_at, Task.id)
    ).all()
    homes = dict.fromkeys(home_id for home_id, _ in rows)
    new = homes.keys() - {home_id for home_id, place in rows if place is not None}
    if not new:
        return []
    sites = places.sites_of_homes(session, community_id, homes)
    grids: dict[UUID | None, dict[UUID, UUID]] = defaultdict(dict)
    for home_id in homes:
        if home_id in sites:
            grids[sites[home_id].grid_area_id][home_id] = sites[home_id].node_id
    try:
        network = places.network_data(session, community_id)
        start = places.goods_gate(session, community_id).node_id
    except Refused:
        return []
    return [Walk(network, start, grids[grid_id]) for grid_id in sorted(grids, key=str)]


def keep_walk(session: Session, community_id: UUID, home_ids: list[UUID], first: int) -> None:
    """Write down the places of a walk from ``first`` on. Doors closed meanwhile, or opened, are none of it."""
    places_of = {home_id: place for place, home_id in enumerate(home_ids, first)}
    doors = session.execute(select(Task.id, Task.home_id).where(*_open_doors(community_id)))
    kept = [
        {"id": task_id, "walk_place": places_of[home_id]}
        for task_id, home_id in doors
        if home_id in places_of
    ]
    if kept:
        session.execute(update(Task), kept)


def _open_doors(community_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Task.community_id == community_id, Task.rung == Rung.DOOR, Task.done_at.is_(None)
