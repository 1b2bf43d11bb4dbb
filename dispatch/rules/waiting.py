"""Every second that goods lie on a shelf before their home is called costs a little."""

from __future__ import annotations

from collections.abc import Iterable

from dispatch.plan import Call, Route
from dispatch.problem import Problem, Weights

NAME = "Waiting on the shelf"
REASON = "Milk gets warm on a shelf, and bags that lie there long are taken by mistake."


def price_s(put_down_s: int, called_s: int, weights: Weights) -> int:
    """Return what it costs that goods put down then are called for from ``called_s`` on."""
    return (called_s - put_down_s) * weights.wait_percent // 100


def waits_s(problem: Problem, routes: Iterable[Route], calls: Iterable[Call]) -> int:
    """Return the price of the seconds that goods lie on shelves before their home is called."""
    called = {call.stop: call.from_s for call in calls}
    return sum(
        price_s(visit.depart_s, called[visit.stop], problem.weights)
        for route in routes
        for visit in route.visits
        if visit.stop in called and visit.carries
    )
