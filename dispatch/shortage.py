"""What is scarce is shared: each further tenth that a basket misses costs more than the one before.

All lines of a basket weigh the same, whatever they cost and however many units they are of.
"""

from __future__ import annotations

from dispatch.baskets import PARTS, Basket, BasketLine

TENTHS = 10
TENTH = PARTS // TENTHS


def parts_of_a_unit(basket: Basket, line: BasketLine) -> int:
    """Return the millionths of the basket that one unit of the line is, rounded down."""
    return PARTS // (len(basket.lines) * line.quantity)


def short_fen(missing: int, weight: int) -> int:
    """Return the cost of ``missing`` millionths: within the n-th tenth each costs n times the weight."""
    tenths, rest = divmod(missing, TENTH)
    return weight * (TENTH * tenths * (tenths + 1) // 2 + (tenths + 1) * rest)
