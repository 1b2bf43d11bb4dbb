"""Not everything can always be served.

A stop left out costs, and the first in the guarantee list cost most.
"""

from __future__ import annotations

from dispatch.problem import Stop, Weights


def price_of_leaving_out(stop: Stop, weights: Weights) -> int:
    """Return what leaving the stop out costs, in seconds."""
    return weights.unserved_s // (stop.priority + 1)
