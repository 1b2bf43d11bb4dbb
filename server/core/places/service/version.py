"""The version of a community's lanes: a plan made for another one is planned anew."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from server.core.places.models import Network
from server.kit.errors import Refused


def bump(session: Session, community_id: UUID) -> int:
    """Count a change that plans must know of; return the new version. Raises Refused before any map was imported."""
    network = session.get(Network, community_id, with_for_update=True)
    if network is None:
        raise Refused("places.no_map_yet")
    network.version += 1
    return network.version
