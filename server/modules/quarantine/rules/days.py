"""Counting checks and tasks by the day on which the check was due, where the homes are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from server.modules.quarantine.rules.checks import CheckState
from server.modules.quarantine.rules.ladder import Rung


@dataclass(frozen=True)
class Day:
    """What became of one day's checks, and how far the missed ones climbed."""

    day: date
    done: int
    missed: int
    waiting: int
    reminders: int
    calls: int
    doors: int
    committee: int


def by_day(
    checks: Iterable[tuple[datetime, str, int]],
    tasks: Iterable[tuple[datetime, str, int]],
    *,
    first: date,
    last: date,
    zone: tzinfo,
) -> list[Day]:
    """Return every day from ``first`` to ``last``, also those without any.

    ``checks``: (due, state, how many); ``tasks``: (due time of their checks, rung, how many).
    """
    count: Counter[tuple[date, str]] = Counter()
    for due_at, what, number in (*checks, *tasks):
        count[due_at.astimezone(zone).date(), what] += number
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [
        Day(
            day=day,
            done=count[day, CheckState.DONE],
            missed=count[day, CheckState.MISSED],
            waiting=count[day, CheckState.DUE],
            reminders=count[day, Rung.REMINDER],
            calls=count[day, Rung.CALL],
            doors=count[day, Rung.DOOR],
            committee=count[day, Rung.COMMITTEE],
        )
        for day in days
    ]
