"""Baskets split over shops under shared scarce stock: the guarantee list first, then shared shortage, few shops, price.

One model for the wave. A small wave is solved whole by OR-Tools' CP-SAT. In a large one the same model is eased first:
shadow prices of what is scarce (``shadow_prices.py``) bound what any split costs, and everybody served at them makes
a split close to that bound; then CP-SAT solves the model for a few baskets at a time that want the same things, while
all others keep what they have. Source: Shaw 1998, Using constraint programming and local search methods, CP'98.
"""

from __future__ import annotations

import random
import time
from collections import defaultdict
from dataclasses import dataclass, replace

from dispatch.basket_model import BasketModel, Effort
from dispatch.baskets import PARTS, Allocation, Sourcing, SourcingCost, SourcingProblem
from dispatch.engines import fullest_shop
from dispatch.engines.handing_out import split_at
from dispatch.shadow_prices import shadow_prices
from dispatch.sharing import Layout
from dispatch.shortage import short_fen
from dispatch.shortfalls import shortfalls

PRICED, SOLVED = "shadow_prices", "cp_sat"
# A wave of so many choices (a line, a shop's row) is solved whole; of so many, a part of a larger one.
WHOLE, PART = 1_500, 120
# Deterministic time of a part: it is solved to its end nearly always.
PART_EFFORT = 0.05
# Of the time, at most, for what the guarantee list must get.
GUARANTEED_SHARE = 0.25
# Of what is left then, at most, for solving the wave whole.
WHOLE_SHARE = 0.5
# Kept of the time for writing down what was found.
LAST_SHARE = 0.05
# Parts that brought nothing, one after another, as often as there are baskets: enough.
ENOUGH = 1.0


@dataclass(frozen=True)
class _Split:
    """Units by line and stock row, what they cost, and who found them."""

    units: dict[tuple[int, int], int]
    cost: SourcingCost
    engine: str

    @property
    def rank(self) -> tuple[int, int]:
        return self.cost.guaranteed_fen, self.cost.total


def source(
    problem: SourcingProblem, *, seconds: float = 2.0, effort: float | None = None, seed: int = 1
) -> Sourcing:
    """Split all baskets as well as the time allows, and tell the optimum proven or how far it may be.

    ``effort``: so much of CP-SAT's deterministic time instead of ``seconds`` of wall time: the same problem, effort
    and seed then have the same split. What cannot be had is in ``short`` with a reason, never an exception.
    Raises ValueError for a time that is not positive.
    """
    for limit in (seconds, effort):
        if limit is not None and not 0 < limit < float("inf"):
            raise ValueError(f"sourcing needs a positive time limit, not {limit}")
    return _Search(problem, seconds, effort, seed).run()


def source_greedily(problem: SourcingProblem) -> Sourcing:
    """Split all baskets by the rule of thumb: nothing is proven, and the bound is what nobody could help missing."""
    began = time.perf_counter()
    layout = Layout(problem)
    split = _greedy(layout)
    bound = sum(_unavoidable_fen(layout, basket) for basket in range(len(problem.baskets)))
    return _sourcing(layout, split, bound, split.cost.total == bound, began)


