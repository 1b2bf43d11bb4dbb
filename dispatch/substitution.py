"""What may be put into a basket for a line: the product itself or a listed substitute, at no more than its price cap.

Nothing else, ever: a household that lists no substitute gets none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatch.baskets import BasketLine, Stock


@dataclass(frozen=True)
class Choice:
    """A stock row (by its number) that may serve a line; what a unit costs over the cheapest, and as a substitute."""

    row: int
    dear_fen: int
    penalty_fen: int

    @property
    def fen(self) -> int:
        """Return both together."""
        return self.dear_fen + self.penalty_fen


def choices(line: BasketLine, rows: Sequence[tuple[int, Stock]]) -> list[Choice]:
    """Return what may serve the line, of the numbered ``rows`` of its product and substitutes.

    Prices are compared with the cheapest allowed one of the product asked for, or of all that is allowed where no shop
    has that; a substitute for less is no gain, so that nobody is given another product to save money.
    """
    caps = {line.product: (line.max_price_fen, 0)}
    for one in line.substitutes:
        cap = line.max_price_fen if one.max_price_fen is None else one.max_price_fen
        caps[one.product] = (cap, one.penalty_fen)
    allowed = [
        (number, row)
        for number, row in rows
        if row.product in caps and _is_within(row.price_fen, caps[row.product][0])
    ]
    asked = [row.price_fen for _, row in allowed if row.product == line.product]
    cheapest = min(asked or [row.price_fen for _, row in allowed], default=0)
    return [Choice(number, max(0, row.price_fen - cheapest), caps[row.product][1]) for number, row in allowed]


def _is_within(price_fen: int, cap: int | None) -> bool:
    return cap is None or price_fen <= cap
