"""When a gate is open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from server.kit.errors import Refused

DAY_MIN = 24 * 60


def check_hours(hours: Sequence[Sequence[int]]) -> None:
    """Raise Refused unless the spans (from, until), minutes of the local day, follow each other without touching."""
    last = -1
    for span in hours:
        if len(span) != 2 or not last < span[0] < span[1] <= DAY_MIN:
            raise Refused("places.bad_hours", hours=[list(span) for span in hours])
        last = span[1]


def is_within(hours: Sequence[Sequence[int]], at: datetime, zone: ZoneInfo) -> bool:
    """Tell whether the gate's hours hold ``at``; no hours mean always."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return not hours or any(start <= minute < end for start, end in hours)