class _Search:
    def __init__(self, problem: SourcingProblem, seconds: float, effort: float | None, seed: int) -> None:
        self.began = time.perf_counter()
        self.layout = Layout(problem)
        self.seconds, self.effort, self.seed = seconds, effort, seed
        self.spent = 0.0
        self.best = _greedy(self.layout)
        self.bound = 0
        self.kept: set[int] = set()

    def run(self) -> Sourcing:
        layout = self.layout
        if not layout.wishes:
            return _sourcing(layout, self.best, 0, True, self.began)
        guaranteed, is_first_proven = self._serve_guaranteed()
        self._price(guaranteed)
        if not is_first_proven:
            # The guarantee list keeps what it was handed first: a better split for others could take it away.
            self.kept = set(layout.turns()[0])
        elif len(self._choices(range(len(layout.of_basket)))) <= WHOLE:
            self._solve_whole()
        self._solve_parts()
        self.bound = min(self.bound, self.best.cost.total)
        is_optimal = is_first_proven and self.best.cost.total == self.bound
        return _sourcing(layout, self.best, self.bound, is_optimal, self.began)

    def _serve_guaranteed(self) -> tuple[int, bool]:
        """Return the least that the guarantee list must miss, in fen, and whether that is proven."""
        first, _ = self.layout.turns()
        least = sum(_unavoidable_fen(self.layout, basket) for basket in first)
        if self.best.cost.guaranteed_fen > least:
            own = {
                one: n
                for one, n in self.best.units.items()
                if self.layout.wishes[one[0]].basket in set(first)
            }
            found = BasketModel(self.layout, first, own, has_shops=False).cheapest_guaranteed(
                self._effort(GUARANTEED_SHARE)
            )
            self.spent += found.spent
            least = max(least, found.bound)
            if found.split is not None:
                self._keep(split_at(self.layout, found.split), SOLVED)
        return self.best.cost.guaranteed_fen, self.best.cost.guaranteed_fen == least

    def _price(self, guaranteed: int) -> None:
        """Find the bound, and the split at its prices."""
        first = set(self.layout.turns()[0])
        prices = shadow_prices(self.layout, guaranteed, self._is_over)
        self.bound = prices.bound
        own = {one: n for one, n in self.best.units.items() if self.layout.wishes[one[0]].basket in first}
        # Freely first, so that the guarantee list too goes to few shops; if it gets less so, with what it has.
        for start in ({}, own):
            priced = split_at(self.layout, start, prices.unit_fen, prices.shops)
            self._keep(priced, PRICED)
            if self._is_over() or self.layout.cost(priced).guaranteed_fen <= guaranteed:
                return

    def _solve_whole(self) -> None:
        model = BasketModel(self.layout, range(len(self.layout.of_basket)), self.best.units)
        found = model.cheapest(self.best.cost.guaranteed_fen, self._effort(WHOLE_SHARE))
        self.spent += found.spent
        if found.split is not None:
            self.bound = max(self.bound, found.bound)
            # A solver that only says that the split at hand is the best has decided, too.
            self._keep(found.split, SOLVED, is_as_good_enough=found.is_optimal)

    def _solve_parts(self) -> None:
        baskets, rng = len(self.layout.of_basket) - len(self.kept), random.Random(self.seed)
        wanting = self._wanting()
        idle = 0
        while idle < ENOUGH * baskets and self.best.cost.total > self.bound and not self._is_over():
            part = self._part(rng, wanting)
            model = BasketModel(self.layout, part, self.best.units)
            kept = self.layout.missing(self.best.units)
            guaranteed = sum(
                short_fen(kept[one], self.layout.problem.weights.short_fen)
                for one in part
                if self.layout.problem.baskets[one].is_guaranteed
            )
            effort = self._effort()
            found = model.cheapest(
                guaranteed,
                replace(effort, deterministic=min(effort.deterministic, PART_EFFORT), is_thorough=False),
            )
            # Reading a part counts too, or a wave whose parts solve at once would never be over.
            self.spent += max(found.spent, PART_EFFORT / 50)
            idle += 1
            if found.split is not None and self._keep(found.split, SOLVED):
                idle = 0

    def _wanting(self) -> dict[int, list[int]]:
        """Return which baskets could take from each row that not all of them can have."""
        wanting: dict[int, list[int]] = defaultdict(list)
        asked: dict[int, int] = defaultdict(int)
        for wish in self.layout.wishes:
            for choice in wish.choices:
                wanting[choice.row].append(wish.basket)
                asked[choice.row] += wish.line.quantity
        stock = self.layout.problem.stock
        return {row: among for row, among in wanting.items() if asked[row] > stock[row].on_hand}

    def _part(self, rng: random.Random, wanting: dict[int, list[int]]) -> list[int]:
        """Return some baskets: any one, and others that could take what it could take."""
        free = [one for one in range(len(self.layout.of_basket)) if one not in self.kept]
        part = [rng.choice(free)]
        rows = sorted({row for _, row in self._choices(part)} & wanting.keys())
        others = [one for row in rows for one in wanting[row] if one not in {part[0], *self.kept}]
        size = len(self._choices(part))
        while others and size < PART:
            one = rng.choice(others)
            others = [other for other in others if other != one]
            part.append(one)
            size += len(self._choices([one]))
        return part

    def _choices(self, baskets: range | list[int]) -> list[tuple[int, int]]:
        layout = self.layout
        return [
            (wish, choice.row)
            for basket in baskets
            for wish in layout.of_basket[basket]
            for choice in layout.wishes[wish].choices
        ]

    def _keep(
        self, units: dict[tuple[int, int], int], engine: str, *, is_as_good_enough: bool = False
    ) -> bool:
        """Keep a split if it is better than the best so far. Returns whether it is."""
        new = _Split(units, self.layout.cost(units), engine)
        is_better = new.rank < self.best.rank
        if is_better or (is_as_good_enough and new.rank == self.best.rank):
            self.best = new
        return is_better

    def _effort(self, share: float = 1.0) -> Effort:
        """Return what is left to spend."""
        if self.effort is not None:
            return Effort(max(1e-9, share * (self.effort - self.spent)), None, self.seed)
        left_s = (1 - LAST_SHARE) * self.seconds - (time.perf_counter() - self.began)
        return Effort(float("inf"), share * left_s, self.seed)

    def _is_over(self) -> bool:
        if self.effort is not None:
            return self.spent >= self.effort
        return time.perf_counter() - self.began >= (1 - LAST_SHARE) * self.seconds


def _greedy(layout: Layout) -> _Split:
    units = fullest_shop.split_greedily(layout)
    return _Split(units, layout.cost(units), fullest_shop.NAME)


def _unavoidable_fen(layout: Layout, basket: int) -> int:
    """Return the shortage of a basket that had all the shops for itself."""
    missing = sum(
        wish.parts * max(0, wish.line.quantity - layout.there(number))
        for number, wish in ((number, layout.wishes[number]) for number in layout.of_basket[basket])
    )
    return short_fen(missing, layout.problem.weights.short_fen)


def _sourcing(layout: Layout, split: _Split, bound: int, is_optimal: bool, began: float) -> Sourcing:
    problem = layout.problem
    allocations = tuple(
        Allocation(
            layout.basket(wish).id,
            layout.wishes[wish].line.id,
            problem.stock[row].shop,
            problem.stock[row].product,
            units,
        )
        for (wish, row), units in sorted(split.units.items())
    )
    return Sourcing(
        allocations,
        shortfalls(layout, split.units),
        split.cost,
        bound,
        is_optimal,
        split.engine,
        round(time.perf_counter() - began, 3),
        PARTS - max(layout.missing(split.units), default=0),
    )
