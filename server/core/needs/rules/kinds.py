"""The kinds of need: whether goods are brought or somebody comes, which skill it takes, how long it takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from server.kit.errors import Refused


class NeedKind(StrEnum):
    GROCERIES = "groceries"
    MEDICINE = "medicine"
    MEDICAL_TRIP = "medical_trip"
    ELDER_HELP = "elder_help"
    CHILD_CARE = "child_care"
    PET_CARE = "pet_care"
    REPAIR = "repair"
    ERRAND = "errand"
    COMPANY = "company"
    OTHER = "other"


class Flow(StrEnum):
    """GOODS: a merchant packs, the gate shelves, a courier drops. SERVICE: a helper comes at a time."""

    GOODS = "goods"
    SERVICE = "service"


# The skill of core/helpers that a need of the kind demands; kinds that are missing here demand none.
SKILL_OF_KIND: dict[NeedKind, str] = {
    NeedKind.MEDICAL_TRIP: "escort",
    NeedKind.ELDER_HELP: "care",
    NeedKind.CHILD_CARE: "child_care",
    NeedKind.PET_CARE: "pets",
    NeedKind.REPAIR: "repair",
    NeedKind.COMPANY: "listening",
}

# What a visit takes at the door, as the community's own volunteers state it; a plan reserves this time.
SERVICE_S: dict[NeedKind, int] = {
    NeedKind.MEDICAL_TRIP: 40 * 60,
    NeedKind.ELDER_HELP: 20 * 60,
    NeedKind.CHILD_CARE: 30 * 60,
    NeedKind.PET_CARE: 20 * 60,
    NeedKind.REPAIR: 25 * 60,
    NeedKind.ERRAND: 10 * 60,
    NeedKind.COMPANY: 15 * 60,
    NeedKind.OTHER: 15 * 60,
}

USUAL_WINDOW = timedelta(hours=8)
LONGEST_AHEAD = timedelta(days=14)
MOST_LINES = 50


def flow_of(kind: NeedKind, *, has_items: bool) -> Flow:
    """Return how a need of the kind is served; an errand for listed goods is goods."""
    if kind in (NeedKind.GROCERIES, NeedKind.MEDICINE):
        return Flow.GOODS
    return Flow.GOODS if kind is NeedKind.ERRAND and has_items else Flow.SERVICE


def window_of(
    wanted_from: datetime | None, wanted_until: datetime | None, *, now: datetime
) -> tuple[datetime, datetime]:
    """Return when the need is wanted: what was said, else from now on for eight hours.

    Raises Refused for a window that ends before it starts, is over, or lies more than two weeks ahead.
    """
    start = wanted_from or now
    until = wanted_until or max(start, now) + USUAL_WINDOW
    if until <= start:
        raise Refused("needs.window_ends_before_it_starts")
    if until <= now:
        raise Refused("needs.window_is_over", until=until.isoformat())
    if start > now + LONGEST_AHEAD:
        raise Refused("needs.window_too_far", days=LONGEST_AHEAD.days)
    return start, until


def check_lines(kind: NeedKind, quantities: Iterable[int]) -> None:
    """Raise Refused unless there are between one line and fifty; services need none to be said."""
    count = len(list(quantities))
    if count == 0 and flow_of(kind, has_items=False) is Flow.GOODS:
        raise Refused("needs.no_lines")
    if count > MOST_LINES:
        raise Refused("needs.too_many_lines", most=MOST_LINES)
