"""What may be said of a lane, and where carts may stand."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from server.kit.errors import Refused

WIDEST_CM, NARROWEST_CM = 6000, 30
STAND_ON_CM = 300  # a lane at least this wide has room beside a standing cart
STAND_APART_M = 35.0


@dataclass(frozen=True)
class Junction:
    """A node as a place to stand: where it is, its lanes' number, and whether all are fire lanes wide enough."""

    node: Any
    x_m: float
    y_m: float
    lanes: int
    has_wide_fire_lane: bool


def check_width(width_cm: int) -> None:
    """Raise Refused for a width no lane can have."""
    if not NARROWEST_CM <= width_cm <= WIDEST_CM:
        raise Refused("places.bad_width", width_cm=width_cm, least=NARROWEST_CM, most=WIDEST_CM)


def check_closing(reason: str, until: datetime | None, *, now: datetime) -> None:
    """Raise Refused for a closing without a reason, or one that is over already."""
    if not reason.strip():
        raise Refused("places.reason_missing")
    if until is not None and until <= now:
        raise Refused("places.until_is_past")


def propose_standing_points(
    junctions: Iterable[Junction], by_hand: Iterable[tuple[float, float]] = ()
) -> list[Any]:
    """Return the nodes where carts may stand: on wide fire lanes, not closer than 35 m to each other or to those set
    ``by_hand``.

    A cart at a crossing is in the way: a place where three lanes meet is taken only if none other is within 70 m.
    """
    able = [j for j in junctions if j.has_wide_fire_lane]
    taken = list(by_hand)
    chosen = []
    for junction in sorted(able, key=lambda j: (j.lanes > 2, j.x_m, j.y_m)):
        apart = STAND_APART_M if junction.lanes <= 2 else 2 * STAND_APART_M
        here = (junction.x_m, junction.y_m)
        if all(math.dist(here, other) >= apart for other in taken):
            taken.append(here)
            chosen.append(junction.node)
    return chosen
