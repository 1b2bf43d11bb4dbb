"""Late is not never: a stop behind its due time is served and costs, the more the sooner it was to be served."""

from __future__ import annotations

from dispatch.problem import Stop, Weights
from dispatch.rules import promises
from dispatch.rules.promises import NO_DUE_S, broken_promise_s

# Whoever prices a start asks here for both that count: the due time and the promise.
__all__ = ["NAME", "NO_DUE_S", "REASON", "URGENCY", "broken_promise_s", "due", "dues", "late_s"]

NAME = "Lateness"
REASON = "Medicine an hour late is worse than rice an hour late, and both are better than nothing."

# Times the cost of a second, for priorities 0, 1 and all others.
URGENCY = (4, 2, 1)


def dues(stop: Stop, weights: Weights) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return (second, cost of each second behind it) of the due time and of the promise."""
    return due(stop, weights), promises.due(stop, weights)


def due(stop: Stop, weights: Weights) -> tuple[int, int]:
    """Return the due time and the cost of each second behind it."""
    urgency = URGENCY[min(stop.priority, len(URGENCY) - 1)]
    return (NO_DUE_S, 0) if stop.due_s is None else (max(0, stop.due_s), weights.late * urgency)


def late_s(stop: Stop, start_s: int, weights: Weights) -> int:
    """Return what starting at ``start_s`` costs by the due time."""
    at_s, cost = due(stop, weights)
    return max(0, start_s - at_s) * cost
