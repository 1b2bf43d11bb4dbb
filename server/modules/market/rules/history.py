"""What an item cost and how much of it there was, day by day. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

LONGEST_DAYS = 90


class Cause(StrEnum):
    """Why there is another number now. GONE: the shelf turned out to be empty."""

    STOCKED = "stocked"
    COUNTED = "counted"
    PRICED = "priced"
    PACKED = "packed"
    GONE = "gone"
    IMPORTED = "imported"


@dataclass(frozen=True)
class Known:
    """What was known from ``at`` on."""

    at: datetime
    price_fen: int
    on_hand: int


@dataclass(frozen=True)
class StockDay:
    """One day of the shop's zone: at its end, and the least there was of it in between."""

    day: date
    on_hand: int
    low: int
    price_fen: int


def by_day(known: Sequence[Known], zone: ZoneInfo, first: date, today: date) -> list[StockDay]:
    """Return the days from ``first`` to ``today``; none before the first thing known.

    ``known``: oldest first, with the last one from before ``first`` if there is any.
    """
    days: list[StockDay] = []
    last: Known | None = None
    at = 0
    day = first
    while day <= today:
        lows = [] if last is None else [last.on_hand]
        while at < len(known) and known[at].at.astimezone(zone).date() <= day:
            last = known[at]
            if last.at.astimezone(zone).date() < first:
                lows = []
            lows.append(last.on_hand)
            at += 1
        if last is not None:
            days.append(StockDay(day, last.on_hand, min(lows), last.price_fen))
        day += timedelta(days=1)
    return days
