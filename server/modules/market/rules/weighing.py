"""Goods sold by weight: what a line costs once it was weighed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from server.kit.errors import Refused

MOST_TOLERANCE_PERCENT = 30
USUAL_TOLERANCE_PERCENT = 10


class WeighedLine(Protocol):
    """A line of an order, as far as weighing goes. ``unit_g``: None for goods by the piece."""

    id: UUID
    unit_g: int | None
    picked_g: int | None


def check_weighable(tolerance_percent: int | None, weight_g: int) -> None:
    """Raise Refused("market.unit_weighs_nothing") for goods sold by weight of which one weighs nothing."""
    if tolerance_percent is not None and weight_g <= 0:
        raise Refused("market.unit_weighs_nothing")


def most_fen(price_fen: int, quantity: int, tolerance_percent: int | None) -> int:
    """Return the most that a line may cost; ``tolerance_percent`` None for goods that are not weighed."""
    return price_fen * quantity * (100 + (tolerance_percent or 0)) // 100


def settled_fen(price_fen: int, unit_g: int, picked_g: int, *, at_most: int) -> int:
    """Return what ``picked_g`` grams cost where ``unit_g`` grams cost ``price_fen``, half a fen rounded up.

    Raises Refused("market.too_heavy") if that is above ``at_most``: more was picked than the home agreed to pay for.
    """
    fen = (2 * price_fen * picked_g + unit_g) // (2 * unit_g)
    if fen > at_most:
        # The heaviest that still costs no more: the inverse of the rounding above.
        raise Refused("market.too_heavy", most_g=((2 * at_most + 1) * unit_g - 1) // (2 * price_fen))
    return fen


def check_weighed(lines: Iterable[WeighedLine]) -> None:
    """Raise Refused("market.weigh_first") if a line sold by weight has no weight yet: nobody knows what it costs."""
    missing = [str(line.id) for line in lines if line.unit_g is not None and line.picked_g is None]
    if missing:
        raise Refused("market.weigh_first", lines=missing)
