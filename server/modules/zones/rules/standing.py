"""From rows to zones: which door stands in which level from when until when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from server.modules.zones.rules.dates import Run
from server.modules.zones.rules.resolving import STRICTEST_FIRST
from server.modules.zones.rules.structure import Level


@dataclass(frozen=True)
class Standing:
    """A row that counts: its doors, level and days."""

    doors: frozenset[UUID]
    level: Level
    run: Run | None


@dataclass(frozen=True)
class Span:
    """One door in one level, from an instant until another."""

    door: UUID
    level: Level
    from_at: datetime
    until_at: datetime


def spans(rows: Iterable[Standing], until_on: date, *, now: datetime, zone: ZoneInfo) -> list[Span]:
    """Return the zones that rows make; what overlaps or touches on one door and level is one.

    A row holds until its own last day, never longer than ``until_on``, and from its first day; from now where that has
    passed or is not said. Days are the compound's own: they end at its midnight.
    """
    pieces: dict[tuple[UUID, Level], list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows:
        last = min(row.run.until_on, until_on) if row.run and row.run.until_on else until_on
        first = _midnight(row.run.from_on, zone) if row.run and row.run.from_on else now
        from_at, until_at = max(first, now), _midnight(last + timedelta(days=1), zone)
        if from_at < until_at:
            for door in row.doors:
                pieces[door, row.level].append((from_at, until_at))
    return [
        Span(door, level, from_at, until_at)
        for (door, level), found in sorted(pieces.items(), key=lambda one: (str(one[0][0]), one[0][1]))
        for from_at, until_at in _joined(found)
    ]


def strictest(levels: Iterable[str]) -> Level:
    """Return the strictest of some levels."""
    return min((Level(level) for level in levels), key=STRICTEST_FIRST.index)


def today_in(zone: ZoneInfo, now: datetime) -> date:
    """Return the day that it is where the compound is."""
    return now.astimezone(zone).date()


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _joined(found: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for from_at, until_at in sorted(found):
        if joined and from_at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until_at))
        else:
            joined.append((from_at, until_at))
    return joined
