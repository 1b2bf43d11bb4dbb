"""Each courier who goes out costs, however short the way."""

from __future__ import annotations

from dispatch.problem import Weights

NAME = "Setting out"
REASON = (
    "Everyone who goes out has to dress, be checked at the gate and come back clean, and could have "
    "rested instead."
)


def price_s(is_out: bool, weights: Weights) -> int:
    """Return what it costs to send somebody to one more stop by their going out: nothing if they are out anyway."""
    return 0 if is_out else weights.vehicle_s
