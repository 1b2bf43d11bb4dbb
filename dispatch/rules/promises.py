"""A promise is kept if it can be: another courier than promised costs, and so does a later time.

Behind the promised time there is a tolerance that nobody minds.
"""

from __future__ import annotations

from dispatch.problem import Stop, Weights

NAME = "Promises"
REASON = (
    "A home that was told who comes and when waits for that person at that time, and believes no second "
    "promise if the first was broken."
)

TOLERANCE_S = 600
NO_DUE_S = 1 << 40


def due(stop: Stop, weights: Weights) -> tuple[int, int]:
    """Return the second up to which the promise is kept, and the cost of each second behind it."""
    if stop.promised is None:
        return NO_DUE_S, 0
    return stop.promised.start_s + TOLERANCE_S, weights.later


def broken_promise_s(stop: Stop, vehicle: str, start_s: int, weights: Weights) -> int:
    """Return what it costs that this vehicle starts then: another than promised, or later."""
    if stop.promised is None:
        return 0
    at_s, cost = due(stop, weights)
    moved_s = 0 if stop.promised.vehicle == vehicle else weights.moved_s
    return moved_s + max(0, start_s - at_s) * cost
