"""What is picked up on the way is brought by the same courier, afterwards; every pickup has its one drop."""

from __future__ import annotations

from dispatch.problem import Stop

NAME = "Pickups before drops"
REASON = "Nobody can bring what they have not fetched yet, and what is fetched must not stay on the cart."


def is_of_pair(stop: Stop) -> bool:
    """Tell whether the stop is a pickup or its drop: its goods are not on board at the start of the trip."""
    return stop.kind == "pickup" or stop.goods_from is not None
