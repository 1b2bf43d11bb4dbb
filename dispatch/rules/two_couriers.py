"""Where it takes two, two different couriers begin at the same second; one of them brings the goods."""

from __future__ import annotations

from dataclasses import replace

from dispatch.problem import Stop
from dispatch.rules.time_windows import earliest_start

NAME = "Two couriers"
REASON = "A wheelchair on the stairs takes two people at once, and one alone waits at the foot of them."


def needs_two(stop: Stop) -> bool:
    """Tell whether the stop takes two couriers."""
    return stop.people > 1


def two_hands(stop: Stop, parcel_s: int) -> Stop:
    """Return the stop as the second courier sees it: nothing to bring, and as long at the door."""
    return replace(
        stop, id=f"{stop.id} \N{MULTIPLICATION SIGN}2", load_g=0, volume_ml=0, parcels=0, cold_ml=0,
        kind="visit", shelf=None, only_vehicle=None, promised=None,
        service_s=stop.service_s + stop.parcels * parcel_s,
    )  # fmt: skip


def meeting_s(stop: Stop, one_s: int, other_s: int) -> int | None:
    """Return when both begin who alone would at these seconds, None if no window is open then."""
    return earliest_start(stop, max(one_s, other_s))
