"""Units are handed out one at a time, each to the line whose basket it helps most for what it costs."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence

from dispatch.sharing import Layout, Split
from dispatch.shortage import short_fen

# On the guarantee list what is missing counts before anything else; prices only break ties.
FIRST = 10**12


class Hands:
    """What is left of everything while it is handed out."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.left = layout.caps()
        self.missing = [wish.line.quantity for wish in layout.wishes]
        self.lacks = layout.missing({})
        self.opened: list[set[str]] = [set() for _ in layout.problem.baskets]
        self._given: dict[tuple[int, int], int] = {}
        self._counted = {
            (number, choice.row): layout.counted_by(number, choice.row)
            for number, wish in enumerate(layout.wishes)
            for choice in wish.choices
        }

    def fits(self, wish: int, row: int, most: int) -> int:
        """Return how many units up to ``most`` the row and the household's limits let the wish have."""
        units = min(most, self.missing[wish])
        for cap in self._counted[wish, row]:
            units = min(units, self.left[cap])
        return units

    def give(self, wish: int, row: int, units: int) -> None:
        """Hand over what fits."""
        for cap in self._counted[wish, row]:
            self.left[cap] -= units
        one = self.layout.wishes[wish]
        self.missing[wish] -= units
        self.lacks[one.basket] -= units * one.parts
        self.opened[one.basket].add(self.layout.problem.stock[row].shop)
        self._given[wish, row] = self._given.get((wish, row), 0) + units

    def close_unused(self) -> None:
        """Forget shops that were opened for a basket that took nothing there."""
        self.opened = [set() for _ in self.opened]
        for wish, row in self._given:
            self.opened[self.layout.wishes[wish].basket].add(self.layout.problem.stock[row].shop)

    def split(self) -> dict[tuple[int, int], int]:
        """Return what was handed out."""
        return dict(self._given)


def hand_out(
    hands: Hands, baskets: Sequence[int], prices: Mapping[tuple[int, int], float] | None = None
) -> None:
    """Give to these baskets what helps them more than it costs.

    ``prices``: what a unit of a row costs a line, what it is worth to others included; else what the line pays over
    the cheapest.
    """
    wishes = [wish for basket in baskets for wish in hands.layout.of_basket[basket]]
    turn = [(-best[0], wish) for wish in wishes if (best := _best(hands, wish, prices))]
    heapq.heapify(turn)
    while turn:
        promised, wish = heapq.heappop(turn)
        best = _best(hands, wish, prices)
        if best is None:
            continue
        gain, row = best
        if gain >= -promised:
            hands.give(wish, row, 1)
            best = _best(hands, wish, prices)
        # Whose basket was given something since, or whose row is empty, gains less by more: back into the queue.
        if best is not None:
            heapq.heappush(turn, (-best[0], wish))


def split_at(
    layout: Layout,
    guaranteed: Split,
    prices: Mapping[tuple[int, int], float] | None = None,
    shops: Sequence[set[str]] | None = None,
) -> dict[tuple[int, int], int]:
    """Return a split at prices which say what a unit is worth to others, each basket at its ``shops`` if it can.

    ``guaranteed``: what the guarantee list gets before anything else is handed out.
    """
    hands = Hands(layout)
    for (wish, row), units in guaranteed.items():
        hands.give(wish, row, units)
    first, others = layout.turns()
    for number, there in enumerate(shops or []):
        hands.opened[number] |= there
    hand_out(hands, first, prices)
    hand_out(hands, others, prices)
    # What nobody found worth its price is still there for whoever lacks it.
    hands.close_unused()
    hand_out(hands, others)
    return hands.split()


def _best(
    hands: Hands, wish: int, prices: Mapping[tuple[int, int], float] | None
) -> tuple[float, int] | None:
    """Return what one more unit gains at the best row, and that row; None if it gains nothing."""
    layout = hands.layout
    one, weights = layout.wishes[wish], layout.problem.weights
    if not hands.missing[wish]:
        return None
    opened = hands.opened[one.basket]
    best: tuple[float, int] | None = None
    for choice in one.choices:
        if hands.fits(wish, choice.row, 1):
            fen = choice.fen if prices is None else prices[wish, choice.row]
            if layout.problem.stock[choice.row].shop not in opened:
                fen += weights.shop_fen
            if best is None or fen < best[0]:
                best = (fen, choice.row)
    if best is None:
        return None
    lack = hands.lacks[one.basket]
    relief = short_fen(lack, weights.short_fen) - short_fen(lack - one.parts, weights.short_fen)
    gain = relief * (FIRST if layout.basket(wish).is_guaranteed else 1) - best[0]
    return (gain, best[1]) if gain > 0 else None
