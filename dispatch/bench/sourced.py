"""Baskets of some eight lines over shops, a third of the products scarce, every tenth basket on the guarantee list.

``cost`` is what shortage, shops, dear prices and substitutes count; the gap is to the proven bound.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

from dispatch.baskets import Basket, BasketLine, Sourcing, SourcingProblem, Stock, Substitute
from dispatch.check.sourcing import check_sourcing
from dispatch.sourcing import source, source_greedily

BASKETS, SHOPS, PRODUCTS, LIMIT_S = 300, 6, 60, 2.0


@dataclass(frozen=True)
class Sourced:
    """One split. ``short``: lines; ``gap``: percent over the bound that the search proved."""

    solver: str
    seed: int
    baskets: int
    shops: int
    seconds: float
    cost: int
    gap: float
    shops_a_basket: float
    short: int
    least_percent: float
    violations: int


def measure(
    seeds: list[int], sizes: tuple[tuple[int, int, float], ...] = ((BASKETS, SHOPS, LIMIT_S), (500, 20, 5.0))
) -> list[Sourced]:
    """Return a row for the product's search and one for the rule of thumb, for each size and seed.

    ``sizes``: baskets, shops, seconds.
    """
    found = []
    for baskets, shops, limit_s in sizes:
        for seed in seeds:
            problem = market(baskets=baskets, shops=shops, seed=seed)
            searched = source(problem, seconds=limit_s)
            for split, name in ((searched, "linli"), (source_greedily(problem), "fullest shop")):
                found.append(_row(problem, split, name, seed, shops, searched.bound))
    return found


def market(*, baskets: int = BASKETS, shops: int = SHOPS, seed: int = 1) -> SourcingProblem:
    """Return a wave in which every shop lists three fifths of the products."""
    rng = random.Random(seed)
    wanted: Counter[int] = Counter()
    asked = []
    for number in range(baskets):
        lines = []
        for product in rng.sample(range(PRODUCTS), rng.randint(5, 11)):
            other, penalty, quantity = rng.randrange(PRODUCTS), rng.randint(100, 600), rng.randint(1, 3)
            may_swap = rng.random() < 0.25 and other != product
            substitutes = (Substitute(f"p{other}", penalty),) if may_swap else ()
            lines.append(BasketLine(f"p{product}", f"p{product}", quantity, substitutes=substitutes))
            wanted[product] += quantity
        asked.append(Basket(f"b{number}", f"h{number}", tuple(lines), is_guaranteed=rng.random() < 0.1))
    stock = []
    for product in range(PRODUCTS):
        price = rng.randint(200, 4000)
        where = [shop for shop in range(shops) if rng.random() < 0.6] or [rng.randrange(shops)]
        share = rng.uniform(0.5, 0.95) if rng.random() < 1 / 3 else rng.uniform(1.2, 3)
        parts = [rng.random() for _ in where]
        for shop, part in zip(where, parts, strict=True):
            on_hand = int(wanted[product] * share * part / sum(parts))
            stock.append(Stock(f"s{shop}", f"p{product}", on_hand, int(price * rng.uniform(0.9, 1.25))))
    return SourcingProblem(tuple(asked), tuple(stock))


def _row(problem: SourcingProblem, split: Sourcing, name: str, seed: int, shops: int, bound: int) -> Sourced:
    opened = len({(one.basket, one.shop) for one in split.allocations})
    return Sourced(
        solver=name,
        seed=seed,
        baskets=len(problem.baskets),
        shops=shops,
        seconds=split.seconds,
        cost=split.cost.total,
        gap=100 * (split.cost.total / max(1, bound) - 1),
        shops_a_basket=opened / len(problem.baskets),
        short=len(split.short),
        least_percent=split.least_parts / 10_000,
        violations=len(check_sourcing(problem, split)),
    )
