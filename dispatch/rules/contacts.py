"""Every pair of homes called to one shelf at one time costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from dispatch.plan import Call
from dispatch.problem import Problem, Weights

NAME = "Contacts"
REASON = (
    "Neighbours who fetch their bags at the same minute stand together, and that is how an infection goes "
    "from door to door."
)


def price_of_one_more(homes: int, weights: Weights) -> int:
    """Return what it costs to call one more home where so many are called already: it meets each of them."""
    return homes * weights.contact_s


def contacts_s(problem: Problem, calls: Iterable[Call]) -> int:
    """Return the price of the pairs of homes that are called to one shelf at one time."""
    shelf_of = {stop.id: stop.shelf for stop in problem.stops}
    together = Counter((shelf_of[call.stop], call.from_s) for call in calls)
    return sum(homes * (homes - 1) // 2 for homes in together.values()) * problem.weights.contact_s
