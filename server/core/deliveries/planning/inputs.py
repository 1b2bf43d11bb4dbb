"""What a plan is made from, as it was read: lanes, couriers, stops. Instants, not yet seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from dispatch.problem import Profile
from server.core.places.service import NetworkData


def _wheels(name: str, speed_m_s: float, width_cm: int, *, obeys_oneway: bool = True) -> Profile:
    return Profile(
        name,
        speed_m_s=speed_m_s,
        width_cm=width_cm,
        needs_fire_lane=True,
        may_use_steps=False,
        obeys_oneway=obeys_oneway,
        halts_at_standing_points=True,
    )


# Walking pace with a bag: 1.2 m/s; a pushed cart is no faster. Widths are of the vehicle with its load.
PROFILES = (
    Profile("walk", speed_m_s=1.2, width_cm=60),
    _wheels("cart", 1.2, 110, obeys_oneway=False),
    _wheels("trike", 2.8, 130),
    _wheels("unmanned", 1.8, 90),
)


class SolverFailed(Exception):
    """Nothing can be planned: what was read contradicts itself. The wave goes back to where it was."""


@dataclass(frozen=True)
class PlanBreak:
    """A rest of ``rest_s`` that a courier wants to begin between two instants."""

    from_at: datetime
    until_at: datetime
    rest_s: int


@dataclass(frozen=True)
class PlanHelper:
    """A courier who is on: ``works_from`` to ``works_until``, starting at ``start_node``.

    ``work_before_s``: what the last days' routes were in seconds on the way and at doors.
    """

    id: UUID
    profile: str
    start_node: UUID
    end_node: UUID
    works_from: datetime
    works_until: datetime
    load_g: int
    volume_ml: int
    parcels: int
    has_left: bool = False
    has_been_red: bool = False
    breaks: tuple[PlanBreak, ...] = ()
    work_before_s: int = 0


@dataclass(frozen=True)
class PlanStop:
    """One home to be served.

    ``is_sealed``: its building has a home under isolation. ``only_helper``: who accepted the visit, or has the goods
    on board. ``promised_at``: when the home was told that its helper comes. ``shelf``: the entrance whose shelf the
    home fetches its goods from.
    """

    id: str
    kind: str
    home_id: UUID
    node: UUID
    spot: str
    need_id: UUID | None
    parcel_ids: tuple[UUID, ...]
    load_g: int
    volume_ml: int
    service_s: int
    door_s: int
    wanted_from: datetime
    wanted_until: datetime
    priority: int
    is_red: bool
    must_prove: bool
    is_sealed: bool = False
    need_ids: tuple[UUID, ...] = ()
    only_helper: UUID | None = None
    promised_at: datetime | None = None
    shelf: UUID | None = None


@dataclass(frozen=True)
class Inputs:
    """Everything a plan is made from, as it was at one instant.

    ``without_shift``: couriers who are not on. ``shelves``: how many parcels fit on the shelf of each entrance whose
    homes are to be called one after the other.
    """

    starts_at: datetime
    horizon_s: int
    network: NetworkData
    helpers: tuple[PlanHelper, ...]
    stops: tuple[PlanStop, ...]
    without_shift: tuple[UUID, ...] = ()
    shelves: Mapping[UUID, int] = field(default_factory=dict)

    def seconds(self, at: datetime) -> int:
        """Return the whole seconds from the plan's start to an instant."""
        return int((at - self.starts_at).total_seconds())

    def instant(self, seconds: int) -> str:
        """Return the instant so many seconds after the plan's start, as it is kept in sheets."""
        return (self.starts_at + timedelta(seconds=seconds)).isoformat()


def speed_m_s(profile: str) -> float:
    """Return how fast somebody with such a vehicle is."""
    return next(one.speed_m_s for one in PROFILES if one.name == profile)
