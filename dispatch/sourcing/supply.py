"""What each line could get from where, and what an answer costs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from dispatch.sourcing.plan import Allocation, Short, SourcingCost
from dispatch.sourcing.problem import STEPS, Basket, Line, SourcingProblem, asked

Shelf = tuple[str, str]  # shop, product


@dataclass(frozen=True)
class Source:
    """A product at a shop that may be taken for a line; ``unit_fen``: its price and how much less welcome it is."""

    shelf: Shelf
    price_fen: int
    penalty_fen: int

    @property
    def unit_fen(self) -> int:
        return self.price_fen + self.penalty_fen


def sources(problem: SourcingProblem) -> dict[tuple[str, str], list[Source]]:
    """Return (basket, line) → where it could come from, the cheapest first."""
    at: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for one in problem.stock:
        if one.on_hand > 0:
            at[one.product].append((one.shop, one.price_fen))
    return {
        (basket.id, line.id): sorted(_of(line, at), key=lambda source: (source.unit_fen, source.shelf))
        for basket in problem.baskets
        for line in basket.lines
    }


def _of(line: Line, at: dict[str, list[tuple[str, int]]]) -> Iterable[Source]:
    for option in line.options:
        for shop, price_fen in at[option.product]:
            if line.most_fen is None or price_fen <= line.most_fen:
                yield Source((shop, option.product), price_fen, option.penalty_fen)


def steps(basket: Basket, missing_fen: int) -> list[tuple[int, int]]:
    """Return (units, fen each) of a basket's missing units: equal steps, each dearer than the one before."""
    units, found = asked(basket), []
    for step in range(STEPS):
        size = units * (step + 1) // STEPS - units * step // STEPS
        if size:
            found.append((size, missing_fen * (step + 1)))
    return found


def price_of_missing(basket: Basket, missing: int, missing_fen: int) -> int:
    """Return what it costs that so many units of a basket are missing."""
    cost = 0
    for size, fen in steps(basket, missing_fen):
        cost += min(size, missing) * fen
        missing -= min(size, missing)
    return cost


def cost_of(problem: SourcingProblem, allocations: Iterable[Allocation]) -> SourcingCost:
    """Return what an answer costs, part by part."""
    allocations = list(allocations)
    prices = {(one.shop, one.product): one.price_fen for one in problem.stock}
    penalties = {
        (basket.id, line.id, option.product): option.penalty_fen
        for basket in problem.baskets
        for line in basket.lines
        for option in line.options
    }
    got = Counter[str]()
    for one in allocations:
        got[one.basket] += one.quantity
    lacks = {
        basket: price_of_missing(basket, asked(basket) - got[basket.id], problem.missing_fen)
        for basket in problem.baskets
    }
    return SourcingCost(
        goods_fen=sum(prices[one.shop, one.product] * one.quantity for one in allocations),
        substitutes_fen=sum(
            penalties[one.basket, one.line, one.product] * one.quantity for one in allocations
        ),
        shops_fen=problem.shop_fen * len({(one.basket, one.shop) for one in allocations}),
        missing_fen=sum(fen for basket, fen in lacks.items() if not basket.is_guaranteed),
        guaranteed_fen=sum(fen for basket, fen in lacks.items() if basket.is_guaranteed),
    )


def shorts(problem: SourcingProblem, allocations: Iterable[Allocation]) -> tuple[Short, ...]:
    """Return what each line does not get, and why."""
    got, of_product = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in allocations:
        got[one.basket, one.line] += one.quantity
        of_product[one.basket, one.product] += one.quantity
    known, limits = sources(problem), {limit.product: limit.most for limit in problem.limits}
    stocked = {one.product for one in problem.stock if one.on_hand > 0}
    found = []
    for basket in problem.baskets:
        for line in basket.lines:
            missing = line.quantity - got[basket.id, line.id]
            if missing == 0:
                continue
            names = [option.product for option in line.options]
            facts: dict[str, object] = {"asked": line.quantity}
            if not stocked & set(names):
                reason = "no_shop_has_it"
            elif not known[basket.id, line.id]:
                reason, facts = "too_dear", {**facts, "most_fen": line.most_fen}
            elif all(of_product[basket.id, name] >= limits.get(name, line.quantity + 1) for name in names):
                reason = "household_limit"
            else:
                reason = "not_enough"
            found.append(Short(basket.id, line.id, missing, reason, facts))
    return tuple(found)
