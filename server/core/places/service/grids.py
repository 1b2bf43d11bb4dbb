"""Which grid, the lowest of the five levels, looks after which homes."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.places.models import Entrance, Home
from server.kit.audit import record
from server.kit.permissions import Actor


def assign_grid(
    session: Session, actor: Actor, community_id: UUID, grid_area_id: UUID, building_ids: Iterable[UUID]
) -> None:
    """Put every home of the buildings into a grid."""
    doors = select(Entrance.id).where(
        Entrance.community_id == community_id, Entrance.building_id.in_(list(building_ids))
    )
    session.execute(
        update(Home)
        .where(Home.community_id == community_id, Home.entrance_id.in_(doors))
        .values(grid_area_id=grid_area_id)
        .execution_options(synchronize_session=False)
    )
    record(session, actor, community_id, "places.grid_assigned", ("area", grid_area_id))
