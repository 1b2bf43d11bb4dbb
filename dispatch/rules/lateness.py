"""Late is not never: a stop behind its due time is served and costs, the more the sooner it was to be served.

A promised time is kept like one, behind a tolerance that nobody minds.
"""

from __future__ import annotations

from dispatch.problem import Stop, Weights

TOLERANCE_S = 600
NO_DUE_S = 1 << 40
# Times the cost of a second, for priorities 0, 1 and all others.
URGENCY = (4, 2, 1)


def dues(stop: Stop, weights: Weights) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (second, cost of each second behind it) of the due time and of the promise."""
    urgency = URGENCY[min(stop.priority, len(URGENCY) - 1)]
    due = (NO_DUE_S, 0) if stop.due_s is None else (max(0, stop.due_s), weights.late * urgency)
    if stop.promised is None:
        return due, (NO_DUE_S, 0)
    return due, (stop.promised.start_s + TOLERANCE_S, weights.later)


def late_s(stop: Stop, start_s: int, weights: Weights) -> int:
    """Return what starting at ``start_s`` costs by the due time."""
    at_s, cost = dues(stop, weights)[0]
    return max(0, start_s - at_s) * cost


def broken_promise_s(stop: Stop, vehicle: str, start_s: int, weights: Weights) -> int:
    """Return what it costs that this vehicle starts then: another than promised, or later."""
    if stop.promised is None:
        return 0
    at_s, cost = dues(stop, weights)[1]
    moved_s = 0 if stop.promised.vehicle == vehicle else weights.moved_s
    return moved_s + max(0, start_s - at_s) * cost
