"""The independent checker of a split of baskets: it counts units, caps and limits and adds up every cost anew."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field, fields
from typing import Any

from dispatch.baskets import Allocation, Basket, BasketLine, Sourcing, SourcingCost, SourcingProblem

WHOLE = 1_000_000
TENTH = WHOLE // 10


@dataclass(frozen=True)
class SourcingViolation:
    """One thing that is wrong: a stable code, where, and figures."""

    code: str
    basket: str | None = None
    line: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def check_sourcing(problem: SourcingProblem, sourcing: Sourcing) -> list[SourcingViolation]:
    """Return everything that is wrong with a split; an empty list if it can be packed as it is."""
    check = _Check(problem, sourcing)
    if check.names_are_known():
        check.stock()
        check.lines()
        check.limits()
        check.guaranteed_first()
    if not check.found:
        check.cost()
    return check.found


class _Check:
    def __init__(self, problem: SourcingProblem, sourcing: Sourcing) -> None:
        self.problem, self.sourcing = problem, sourcing
        self.found: list[SourcingViolation] = []
        self.baskets = {basket.id: basket for basket in problem.baskets}
        self.asked = {(basket.id, line.id): line for basket in problem.baskets for line in basket.lines}
        self.rows = {(row.shop, row.product): row for row in problem.stock}
        self.got: Counter[tuple[str, str]] = Counter()
        for one in sourcing.allocations:
            self.got[one.basket, one.line] += one.quantity

    def say(self, code: str, basket: str | None = None, line: str | None = None, **facts: Any) -> None:
        """Note a violation."""
        self.found.append(SourcingViolation(code, basket, line, facts))

    def names_are_known(self) -> bool:
        """Check that every allocation is of a line, from a shop that lists the product, and a whole number above 0."""
        seen: set[tuple[str, str, str, str]] = set()
        for one in self.sourcing.allocations:
            key = (one.basket, one.line, one.shop, one.product)
            if (one.basket, one.line) not in self.asked:
                self.say("unknown_line", one.basket, one.line)
            elif (one.shop, one.product) not in self.rows:
                self.say("unknown_stock", one.basket, one.line, shop=one.shop, product=one.product)
            elif type(one.quantity) is not int or one.quantity <= 0:
                self.say("no_quantity", one.basket, one.line, quantity=one.quantity)
            elif key in seen:
                self.say("allocation_twice", one.basket, one.line, shop=one.shop, product=one.product)
            seen.add(key)
        for short in self.sourcing.short:
            if (short.basket, short.line) not in self.asked:
                self.say("unknown_line", short.basket, short.line)
        return not self.found

    def stock(self) -> None:
        """Nothing is sold that is not there."""
        sold: Counter[tuple[str, str]] = Counter()
        for one in self.sourcing.allocations:
            sold[one.shop, one.product] += one.quantity
        for (shop, product), units in sold.items():
            if units > self.rows[shop, product].on_hand:
                self.say("oversold", shop=shop, product=product, units=units)

    def lines(self) -> None:
        """Each line has allowed products, no more than it asks for, and is accounted for."""
        for one in self.sourcing.allocations:
            line = self.asked[one.basket, one.line]
            if one.product not in _caps(line):
                self.say("not_allowed", one.basket, one.line, product=one.product)
            elif not self._is_affordable(line, one.shop, one.product):
                self.say("too_dear", one.basket, one.line, shop=one.shop, product=one.product)
        said: Counter[tuple[str, str]] = Counter()
        for short in self.sourcing.short:
            said[short.basket, short.line] += short.missing
            if not short.reason:
                self.say("short_without_reason", short.basket, short.line)
        for (basket, name), line in self.asked.items():
            got = self.got[basket, name]
            if got > line.quantity:
                self.say("more_than_asked", basket, name, units=got)
            elif line.quantity - got != said[basket, name]:
                self.say("not_accounted_for", basket, name, missing=line.quantity - got)

    def limits(self) -> None:
        """No household has more of anything than it may."""
        had: dict[str, Counter[str]] = defaultdict(Counter)
        for one in self.sourcing.allocations:
            had[self.baskets[one.basket].household][one.product] += one.quantity
        for limit in self.problem.limits:
            units = sum(had[limit.household][product] for product in limit.products)
            if units > limit.most:
                self.say("household_limit", household=limit.household, units=units, most=limit.most)

    def guaranteed_first(self) -> None:
        """Nobody else has, nor is there left, what a basket on the guarantee list lacks and may have."""
        had: Counter[tuple[str, str]] = Counter()
        others: Counter[tuple[str, str]] = Counter()
        for one in self.sourcing.allocations:
            had[self.baskets[one.basket].household, one.product] += one.quantity
            if self.baskets[one.basket].is_guaranteed:
                others[one.shop, one.product] -= one.quantity
        for (basket, name), line in self.asked.items():
            owner = self.baskets[basket]
            if not owner.is_guaranteed or self.got[basket, name] >= line.quantity:
                continue
            for (shop, product), row in self.rows.items():
                is_allowed = product in _caps(line) and self._is_affordable(line, shop, product)
                full = any(
                    limit.household == owner.household
                    and product in limit.products
                    and sum(had[limit.household, each] for each in limit.products) >= limit.most
                    for limit in self.problem.limits
                )
                if is_allowed and not full and row.on_hand + others[shop, product] > 0:
                    self.say("guaranteed_passed_over", basket, name, shop=shop, product=product)

    def cost(self) -> None:
        """Compare every part of the cost, the bound and the least share with own sums."""
        weights = self.problem.weights
        misses = {basket.id: self._misses(basket) for basket in self.problem.baskets}
        shortage = {True: 0, False: 0}
        for basket in self.problem.baskets:
            shortage[basket.is_guaranteed] += _shortage(misses[basket.id]) * weights.short_fen
        own = SourcingCost(
            guaranteed_fen=shortage[True],
            short_fen=shortage[False],
            shops_fen=len({(one.basket, one.shop) for one in self.sourcing.allocations}) * weights.shop_fen,
            dear_fen=sum(self._dear(one) for one in self.sourcing.allocations),
            substitutes_fen=sum(self._penalty(one) for one in self.sourcing.allocations),
        )
        for part in fields(SourcingCost):
            says, is_ = getattr(self.sourcing.cost, part.name), getattr(own, part.name)
            if says != is_:
                self.say("wrong_cost", part=part.name, says=says, is_=is_)
        total = sum(getattr(own, part.name) for part in fields(SourcingCost))
        if self.sourcing.bound > total or (self.sourcing.is_optimal and self.sourcing.bound != total):
            self.say("wrong_bound", says=self.sourcing.bound, total=total)
        least = WHOLE - max(misses.values(), default=0)
        if self.sourcing.least_parts != least:
            self.say("wrong_least_parts", says=self.sourcing.least_parts, is_=least)

    def _misses(self, basket: Basket) -> int:
        """Return the millionths missing, each unit's share of its line's share rounded down."""
        return sum(
            (line.quantity - self.got[basket.id, line.id]) * (WHOLE // (len(basket.lines) * line.quantity))
            for line in basket.lines
        )

    def _is_affordable(self, line: BasketLine, shop: str, product: str) -> bool:
        cap = _caps(line)[product]
        return cap is None or self.rows[shop, product].price_fen <= cap

    def _dear(self, one: Allocation) -> int:
        """Return what is paid over the cheapest allowed price, of the product asked for if any shop has it."""
        line = self.asked[one.basket, one.line]
        prices: dict[bool, list[int]] = {True: [], False: []}
        for row in self.problem.stock:
            if row.product in _caps(line) and self._is_affordable(line, row.shop, row.product):
                prices[row.product == line.product].append(row.price_fen)
        cheapest = min(prices[True]) if prices[True] else min(prices[False])
        return max(0, self.rows[one.shop, one.product].price_fen - cheapest) * one.quantity

    def _penalty(self, one: Allocation) -> int:
        substitutes = self.asked[one.basket, one.line].substitutes
        return sum(sub.penalty_fen * one.quantity for sub in substitutes if sub.product == one.product)


def _caps(line: BasketLine) -> dict[str, int | None]:
    """Return the highest price at which each allowed product may be bought."""
    own: dict[str, int | None] = {line.product: line.max_price_fen}
    for substitute in line.substitutes:
        own[substitute.product] = (
            line.max_price_fen if substitute.max_price_fen is None else substitute.max_price_fen
        )
    return own


def _shortage(missing: int) -> int:
    """Return what so many missing millionths count: once, and once more for each tenth that they are beyond."""
    return sum(max(0, missing - beyond * TENTH) for beyond in range(10))
