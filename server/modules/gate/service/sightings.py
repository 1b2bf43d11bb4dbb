"""Who was at which gate or lift reader when, for whoever may trace."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places import service as places
from server.kit.ports.sightings import Sighting
from server.modules.gate.models import Scan


def sightings(session: Session, community_id: UUID, start: datetime, end: datetime) -> list[Sighting]:
    """Return the scans of known homes of start ≤ at < end; somebody who was refused stood there too."""
    rows = session.execute(
        select(Scan.gate_id, Scan.entrance_id, Scan.home_id, Scan.at).where(
            Scan.community_id == community_id,
            Scan.home_id.is_not(None),
            Scan.at >= start,
            Scan.at < end,
        )
    ).all()
    gates = {row.gate_id for row in rows if row.gate_id}
    entrances = {row.entrance_id for row in rows if row.entrance_id}
    labels = {gate: places.gate_site(session, community_id, gate)[0].label for gate in gates}
    sites = places.sites_of_entrances(session, community_id, entrances)
    labels |= {entrance: site.label for entrance, site in sites.items()}
    return [
        Sighting("gate" if row.gate_id else "lift", place, labels.get(place, ""), row.home_id, row.at)
        for row in rows
        for place in [row.gate_id or row.entrance_id]
    ]
