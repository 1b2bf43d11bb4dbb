"""When a flag holds, and what it needs to be raised."""

from __future__ import annotations

from datetime import datetime

from server.kit.errors import Refused

RED = "red"
KINDS = (RED,)


def check_flag(
    kind: str, ground: str, from_at: datetime, until_at: datetime | None, *, now: datetime
) -> None:
    """Raise Refused for an unknown kind, a flag without a ground, or one that is over before it begins."""
    if kind not in KINDS:
        raise Refused("flags.unknown_kind", kind=kind[:40])
    if not ground.strip():
        raise Refused("flags.ground_missing")
    if until_at is not None and (until_at <= from_at or until_at <= now):
        raise Refused("flags.bad_period")


def holds(from_at: datetime, until_at: datetime | None, ended_at: datetime | None, *, at: datetime) -> bool:
    """Tell whether a flag holds at an instant."""
    if at < from_at or (until_at is not None and at >= until_at):
        return False
    return ended_at is None or at < ended_at
