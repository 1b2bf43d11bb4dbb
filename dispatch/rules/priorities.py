"""Not everything can always be served.

A stop left out costs, and the first in the guarantee list cost most.
"""

from __future__ import annotations

from dispatch.problem import Stop, Weights
from dispatch.rules.model import RoutingModel


def price_of_leaving_out(stop: Stop, weights: Weights) -> int:
    """Return what leaving the stop out costs, in seconds."""
    return weights.unserved_s // (stop.priority + 1)


def apply(model: RoutingModel) -> None:
    """Make every stop optional at its price; without this a tight fleet has no first solution."""
    for index, stop in enumerate(model.problem.stops):
        price = price_of_leaving_out(stop, model.problem.weights)
        model.routing.AddDisjunction([model.stop_index(index)], price)
