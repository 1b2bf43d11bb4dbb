"""What a further unit of scarce stock is worth to the wave, and what no split can be cheaper than.

Lagrangian relaxation: stock, household limits and each basket's count of what it misses are given prices, under which
every line decides by itself for each set of shops its basket may come from. Prices rise where too much is asked
(subgradient steps). Source: Fisher 1981, The Lagrangian relaxation method for solving integer programming problems,
Management Science 27(1).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from dispatch.sharing import Layout
from dispatch.shortage import TENTH, TENTHS

Floats = NDArray[np.float64]
MOST_SETS = 200
# The guarantee list's shortage counts so many times more while prices are sought; the bound gives it back.
GUARANTEED = 10
# Steps from the prices of the wave without shops: few and short ones, for those are near (measured: 100 rounds come
# as far as the linear program with shops, in a tenth of its time).
ROUNDS = 100
AIM, PATIENCE, SLOWER = 0.01, 5, 0.7


@dataclass(frozen=True)
class ShadowPrices:
    """``unit_fen[wish, row]``: what a unit costs, its price on top. ``shops``: of each basket, where these send it.

    ``bound``: no split of this wave costs less in total.
    """

    unit_fen: dict[tuple[int, int], float]
    shops: list[set[str]]
    bound: int


def shadow_prices(layout: Layout, guaranteed: int, is_over: Callable[[], bool]) -> ShadowPrices:
    """Return the best prices of ROUNDS, or of fewer once ``is_over``.

    ``guaranteed``: the guarantee list's shortage, which no split counted by the bound exceeds.
    """
    found = _priced(layout, guaranteed, GUARANTEED, is_over)
    if guaranteed and not is_over():
        # What the linear program does not see of the list's shortage counts ten times, too: try without.
        found = replace(found, bound=max(found.bound, _priced(layout, guaranteed, 1, is_over).bound))
    return found


def _priced(layout: Layout, guaranteed: int, times: int, is_over: Callable[[], bool]) -> ShadowPrices:
    dual = _Dual(layout, times)
    prices, missing_fen = best_prices = dual.without_shops()
    best, pace, stale = -math.inf, 1.0, 0
    for _ in range(ROUNDS):
        value, over, over_missing = dual.value(prices, missing_fen)
        stale += 1
        if value > best:
            best, best_prices, stale = value, (prices, missing_fen), 0
        elif stale >= PATIENCE:
            pace, stale = pace * SLOWER, 0
        # At the border of zero, asking less than there is moves nothing.
        over = np.where((prices <= 0) & (over < 0), 0, over)
        if is_over():
            break
        length = float((over**2 * dual.scale).sum() + (over_missing**2 * dual.missing_scale).sum())
        if length < 1e-9:
            break
        step = pace * (best + AIM * abs(best) + 1 - value) / length
        prices = np.maximum(0, prices + step * dual.scale * over)
        missing_fen = np.clip(missing_fen + step * dual.missing_scale * over_missing, 0, dual.slopes[:, -1])
    bound = math.ceil(best - (times - 1) * guaranteed - 1e-9 * abs(best) - 1e-3)
    unit_fen = dual.fen + dual.uses.T @ best_prices[0]
    return ShadowPrices(
        dict(zip(dual.keys, unit_fen.tolist(), strict=True)), dual.shops_at(*best_prices), max(0, bound)
    )


class _Dual:
    """The wave as arrays: choices (one for each line and stock row), lines, baskets, sets of shops."""

    def __init__(self, layout: Layout, guaranteed_times: int) -> None:
        problem = layout.problem
        stock, weights = problem.stock, problem.weights
        shops = {shop: n for n, shop in enumerate(dict.fromkeys(row.shop for row in stock))}
        self.keys = [(w, c.row) for w, wish in enumerate(layout.wishes) for c in wish.choices]
        self.fen = np.array([c.fen for wish in layout.wishes for c in wish.choices], float)
        self.wish = np.array([w for w, _ in self.keys], int)
        self.names = list(shops)
        self.shop = np.array([shops[stock[row].shop] for _, row in self.keys], int)
        self.count, self.shops = len(layout.wishes), max(1, len(shops))
        products = {product: n for n, product in enumerate(dict.fromkeys(row.product for row in stock))}
        cheapest: dict[str, int] = {}
        for row in stock:
            cheapest[row.product] = min(row.price_fen, cheapest.get(row.product, row.price_fen))
        self.products, self.product_of = len(products), [products[row.product] for row in stock]
        self.row_fen = np.array([row.price_fen - cheapest[row.product] for row in stock], float)
        self.caps, self.caps_of = np.array(layout.caps(), float), layout.counted_by
        used = [(cap, n) for n, one in enumerate(self.keys) for cap in layout.counted_by(*one)]
        where = (np.array([c for c, _ in used], int), np.array([n for _, n in used], int))
        self.uses = csr_matrix((np.ones(len(used)), where), shape=(len(self.caps), len(self.keys)))
        self.quantity = np.array([wish.line.quantity for wish in layout.wishes], float)
        self.parts = np.array([wish.parts for wish in layout.wishes], float)
        self.basket = np.array([wish.basket for wish in layout.wishes], int)
        self.first = np.array([wishes[0] for wishes in layout.of_basket], int)
        self.whole = np.add.reduceat(self.parts * self.quantity, self.first)
        times = np.array(
            [guaranteed_times if basket.is_guaranteed else 1 for basket in problem.baskets], float
        )
        self.slopes: Floats = times[:, None] * weights.short_fen * np.arange(1.0, TENTHS + 1)[None, :]
        self.sets, self.set_fen = _sets(self.shops, weights.shop_fen)
        self.is_open = np.zeros((len(self.sets), self.shops), bool)
        for n, members in enumerate(self.sets):
            self.is_open[n, list(members)] = True
        # Each set is a smaller one and one more shop: its best row is found from that one's.
        numbers = {members: n for n, members in enumerate(self.sets)}
        self.grown = [
            (numbers.get(members[:-1]), members[-1] if len(members) == 1 or members[:-1] in numbers else None)
            for members in self.sets
        ]
        typical = weights.short_fen * float(self.parts.mean()) if self.count else 1.0
        self.scale = typical / np.maximum(1, self.caps)
        self.missing_scale = np.full(len(problem.baskets), weights.short_fen / TENTH)

    def without_shops(self) -> tuple[Floats, Floats]:
        """Return the prices of the linear program in which no shop costs anything to go to.

        There a unit of a product is the same to a line wherever it is from, so that lines ask for products, and
        products come from rows; caps on prices are passed over, for any prices make a bound.
        """
        rows, baskets = len(self.row_fen), len(self.first)
        fen, matrix = self._asked_products()
        most = [np.full(len(fen), np.inf), self.caps[:rows], np.full(baskets * TENTHS, TENTH)]
        found = linprog(
            np.concatenate([fen, self.row_fen, self.slopes.ravel()]),
            A_ub=matrix,
            b_ub=np.concatenate([np.zeros(self.products), self.quantity, -self.whole, self.caps[rows:]]),
            bounds=np.stack([np.zeros(matrix.shape[1]), np.concatenate(most)], axis=1),
            method="highs",
        )
        if not found.success:
            # Any prices make a bound; these make a poor one.
            return np.zeros(len(self.caps)), self.slopes[:, 0].copy()
        worth: Floats = np.maximum(0.0, -np.asarray(found.ineqlin.marginals, dtype=np.float64))
        ends = np.cumsum([self.products, self.count, baskets])
        of_products, _, missing, of_limits = np.split(worth, ends)
        of_rows = np.maximum(0, of_products[self.product_of] - self.row_fen)
        # Where nothing is missing any price below the first tenth's fits; the highest lets shops be worth their price.
        prices: Floats = np.concatenate([of_rows, of_limits])
        return prices, np.maximum(self.slopes[:, 0], missing)

    def _asked_products(self) -> tuple[Floats, csr_matrix]:
        """Return the least cost of each (line, product), and the program's matrix.

        Its columns: (line, product), stock rows, tenths of baskets; its rows: products, lines, baskets, limits.
        """
        rows, baskets = len(self.row_fen), len(self.first)
        number: dict[tuple[int, int], int] = {}
        fen: list[float] = []
        cells: list[tuple[int, int, float]] = []
        line, missing = self.products, self.products + self.count
        limit = missing + baskets - rows
        for (w, row), cost in zip(self.keys, self.fen.tolist(), strict=True):
            product = self.product_of[row]
            n = number.setdefault((w, product), len(number))
            if n < len(fen):
                fen[n] = min(fen[n], cost)
                continue
            fen.append(cost)
            cells += [(product, n, 1.0), (line + w, n, 1.0), (missing + self.basket[w], n, -self.parts[w])]
            cells += [(limit + cap, n, 1.0) for cap in self.caps_of(w, row) if cap >= rows]
        cells += [(product, len(fen) + row, -1.0) for row, product in enumerate(self.product_of)]
        first = len(fen) + rows
        cells += [(missing + n // TENTHS, first + n, -1.0) for n in range(baskets * TENTHS)]
        at, column, value = zip(*cells, strict=True)
        shape = (limit + len(self.caps), first + baskets * TENTHS)
        return np.array(fen, float), csr_matrix((np.array(value), (at, column)), shape=shape)

    def shops_at(self, prices: Floats, missing_fen: Floats) -> list[set[str]]:
        """Return the shops that each basket would go to."""
        taken = self.value_and_taken(prices, missing_fen)[1]
        found: list[set[str]] = [set() for _ in self.first]
        for n in np.flatnonzero(taken):
            found[self.basket[self.wish[n]]].add(self.names[self.shop[n]])
        return found

    def value(self, prices: Floats, missing_fen: Floats) -> tuple[float, Floats, Floats]:
        """Return the bound at these prices, and by how much stock, limits and missing shares are over."""
        value, taken = self.value_and_taken(prices, missing_fen)
        served = np.add.reduceat(self.parts * np.bincount(self.wish, taken, self.count), self.first)
        owed = (self.slopes < missing_fen[:, None]).sum(axis=1) * TENTH
        return value, self.uses @ taken - self.caps, self.whole - served - owed

    def value_and_taken(self, prices: Floats, missing_fen: Floats) -> tuple[float, Floats]:
        """Return the bound at these prices, and the units asked of each choice."""
        fen = self.fen + self.uses.T @ prices
        gain = self.quantity[self.wish] * np.maximum(
            0, (missing_fen[self.basket] * self.parts)[self.wish] - fen
        )
        table = np.zeros((self.shops, self.count))
        np.maximum.at(table, (self.shop, self.wish), gain)
        by_set = np.empty((len(self.sets), self.count))
        for n, (smaller, shop) in enumerate(self.grown):
            if smaller is None:
                by_set[n] = table[shop] if shop is not None else table.max(axis=0)
            else:
                np.maximum(by_set[smaller], table[shop], out=by_set[n])
        gains = np.add.reduceat(by_set, self.first, axis=1) - self.set_fen[:, None]
        # No shop at all is a choice too.
        saved = np.maximum(0, gains.max(axis=0))
        shared = np.maximum(0, missing_fen[:, None] - self.slopes).sum(axis=1) * TENTH
        value = float((missing_fen * self.whole - saved - shared).sum() - prices @ self.caps)
        return value, self._taken(gain, by_set, gains.argmax(axis=0), saved)

    def _taken(self, gain: Floats, by_set: Floats, chosen: NDArray[np.intp], saved: Floats) -> Floats:
        """Return how many units each choice is asked for: a line takes all from its best row in the chosen shops."""
        of_line = chosen[self.basket]
        best = by_set[of_line, np.arange(self.count)]
        is_best = (
            (gain > 0) & (saved[self.basket[self.wish]] > 0) & self.is_open[of_line[self.wish], self.shop]
        )
        numbers = np.flatnonzero(is_best & (gain >= best[self.wish]))
        _, firsts = np.unique(self.wish[numbers], return_index=True)
        taken = np.zeros(len(self.keys))
        taken[numbers[firsts]] = self.quantity[self.wish[numbers[firsts]]]
        return taken


def _sets(shops: int, shop_fen: int) -> tuple[list[tuple[int, ...]], Floats]:
    """Return sets of shops and their prices: the small ones, and all shops for the price of the next larger set.

    So many shops for so little are what makes a bound of it where there are too many sets to look at each.
    """
    found: list[tuple[int, ...]] = []
    prices: list[int] = []
    for size in range(1, shops + 1):
        if math.comb(shops, size) > MOST_SETS:
            return [*found, tuple(range(shops))], np.array([*prices, size * shop_fen], float)
        found += combinations(range(shops), size)
        prices += [size * shop_fen] * math.comb(shops, size)
    return found, np.array(prices, float)
