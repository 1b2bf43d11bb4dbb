"""Pure decisions: who may hold a parcel after whom, where it is put down, what proves it, what a failure means."""

from __future__ import annotations

import math
import secrets
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TypeVar
from uuid import UUID

from server.kit.errors import Conflict, Refused

Key = TypeVar("Key", bound=Hashable)


class Custodian(StrEnum):
    MERCHANT = "merchant"
    GATE = "gate"
    COURIER = "courier"
    DROP_POINT = "drop_point"
    HOUSEHOLD = "household"


class Spot(StrEnum):
    """Where goods are put down: the entrance's shared shelf, or before the home's own door."""

    SHELF = "shelf"
    DOOR = "door"


class Failure(StrEnum):
    BAD_ADDRESS = "bad_address"
    NOT_HOME = "not_home"
    NOT_WANTED = "not_wanted"
    NOT_READY = "not_ready"
    TOO_FAR = "too_far"
    LANE_BLOCKED = "lane_blocked"


# Failures at the door: whoever reports one was there.
AT_THE_DOOR = frozenset({Failure.BAD_ADDRESS, Failure.NOT_HOME, Failure.NOT_WANTED, Failure.NOT_READY})

# From whom a parcel goes to whom. Undo is the way back from a drop point; what was not delivered returns to the gate.
HANDOVERS: frozenset[tuple[Custodian, Custodian]] = frozenset(
    {
        (Custodian.MERCHANT, Custodian.GATE),
        (Custodian.GATE, Custodian.COURIER),
        (Custodian.COURIER, Custodian.DROP_POINT),
        (Custodian.DROP_POINT, Custodian.COURIER),
        (Custodian.COURIER, Custodian.GATE),
        (Custodian.DROP_POINT, Custodian.HOUSEHOLD),
    }
)

CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
UNDO_WITHIN = timedelta(seconds=10)
# A phone without signal sends later; what counts is how long the courier had on the device.
CLOCKS_MAY_DIFFER = timedelta(minutes=10)
# A cart that was at a home under isolation is cleaned before it is used again.
DISINFECTION = timedelta(minutes=15)
# A plan that waits longer for its release tells wrong times: it is made anew.
PLAN_KEEPS = timedelta(minutes=30)
PHOTOS_KEPT = timedelta(days=30)
FLOOR_S = 25
SHELF_S = 15
# How long the homes that are called to a shelf together have for fetching.
CALL_INTERVAL_S = 600
AT_DOOR_S = 20
HANDLING_S, PARCEL_S = 40, 10
PRIORITY_DUE_S = 1800
# So long back work counts that a fair share spreads; it is kept no longer than that.
FAIR_WITHIN = timedelta(days=7)
# An equal share and a fifth more costs nothing yet: ways are only guessed before they are planned.
FAIR_SLACK = 1.2
# What a day brings to the gates comes within so many hours, morning and late afternoon.
BUSY_HOURS = 6
USUAL_DAYS = 2
# Scans and drops of so many days say how many go out and how much comes in.
COUNTED_DAYS = 7
# Fewer on record say nothing yet about who comes from where: a community has just begun.
ENOUGH_COUNTED = 50
# One person in twenty seconds, code, temperature and all.
PEOPLE_PER_HOUR = 180


def check_handover(giver: Custodian, taker: Custodian) -> None:
    """Raise Conflict unless a parcel may go from ``giver`` to ``taker``."""
    if (giver, taker) not in HANDOVERS:
        raise Conflict("deliveries.wrong_custodian", holder=giver, to=taker)


def new_parcel_code() -> str:
    """Return six letters, as printed on the bag."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(6))


def new_door_code() -> str:
    """Return four digits that the home tells the courier."""
    return f"{secrets.randbelow(10_000):04d}"


@dataclass(frozen=True)
class Delivery:
    """What has to be brought to one home."""

    home: object
    entrance: object
    building: object
    parcels: int
    shelf_parcels: int
    is_red: bool


def spots(deliveries: Iterable[Delivery], red_buildings: frozenset[object]) -> dict[object, Spot]:
    """Return where each home's goods are put down.

    At the door: homes under isolation, everyone in a building with such a home, and whatever finds no room on the
    entrance's shelf. Otherwise on the shelf.
    """
    room: dict[object, int] = {}
    found: dict[object, Spot] = {}
    for delivery in deliveries:
        left = room.setdefault(delivery.entrance, delivery.shelf_parcels)
        if delivery.is_red or delivery.building in red_buildings or delivery.parcels > left:
            found[delivery.home] = Spot.DOOR
        else:
            found[delivery.home] = Spot.SHELF
            room[delivery.entrance] = left - delivery.parcels
    return found


def called_anew(called_at: datetime, put_down_at: datetime) -> datetime:
    """Return when a home is called whose goods come at another time: as told, or whole intervals later."""
    late_s = (put_down_at - called_at).total_seconds()
    intervals = max(0, -int(-late_s // CALL_INTERVAL_S))
    return called_at + timedelta(seconds=intervals * CALL_INTERVAL_S)


def door_s(spot: Spot, floor: int) -> int:
    """Return the seconds from the lane to the spot and back: stairs at 25 s a floor both ways (no lift assumed)."""
    return SHELF_S if spot is Spot.SHELF else AT_DOOR_S + max(0, floor - 1) * FLOOR_S


def service_s(parcels: int) -> int:
    """Return the seconds to sort out and put down that many parcels."""
    return HANDLING_S + PARCEL_S * parcels


def window_s(wanted_from: datetime, wanted_until: datetime, *, start: datetime) -> tuple[int, int] | None:
    """Return when a stop is wanted in seconds after ``start``; None once that is over: late is better than never."""
    until = int((wanted_until - start).total_seconds())
    if until <= 0:
        return None
    return max(0, int((wanted_from - start).total_seconds())), until


def needs_proof(kinds: Iterable[str]) -> bool:
    """Tell whether a drop has to be proved by a photo or the home's code: medicine has to."""
    return "medicine" in set(kinds)


