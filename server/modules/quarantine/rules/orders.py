"""The life of an order of isolation, and who may do what to it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from server.kit.errors import Conflict, Refused


class OrderKind(StrEnum):
    """Why somebody stays at home."""

    CONTACT = "contact"
    CONFIRMED = "confirmed"
    SUSPECTED = "suspected"
    ARRIVAL = "arrival"
    AREA = "area"


class OrderState(StrEnum):
    ACTIVE = "active"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"


class OrderStep(StrEnum):
    EXTEND = "extend"
    RELEASE = "release"
    WITHDRAW = "withdraw"


# ``withdraw``: it should never have been made. Nothing else ends an order, and no clock does.
STEPS: dict[tuple[OrderState, OrderStep], OrderState] = {
    (OrderState.ACTIVE, OrderStep.EXTEND): OrderState.ACTIVE,
    (OrderState.ACTIVE, OrderStep.RELEASE): OrderState.RELEASED,
    (OrderState.ACTIVE, OrderStep.WITHDRAW): OrderState.WITHDRAWN,
}
LONGEST = timedelta(days=60)
SHORTEST = timedelta(hours=1)
# Fewer days of food or medicine than this, and a need is opened for the home.
FEW_DAYS = 3
MOST_BULK = 2000


def after(state: OrderState, step: OrderStep) -> OrderState:
    """Return the state that ``step`` leads to. Raises Conflict("quarantine.not_now") if it leads nowhere."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise Conflict("quarantine.not_now", state=state, step=step) from None


def check_period(from_at: datetime, until_at: datetime, *, now: datetime) -> None:
    """Raise Refused for an order without a sensible end: no isolation is open-ended."""
    if until_at - from_at < SHORTEST or until_at <= now:
        raise Refused("quarantine.bad_period")
    if until_at - from_at > LONGEST:
        raise Refused("quarantine.too_long", most_days=LONGEST.days)


def check_ground(text: str) -> str:
    """Return the ground without blanks around it. Raises Refused if there is none."""
    if not text.strip():
        raise Refused("quarantine.ground_missing")
    return text.strip()


def day_number(started_at: datetime, now: datetime, zone: ZoneInfo) -> int:
    """Return which day of isolation it is where the home is: the day it began is day 1, before it 0."""
    return max(0, (_day(now, zone) - _day(started_at, zone)).days + 1)


def is_overdue(state: OrderState, until_at: datetime, now: datetime) -> bool:
    """Tell whether the order's time is over and nobody has decided yet."""
    return state is OrderState.ACTIVE and now >= until_at


def _day(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()
