"""Facts about places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class LaneChanged(Event):
    """A lane was marked, measured, closed or reopened; ``state`` and the marks are what holds now."""

    kind: ClassVar[str] = "places.lane_changed"
    lane_id: UUID
    state: str
    is_fire_lane: bool
    width_cm: int
    network_version: int


@dataclass(frozen=True)
class GateChanged(Event):
    """A gate was named, opened, closed, or has other hours."""

    kind: ClassVar[str] = "places.gate_changed"
    gate_id: UUID
    is_open: bool


@dataclass(frozen=True)
class PlacesImported(Event):
    kind: ClassVar[str] = "places.imported"
    network_version: int