def check_proof(must_prove: bool, kind: str | None, code: str | None, door_code: str) -> None:
    """Raise Refused for a missing proof or a wrong code."""
    if kind == "code" and not secrets.compare_digest((code or "").encode(), door_code.encode()):
        raise Refused("deliveries.wrong_door_code")
    if must_prove and kind not in ("code", "photo"):
        raise Refused("deliveries.proof_missing")


def check_undo(
    done_at: datetime, device_done_at: datetime | None, *, now: datetime, device_now: datetime | None
) -> None:
    """Raise Conflict once ten seconds have passed since the step, on the device if both times are known."""
    passed = now - done_at
    if device_done_at is not None and device_now is not None:
        passed = device_now - device_done_at
    if passed > UNDO_WITHIN:
        raise Conflict("deliveries.undo_too_late", seconds=int(UNDO_WITHIN.total_seconds()))


def sensible_device_time(device_at: datetime | None, *, now: datetime) -> datetime | None:
    """Return the device's time, None if it lies in the future by more than clocks differ."""
    return None if device_at is None or device_at > now + CLOCKS_MAY_DIFFER else device_at


def failure_of(reason: str) -> Failure:
    """Return how a stop fails that no plan can serve any more, by the plan's reason."""
    return Failure.LANE_BLOCKED if reason == "unreachable" else Failure.TOO_FAR


def delay_s(planned: Mapping[UUID, datetime], done: Mapping[UUID, datetime]) -> int:
    """Return how far a route is behind its plan by the last stop done; never less than nothing."""
    if not done:
        return 0
    last = max(done, key=lambda stop: done[stop])
    return max(0, int((done[last] - planned[last]).total_seconds()))


def way_m(points: Sequence[Sequence[float]]) -> float:
    """Return how long a drawn way is."""
    return sum(math.dist(a, b) for a, b in pairwise(points))


@dataclass(frozen=True)
class Reached:
    """A stop at whose door the courier stood: the way there, and the seconds at the halt, on foot and at the door."""

    way_m: float
    at_door_s: int


def effort_s(reached: Iterable[Reached], way_home_m: float, speed_m_s: float) -> int:
    """Return a round's work, on the way and at doors; none for who reached nobody. Waiting and resting are no work."""
    stops = list(reached)
    if not stops:
        return 0
    ways_m = sum(stop.way_m for stop in stops) + way_home_m
    return round(ways_m / speed_m_s) + sum(stop.at_door_s for stop in stops)


def expected_way_m(spots: Sequence[tuple[float, float]], gate: tuple[float, float], couriers: int) -> float:
    """Return about how far all couriers together go: from the gate to their spots and back, and from spot to spot.

    Source: Beardwood, Halton & Hammersley 1959 (0.7124 √(n · area) for a tour through n spots); Daganzo 1984 for the
    ways to and fro. Lanes are about 1.3 times as long as the straight line.
    """
    if not spots:
        return 0.0
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    area = (max(xs) - min(xs)) * (max(ys) - min(ys))
    out = sum(math.dist(gate, spot) for spot in spots) / len(spots)
    return 1.3 * (2 * out * min(couriers, len(spots)) + 0.7124 * math.sqrt(len(spots) * area))


def fair_level_s(before_s: Sequence[int], work_s: float) -> int:
    """Return up to how much everybody works if ``work_s`` more goes first to who has done least: water in a basin."""
    level, filled = 0.0, 0
    for amount in sorted(before_s):
        # So much fits below the next one's mark.
        if filled and (amount - level) * filled >= work_s:
            break
        work_s -= (amount - level) * filled
        level, filled = float(amount), filled + 1
    return math.ceil(level + work_s / filled) if filled else 0


def shared_out(counts: Mapping[Key, float], total: int) -> dict[Key, int]:
    """Return whole numbers in proportion to the counts that add up to ``total``: the largest remainders go up."""
    whole = sum(counts.values())
    if whole <= 0:
        return dict.fromkeys(counts, 0)
    exact = {key: total * count / whole for key, count in counts.items()}
    found = {key: math.floor(share) for key, share in exact.items()}
    rest = sorted(exact, key=lambda key: (found[key] - exact[key], str(key)))
    for key in rest[: total - sum(found.values())]:
        found[key] += 1
    return found


def an_hour(counted: int, days: float, homes: int) -> int:
    """Return how many go or come in one of the busy hours: as counted in so many days, or as a compound usually has.

    Where nothing was counted, every home has one in two days.
    """
    a_day = counted / days if counted else homes / USUAL_DAYS
    return math.ceil(a_day / BUSY_HOURS)
