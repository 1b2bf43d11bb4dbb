"""When a flag holds, and what it needs to be raised."""

from __future__ import annotations

from datetime import datetime, timedelta

from server.kit.errors import Refused

RED = "red"
KINDS = (RED,)
# No restriction without an end: what is not renewed by somebody is over by itself.
USUAL = timedelta(days=14)
LONGEST = timedelta(days=60)


def check_flag(kind: str, ground: str, from_at: datetime, until_at: datetime, *, now: datetime) -> None:
    """Raise Refused for an unknown kind, a flag without a ground, one that is over before it begins, or too long."""
    if kind not in KINDS:
        raise Refused("flags.unknown_kind", kind=kind[:40])
    if not ground.strip():
        raise Refused("flags.ground_missing")
    if until_at <= from_at or until_at <= now:
        raise Refused("flags.bad_period")
    if until_at - from_at > LONGEST:
        raise Refused("flags.too_long", most_days=LONGEST.days)


def holds(from_at: datetime, until_at: datetime | None, ended_at: datetime | None, *, at: datetime) -> bool:
    """Tell whether a flag holds at an instant."""
    if at < from_at or (until_at is not None and at >= until_at):
        return False
    return ended_at is None or at < ended_at
