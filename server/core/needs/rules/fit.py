"""Who could serve a need, and how well: the cost that matching adds up, and the reason where it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

# All costs are seconds of somebody's time, so that they can be added.
WALK_M_PER_S = 1.2
SAME_ENTRANCE_S = -180
SAME_BUILDING_S = -90
FOREIGN_LANGUAGE_S = 600
# Nobody carries everything: each hour worked lately weighs like two minutes of walking.
HOUR_WORKED_S = 120
# What each need in hand adds to the next one; the assignment counts it as it fills a helper up.
ALREADY_HOLDS_S = 300
PER_VISIT = timedelta(minutes=25)
MOST_AT_ONCE = 8
FARTHEST_M = 3_000


@dataclass(frozen=True)
class Spot:
    """A door: where it is in metres, and of which entrance and building."""

    entrance_id: UUID
    building_id: UUID | None
    x_m: float
    y_m: float


@dataclass(frozen=True)
class Wanted:
    """A need as matching sees it. ``tried``: helpers and shops that had said no or let their offer expire."""

    need_id: UUID
    skill: str | None
    language: str | None
    spot: Spot
    priority: int
    wanted_from: datetime
    wanted_until: datetime
    service_s: int
    tried: frozenset[UUID] = frozenset()


@dataclass(frozen=True)
class Able:
    """A helper as matching sees it. ``holds``: needs offered or accepted and not done yet."""

    helper_id: UUID
    skills: frozenset[str]
    languages: frozenset[str]
    spot: Spot | None
    windows: tuple[tuple[datetime, datetime], ...]
    holds: int
    hours_lately: float


@dataclass(frozen=True)
class Shop:
    """A shop as matching sees it. ``serves``: need → number of lines it does not have (0: all of it)."""

    supplier: str
    ref: UUID
    label: str
    distance_m: int
    orders_left: int
    serves: dict[UUID, int] = field(default_factory=dict)


def capacity_left(helper: Able, *, now: datetime) -> int:
    """Return how many more visits fit into the helper's shifts.

    One for each 25 minutes left, at most eight at once.
    """
    left = sum((until - max(start, now) for start, until in helper.windows if until > now), timedelta())
    return max(0, min(MOST_AT_ONCE, left // PER_VISIT) - helper.holds)


def misfit(wanted: Wanted, helper: Able) -> str | None:
    """Return why the helper cannot serve the need, or None if they can."""
    if wanted.skill is not None and wanted.skill not in helper.skills:
        return "no_skill"
    if helper.helper_id in wanted.tried:
        return "said_no"
    if not _shift_fits(wanted, helper):
        return "no_shift_then"
    if helper.spot is not None and distance_m(wanted.spot, helper.spot) > FARTHEST_M:
        return "too_far"
    return None


def cost_s(wanted: Wanted, helper: Able) -> int:
    """Return the cost of the pair in seconds, at least 0.

    Walk, language, hours worked; neighbours are cheaper.
    """
    cost = 0.0
    if helper.spot is not None:
        cost += distance_m(wanted.spot, helper.spot) / WALK_M_PER_S
        if helper.spot.entrance_id == wanted.spot.entrance_id:
            cost += SAME_ENTRANCE_S
        elif helper.spot.building_id is not None and helper.spot.building_id == wanted.spot.building_id:
            cost += SAME_BUILDING_S
    if wanted.language is not None and wanted.language not in helper.languages:
        cost += FOREIGN_LANGUAGE_S
    cost += HOUR_WORKED_S * helper.hours_lately
    return max(0, round(cost - SAME_ENTRANCE_S))


def shop_cost_s(missing: int, distance_to_gate_m: int) -> int:
    """Return the cost of a shop for a basket: the way to the gate, and an hour for each line it lacks."""
    return round(distance_to_gate_m / WALK_M_PER_S) + 3600 * missing


def distance_m(a: Spot, b: Spot) -> float:
    """Return the distance along a grid of lanes (Manhattan): nearer the truth here than the crow's."""
    return abs(a.x_m - b.x_m) + abs(a.y_m - b.y_m)


def _shift_fits(wanted: Wanted, helper: Able) -> bool:
    needed = timedelta(seconds=wanted.service_s)
    return any(
        min(until, wanted.wanted_until) - max(start, wanted.wanted_from) >= needed
        for start, until in helper.windows
    )
