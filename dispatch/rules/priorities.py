"""Not everything can always be served.

A stop left out costs, and the first in the guarantee list cost most.
"""

from __future__ import annotations

from dispatch.problem import Stop, Weights

NAME = "Guarantee list"
REASON = (
    "On a day when not everybody can be served, who goes first is decided by the list on the wall and not "
    "by who lives near."
)


def price_of_leaving_out(stop: Stop, weights: Weights) -> int:
    """Return what leaving the stop out costs, in seconds."""
    return weights.unserved_s // (stop.priority + 1)
