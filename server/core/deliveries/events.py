"""Facts about parcels, waves and routes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class ParcelMoved(Event):
    """A parcel has another custodian."""

    kind: ClassVar[str] = "deliveries.parcel_moved"
    parcel_id: UUID
    need_id: UUID
    custodian_kind: str
    merchant_id: UUID | None
    watchers: list[UUID]

    @property
    def aggregate(self) -> str:
        return f"parcel:{self.parcel_id}"


@dataclass(frozen=True)
class WaveChanged(Event):
    kind: ClassVar[str] = "deliveries.wave_changed"
    wave_id: UUID
    state: str

    @property
    def aggregate(self) -> str:
        return f"wave:{self.wave_id}"


@dataclass(frozen=True)
class HelpFound(Event):
    """What would help a planned wave is known."""

    kind: ClassVar[str] = "deliveries.help_found"
    wave_id: UUID

    @property
    def aggregate(self) -> str:
        return f"wave:{self.wave_id}"


@dataclass(frozen=True)
class GatesWeighed(Event):
    """Somebody has asked which gates to open, or the answer is there. ``state``: looking, found or failed."""

    kind: ClassVar[str] = "deliveries.gates_weighed"
    state: str


@dataclass(frozen=True)
class RouteChanged(Event):
    """A route was released, planned anew, finished or cancelled. ``seq`` grows with each."""

    kind: ClassVar[str] = "deliveries.route_changed"
    route_id: UUID
    wave_id: UUID
    helper_id: UUID
    state: str
    seq: int
    why: str

    @property
    def aggregate(self) -> str:
        return f"route:{self.route_id}"


@dataclass(frozen=True)
class StopChanged(Event):
    """A stop was done, failed or undone."""

    kind: ClassVar[str] = "deliveries.stop_changed"
    stop_id: UUID
    route_id: UUID
    wave_id: UUID
    helper_id: UUID
    state: str
    seq: int

    @property
    def aggregate(self) -> str:
        return f"route:{self.route_id}"


@dataclass(frozen=True)
class CartMoved(Event):
    """A courier is at another place, in local metres."""

    kind: ClassVar[str] = "deliveries.cart_moved"
    route_id: UUID
    wave_id: UUID
    x_m: float
    y_m: float
    at: datetime

    @property
    def aggregate(self) -> str:
        return f"route:{self.route_id}"


@dataclass(frozen=True)
class HandoverChanged(Event):
    """Goods are on their way to the gate, have arrived there, or are in; a mismatch is an exception to look at."""

    kind: ClassVar[str] = "deliveries.handover_changed"
    handover_id: UUID
    state: str
    has_mismatch: bool


@dataclass(frozen=True)
class MismatchFound(Event):
    """A count at a hand-over did not add up."""

    kind: ClassVar[str] = "deliveries.mismatch_found"
    mismatch_id: UUID
    place: str
