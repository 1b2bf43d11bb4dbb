"""Who is served first, and how long each step of a need may take before somebody further up is told."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from server.core.needs.rules.kinds import NeedKind
from server.core.needs.rules.lifecycle import State

# 0 is served first. The committee's guarantee list, then homes in quarantine, then everyone else.
GUARANTEED, QUARANTINED, EVERYONE = 0, 1, 2
PRIORITIES = range(3)
URGENT_KINDS = frozenset({NeedKind.MEDICINE, NeedKind.MEDICAL_TRIP})


class Level(StrEnum):
    """Who looks after a need; it escalates from left to right: grid, committee, street, district."""

    GRID = "grid"
    COMMITTEE = "committee"
    STREET = "street"
    DISTRICT = "district"


LEVELS = tuple(Level)

# From the committees' service promises: look within the hour, owner within two, goods at the gate the same
# day.
ALLOWED: dict[State, timedelta] = {
    State.SUBMITTED: timedelta(minutes=30),
    State.NEEDS_INFO: timedelta(hours=4),
    State.ON_HOLD: timedelta(hours=24),
    State.TRIAGED: timedelta(hours=1),
    State.OFFERED: timedelta(minutes=30),
    State.PARTIAL: timedelta(hours=1),
    State.ACCEPTED: timedelta(hours=2),
    State.SOURCING: timedelta(hours=6),
    State.SCHEDULED: timedelta(hours=12),
    State.AT_GATE: timedelta(hours=6),
    State.BATCHED: timedelta(hours=3),
    State.UNREACHABLE: timedelta(hours=2),
    State.DISPUTED: timedelta(hours=24),
}
UNCONFIRMED = timedelta(hours=24)
DISPUTABLE = timedelta(hours=24)
URGENT_SHARE = 2
OFFER_TO_HELPER = timedelta(minutes=10)
OFFER_TO_SHOP = timedelta(minutes=20)


def priority_of(kind: NeedKind, *, guarantee_tier: int | None, is_red: bool) -> int:
    """Return 0, 1 or 2; 0 is served first.

    ``guarantee_tier``: None for a home that is not on the guarantee list.
    """
    if guarantee_tier is not None or kind is NeedKind.MEDICAL_TRIP:
        return GUARANTEED
    return QUARANTINED if is_red or kind is NeedKind.MEDICINE else EVERYONE


def deadline_of(state: State, kind: NeedKind, *, since: datetime, wanted_from: datetime) -> datetime | None:
    """Return by when the need must have left ``state``; None once nothing is due any more.

    Urgent kinds have half the time. A visit for a later day is not late before that day: waiting states count
    from the wanted time where that is later.
    """
    if state in (State.DROPPED, State.VISITED):
        return since + UNCONFIRMED
    if state is State.CONFIRMED:
        return since + DISPUTABLE
    allowed = ALLOWED.get(state)
    if allowed is None:
        return None
    if kind in URGENT_KINDS:
        allowed /= URGENT_SHARE
    begins = max(since, wanted_from) if state in (State.SCHEDULED, State.ON_HOLD) else since
    return begins + allowed


def level_above(level: Level) -> Level:
    """Return the next level up; the district has none above it."""
    return LEVELS[min(LEVELS.index(level) + 1, len(LEVELS) - 1)]


def offer_ends(now: datetime, kind: NeedKind, *, is_shop: bool) -> datetime:
    """Return when an offer made now goes to somebody else."""
    lasts = OFFER_TO_SHOP if is_shop else OFFER_TO_HELPER
    return now + (lasts / URGENT_SHARE if kind in URGENT_KINDS else lasts)
