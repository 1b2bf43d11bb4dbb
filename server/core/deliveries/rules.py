"""Pure decisions: who may hold a parcel after whom, where it is put down, what proves it, what a failure means."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from server.kit.errors import Conflict, Refused


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
