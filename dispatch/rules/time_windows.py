"""Service starts within one of the stop's windows; who comes early waits."""

from __future__ import annotations

from dispatch.problem import Stop

NAME = "Time windows"
REASON = "Somebody has to be at home and awake to open, and dialysis does not wait."


def earliest_start(stop: Stop, at_s: int) -> int | None:
    """Return the first instant from ``at_s`` on at which service may start, None if every window is over."""
    if not stop.windows:
        return at_s
    for start, end in sorted(stop.windows):
        if at_s <= end:
            return max(at_s, start)
    return None


def latest_start(stop: Stop, until_s: int) -> int | None:
    """Return the last instant up to ``until_s`` at which service may start, None if no window is open by then."""
    if not stop.windows:
        return until_s
    return max((min(end, until_s) for start, end in stop.windows if start <= until_s), default=None)
