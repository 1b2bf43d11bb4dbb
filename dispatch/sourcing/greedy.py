"""Basket by basket, the shop first that gives most of what is still wanted: a start, and what stands in."""

from __future__ import annotations

from collections import Counter

from dispatch.sourcing.plan import Allocation
from dispatch.sourcing.problem import Basket, SourcingProblem, asked
from dispatch.sourcing.supply import Shelf, Source, sources

NAME = "greedy"


def source_greedily(problem: SourcingProblem) -> list[Allocation]:
    """Return allocations: the committee's list first, then the smallest baskets."""
    left = {(one.shop, one.product): one.on_hand for one in problem.stock}
    known = sources(problem)
    found: list[Allocation] = []
    for basket in sorted(problem.baskets, key=lambda one: (not one.is_guaranteed, asked(one), one.id)):
        found += _Filling(problem, basket, known, left).fill()
    return found


class _Filling:
    def __init__(
        self,
        problem: SourcingProblem,
        basket: Basket,
        known: dict[tuple[str, str], list[Source]],
        left: dict[Shelf, int],
    ) -> None:
        self.basket, self.left = basket, left
        self.known = {line.id: known[basket.id, line.id] for line in basket.lines}
        self.wanted = {line.id: line.quantity for line in basket.lines}
        self.may = {limit.product: limit.most for limit in problem.limits}

    def fill(self) -> list[Allocation]:
        """Take what the left shelves give."""
        found: list[Allocation] = []
        shops = {source.shelf[0] for one in self.known.values() for source in one}
        while shops:
            offers = {shop: self._from(shop) for shop in shops}
            best = max(sorted(shops), key=lambda shop: sum(one.quantity for one in offers[shop]))
            if not offers[best]:
                break
            for one in offers[best]:
                self.left[one.shop, one.product] -= one.quantity
                self.wanted[one.line] -= one.quantity
                if one.product in self.may:
                    self.may[one.product] -= one.quantity
            found += offers[best]
            shops.discard(best)
        return found

    def _from(self, shop: str) -> list[Allocation]:
        taken = Counter[str]()
        found = []
        for line in self.basket.lines:
            wanted = self.wanted[line.id]
            for source in self.known[line.id]:
                product = source.shelf[1]
                if source.shelf[0] != shop or wanted == 0:
                    continue
                most = min(wanted, self.left[source.shelf] - taken[product])
                most = min(most, self.may.get(product, most + taken[product]) - taken[product])
                if most > 0:
                    found.append(Allocation(self.basket.id, line.id, shop, product, most))
                    taken[product] += most
                    wanted -= most
        return found
