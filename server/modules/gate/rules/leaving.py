"""Who may go out: the community's rules as data, and one function that weighs an exit against them.

Coming in is never weighed: it is admitted, recorded and flagged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from server.kit.errors import Refused

DAY_MIN = 24 * 60


class Direction(StrEnum):
    OUT = "out"
    IN = "in"


class Outcome(StrEnum):
    """``admit``: came in, as everybody may. ``override``: let out by somebody, whatever the rules say."""

    ALLOW = "allow"
    DENY = "deny"
    ADMIT = "admit"
    OVERRIDE = "override"


@dataclass(frozen=True)
class Reason:
    """Why not: a stable code and facts; never anything about health beyond what the guard measured."""

    code: str
    facts: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, **self.facts}


@dataclass(frozen=True)
class Quota:
    """A home may send somebody out ``most_exits`` times in ``per_days`` days, the day of the exit included."""

    most_exits: int
    per_days: int


@dataclass(frozen=True)
class Rules:
    """One version of a community's rules.

    ``hours``: spans of minutes of the local day in which people may leave; empty: always. ``gates``: where; empty:
    any. ``purposes``: for what; empty: any. ``exempt_purposes``: not bound by quota, hours and gates, and not
    counted. ``kinds``: which kinds of pass. ``refused_statuses``: kinds of flags that keep one in.
    ``approved_by_rule``: purposes whose applications need no hand. ``list_limit_min``: how old a scanner's list may be.
    """

    quota: Quota | None = None
    hours: tuple[tuple[int, int], ...] = ()
    gates: tuple[UUID, ...] = ()
    purposes: tuple[str, ...] = ()
    exempt_purposes: tuple[str, ...] = ("medical",)
    kinds: tuple[str, ...] = ("resident", "visitor", "vehicle", "goods")
    refused_statuses: tuple[str, ...] = ("red",)
    needs_reading: bool = False
    fever_tenths: int = 373
    approved_by_rule: tuple[str, ...] = ()
    longest_pass_h: int = 24 * 14
    list_limit_min: int = 30


@dataclass(frozen=True)
class Exit:
    """Somebody at a gate who wants out.

    ``at``: in the community's zone. ``earlier``: local days on which the home has sent somebody out, within quota.
    ``reading_tenths``: tenths of a degree Celsius, None if not measured.
    """

    at: datetime
    gate_id: UUID | None
    kind: str
    purpose: str
    statuses: frozenset[str] = frozenset()
    earlier: tuple[date, ...] = ()
    reading_tenths: int | None = None
    is_gate_open: bool = True
    was_measured: bool = False


def check_hours(hours: Sequence[tuple[int, int]]) -> None:
    """Raise Refused unless the spans follow each other within one day without touching."""
    last = -1
    for start, end in hours:
        if not last < start < end <= DAY_MIN:
            raise Refused("gate.bad_hours", hours=[list(span) for span in hours])
        last = end


def why_not(rules: Rules, leaving: Exit) -> tuple[Reason, ...]:
    """Return every reason against this exit; none: let them out."""
    found = [
        _status(rules, leaving),
        _kind(rules, leaving),
        _purpose(rules, leaving),
        _reading(rules, leaving),
    ]
    if not leaving.is_gate_open:
        found.append(Reason("gate_closed"))
    if leaving.purpose not in rules.exempt_purposes:
        found += [_gate(rules, leaving), _hours(rules, leaving), _quota(rules, leaving)]
    return tuple(reason for reason in found if reason is not None)


def outcome(direction: Direction, reasons: Sequence[Reason], *, is_override: bool) -> Outcome:
    """Return what happens: nobody is kept from home, and an emergency passes."""
    if direction is Direction.IN:
        return Outcome.ADMIT
    if is_override:
        return Outcome.OVERRIDE
    return Outcome.DENY if reasons else Outcome.ALLOW


def window_start(day: date, quota: Quota) -> date:
    """Return the first day that counts for an exit on ``day``."""
    return day - timedelta(days=quota.per_days - 1)


def is_over_quota(quota: Quota, day: date, exits: Iterable[date]) -> bool:
    """Tell whether the exits within the window that ends on ``day`` are more than there may be."""
    start = window_start(day, quota)
    return sum(start <= earlier <= day for earlier in exits) > quota.most_exits


def may_be_approved_by_rule(
    rules: Rules, kind: str, purpose: str, statuses: Iterable[str], hours: float
) -> bool:
    """Tell whether an application needs nobody's hand. ``hours``: how long the pass would hold."""
    return (
        purpose in rules.approved_by_rule
        and kind in rules.kinds
        and not set(statuses) & set(rules.refused_statuses)
        and hours <= rules.longest_pass_h
    )


def _status(rules: Rules, leaving: Exit) -> Reason | None:
    # One word for whatever keeps somebody in: the guard need not know which.
    return Reason("held") if leaving.statuses & set(rules.refused_statuses) else None


def _kind(rules: Rules, leaving: Exit) -> Reason | None:
    return None if leaving.kind in rules.kinds else Reason("kind", {"kind": leaving.kind})


def _purpose(rules: Rules, leaving: Exit) -> Reason | None:
    if not rules.purposes or leaving.purpose in (*rules.purposes, *rules.exempt_purposes):
        return None
    return Reason("purpose", {"purpose": leaving.purpose})


def _reading(rules: Rules, leaving: Exit) -> Reason | None:
    if leaving.reading_tenths is None:
        return Reason("reading_missing") if rules.needs_reading and not leaving.was_measured else None
    return Reason("reading_high") if leaving.reading_tenths >= rules.fever_tenths else None


def _gate(rules: Rules, leaving: Exit) -> Reason | None:
    return None if not rules.gates or leaving.gate_id in rules.gates else Reason("gate")


def _hours(rules: Rules, leaving: Exit) -> Reason | None:
    minute = leaving.at.hour * 60 + leaving.at.minute
    if not rules.hours or any(start <= minute < end for start, end in rules.hours):
        return None
    later = [start for start, _ in rules.hours if start > minute]
    day = leaving.at.replace(hour=0, minute=0, second=0, microsecond=0)
    next_at = (
        day + timedelta(minutes=later[0]) if later else day + timedelta(days=1, minutes=rules.hours[0][0])
    )
    return Reason("hours", {"next_at": next_at.isoformat()})


def _quota(rules: Rules, leaving: Exit) -> Reason | None:
    if rules.quota is None:
        return None
    today = leaving.at.date()
    counted = sorted(day for day in leaving.earlier if window_start(today, rules.quota) <= day <= today)
    if len(counted) < rules.quota.most_exits:
        return None
    # Free again once so many of the oldest have left the window that one more fits.
    oldest = counted[len(counted) - rules.quota.most_exits] if rules.quota.most_exits else today
    free_on = oldest + timedelta(days=rules.quota.per_days)
    return Reason("quota", {"next_on": free_on.isoformat()})
