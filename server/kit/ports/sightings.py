"""The port of sightings: a module that knows who was where when provides ``tracing.sightings``.

A provider is a function of (session, community id, from, to). A sighting is weak
evidence: of a home, never proof of contact.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

EXTENSION_POINT = "tracing.sightings"


@dataclass(frozen=True)
class Sighting:
    """Somebody of a home was at a place. ``source``: what kind of place or event, as "gate", "lift", "drop"."""

    source: str
    place_id: UUID
    place_label: str
    home_id: UUID
    at: datetime
