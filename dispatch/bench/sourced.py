"""Sourcing 300 baskets of some eight lines from six shops that together have too little of every third product.

The greedy rule, basket by basket, is measured in the same run.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass

from dispatch.check.sourcing import check_sourcing
from dispatch.sourcing.choose import source_baskets
from dispatch.sourcing.greedy import NAME, source_greedily
from dispatch.sourcing.problem import Basket, HouseholdLimit, Line, Option, SourcingProblem, Stock
from dispatch.sourcing.supply import cost_of

BASKETS, LINES, SHOPS, PRODUCTS = 300, 8, 6, 60


@dataclass(frozen=True)
class Sourced:
    """``gap``: percent that the optimum could be below; None where nothing is proven. ``missing``: units."""

    solver: str
    limit_s: float
    seconds: float
    cost: int
    missing: int
    shops: float
    gap: float | None
    violations: int


def wave(baskets: int = BASKETS, seed: int = 1) -> SourcingProblem:
    """Return baskets and stock; the same for the same seed."""
    rng = random.Random(seed)
    products = [f"p{n}" for n in range(PRODUCTS)]
    wanted = []
    for n in range(baskets):
        chosen = rng.sample(range(PRODUCTS), rng.randint(LINES - 3, LINES + 3))
        lines = tuple(
            Line(f"l{i}", rng.choice((1, 1, 2, 3)), _options(rng, products, p)) for i, p in enumerate(chosen)
        )
        wanted.append(Basket(f"b{n}", lines, is_guaranteed=rng.random() < 0.1))
    need = {
        p: sum(li.quantity for b in wanted for li in b.lines if li.options[0].product == p) for p in products
    }
    stock = []
    for n, product in enumerate(products):
        price = rng.randrange(300, 6000)
        share = 0.7 if n % 3 == 0 else 1.6
        shops = rng.sample(range(SHOPS), rng.randint(2, 5))
        for shop in shops:
            on_hand = int(need[product] * share / len(shops))
            stock.append(Stock(f"s{shop}", product, on_hand, int(price * rng.uniform(0.9, 1.15))))
    return SourcingProblem(tuple(wanted), tuple(stock), (HouseholdLimit("p0", 2), HouseholdLimit("p3", 2)))


def _options(rng: random.Random, products: list[str], p: int) -> tuple[Option, ...]:
    other = (Option(products[(p + 1) % PRODUCTS], 300),) if rng.random() < 0.3 else ()
    return (Option(products[p]), *other)


def measure(limits: tuple[float, ...] = (2.0, 10.0), seed: int = 1, baskets: int = BASKETS) -> list[Sourced]:
    """Return a row for the greedy rule and one for each limit."""
    problem = wave(baskets, seed)
    began = time.perf_counter()
    simple = source_greedily(problem)
    took_s = time.perf_counter() - began
    asked = sum(line.quantity for basket in problem.baskets for line in basket.lines)
    got = sum(one.quantity for one in simple)
    shops = len({(one.basket, one.shop) for one in simple}) / len(problem.baskets)
    found = [
        Sourced(
            NAME, 0, round(took_s, 2), cost_of(problem, simple).total, asked - got, round(shops, 2), None, 0
        )
    ]
    for limit_s in limits:
        plan = source_baskets(problem, limit_s)
        shops = len({(one.basket, one.shop) for one in plan.allocations}) / len(problem.baskets)
        missing = sum(one.missing for one in plan.short)
        wrong = len(check_sourcing(problem, plan))
        gap = round(plan.gap_percent, 2)
        found.append(
            Sourced(plan.engine, limit_s, plan.seconds, plan.cost.total, missing, round(shops, 2), gap, wrong)
        )
    return found
