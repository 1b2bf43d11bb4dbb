"""The sourcing problem laid out by number for those who solve it: what may serve each line, and what limits it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from dispatch.baskets import Basket, BasketLine, SourcingCost, SourcingProblem, Stock
from dispatch.shortage import parts_of_a_unit, short_fen
from dispatch.substitution import Choice, choices

# Units by (line number, stock row number).
Split = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Wish:
    """A line in its basket (by number), the millionths of it that a unit is, and what may serve it."""

    basket: int
    line: BasketLine
    parts: int
    choices: tuple[Choice, ...]


class Layout:
    """Everything by number."""

    def __init__(self, problem: SourcingProblem) -> None:
        self.problem = problem
        rows: dict[str, list[tuple[int, Stock]]] = defaultdict(list)
        for number, row in enumerate(problem.stock):
            rows[row.product].append((number, row))
        self.wishes: list[Wish] = []
        self.of_basket: list[list[int]] = []
        for number, basket in enumerate(problem.baskets):
            self.of_basket.append([])
            for line in basket.lines:
                products = (line.product, *(one.product for one in line.substitutes))
                found = choices(line, [one for product in products for one in rows[product]])
                self.of_basket[-1].append(len(self.wishes))
                self.wishes.append(Wish(number, line, parts_of_a_unit(basket, line), tuple(found)))
        self._limits: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, limit in enumerate(problem.limits, start=len(problem.stock)):
            for product in limit.products:
                self._limits[limit.household, product].append(number)

    def basket(self, wish: int) -> Basket:
        """Return the basket of a wish."""
        return self.problem.baskets[self.wishes[wish].basket]

    def turns(self) -> tuple[list[int], list[int]]:
        """Return the numbers of the baskets on the guarantee list, and of all others."""
        numbered = list(enumerate(self.problem.baskets))
        return (
            [number for number, basket in numbered if basket.is_guaranteed],
            [number for number, basket in numbered if not basket.is_guaranteed],
        )

    def caps(self) -> list[int]:
        """Return how much there is of everything that is shared: stock by row, then the households' limits."""
        return [row.on_hand for row in self.problem.stock] + [limit.most for limit in self.problem.limits]

    def counted_by(self, wish: int, row: int) -> list[int]:
        """Return the numbers of the ``caps`` that count what this wish gets from this row."""
        product = self.problem.stock[row].product
        return [row, *self._limits[self.basket(wish).household, product]]

    def there(self, wish: int) -> int:
        """Return the units in all shops together that may serve a wish."""
        return sum(self.problem.stock[choice.row].on_hand for choice in self.wishes[wish].choices)

    def missing(self, split: Split) -> list[int]:
        """Return the millionths that each basket misses."""
        missing = [
            sum(self.wishes[wish].parts * self.wishes[wish].line.quantity for wish in wishes)
            for wishes in self.of_basket
        ]
        for (wish, _), units in split.items():
            missing[self.wishes[wish].basket] -= units * self.wishes[wish].parts
        return missing

    def cost(self, split: Split) -> SourcingCost:
        """Return every part of what a split costs."""
        weights = self.problem.weights
        guaranteed = ordinary = dear = penalties = 0
        for basket, parts in zip(self.problem.baskets, self.missing(split), strict=True):
            fen = short_fen(parts, weights.short_fen)
            if basket.is_guaranteed:
                guaranteed += fen
            else:
                ordinary += fen
        for wish, one in enumerate(self.wishes):
            for choice in one.choices:
                units = split.get((wish, choice.row), 0)
                dear += units * choice.dear_fen
                penalties += units * choice.penalty_fen
        opened = {(self.wishes[wish].basket, self.problem.stock[row].shop) for wish, row in split}
        return SourcingCost(guaranteed, ordinary, len(opened) * weights.shop_fen, dear, penalties)
