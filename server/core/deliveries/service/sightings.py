"""When homes came down for what was dropped, for whoever may trace."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.deliveries.models import Drop, Stop
from server.core.places import service as places
from server.kit.ports.sightings import Sighting


def drop_sightings(session: Session, community_id: UUID, start: datetime, end: datetime) -> list[Sighting]:
    """Return each home at its entrance when it took its goods in, or when they were put down if it never said."""
    at = func.coalesce(Drop.confirmed_at, Drop.at)
    rows = session.execute(
        select(Stop.home_id, Drop.at, Drop.confirmed_at)
        .join(Stop, Stop.id == Drop.stop_id)
        .where(Drop.community_id == community_id, at >= start, at < end)
    ).all()
    sites = places.sites_of_homes(session, community_id, {row.home_id for row in rows})
    doors = places.sites_of_entrances(session, community_id, {site.entrance_id for site in sites.values()})
    return [
        Sighting(
            "drop", site.entrance_id, doors[site.entrance_id].label, row.home_id, row.confirmed_at or row.at
        )
        for row in rows
        if (site := sites.get(row.home_id))
    ]
