"""Baskets to be split over shops, and the split: whole fen, whole units.

A unit is whatever has a whole price in fen: a pack, a bottle, a jin; a product is counted in one unit everywhere.
Ids are opaque. What contradicts itself is refused with BadProblem, which is a ValueError.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from dispatch.reading import BadProblem

# Bounds which keep every sum within 53 bits, so that no solver rounds a cost.
MOST_UNITS = 10_000
MOST_FEN = 1_000_000
MOST_LINES_A_BASKET = 100
MOST_LINES = 20_000
MOST_WEIGHT = 1_000
# A basket is a million parts, the same for each of its lines.
PARTS = 1_000_000


@dataclass(frozen=True)
class Substitute:
    """A product that the household takes instead, unit for unit, if need be.

    ``penalty_fen``: what a unit of it costs the plan, paid by nobody. ``max_price_fen``: a unit's; None for the line's.
    """

    product: str
    penalty_fen: int = 1_000
    max_price_fen: int | None = None


@dataclass(frozen=True)
class BasketLine:
    """Units of a product; only what is listed in ``substitutes`` may come instead. ``max_price_fen``: of one unit."""

    id: str
    product: str
    quantity: int
    max_price_fen: int | None = None
    substitutes: tuple[Substitute, ...] = ()


@dataclass(frozen=True)
class Basket:
    """What a household asks for. ``is_guaranteed``: on the committee's list, and so served before all others."""

    id: str
    household: str
    lines: tuple[BasketLine, ...]
    is_guaranteed: bool = False


@dataclass(frozen=True)
class Stock:
    """Units of a product in a shop, and the price of one."""

    shop: str
    product: str
    on_hand: int
    price_fen: int


@dataclass(frozen=True)
class HouseholdLimit:
    """At most so many units of these products together for this household, in all its baskets of the wave."""

    household: str
    products: frozenset[str]
    most: int


@dataclass(frozen=True)
class SourcingWeights:
    """What is weighed against what.

    ``shop_fen``: one more shop for a basket. ``short_fen``: a millionth of a basket missing within its first tenth;
    within its second tenth twice as much, and so on, so that what is scarce is shared.
    """

    shop_fen: int = 300
    short_fen: int = 1


@dataclass(frozen=True)
class SourcingProblem:
    """The baskets of one wave, all the shops' stock, and the limits."""

    baskets: tuple[Basket, ...]
    stock: tuple[Stock, ...]
    limits: tuple[HouseholdLimit, ...] = ()
    weights: SourcingWeights = field(default_factory=SourcingWeights)

    def __post_init__(self) -> None:
        _once("basket", (basket.id for basket in self.baskets))
        _once("stock", ((row.shop, row.product) for row in self.stock))
        _within("shop_fen", self.weights.shop_fen, 0, MOST_FEN)
        _within("short_fen", self.weights.short_fen, 1, MOST_WEIGHT)
        for row in self.stock:
            name = f"stock of {row.product!r} in shop {row.shop!r}"
            _within(f"{name}: on_hand", row.on_hand, 0, MOST_FEN)
            _within(f"{name}: price_fen", row.price_fen, 0, MOST_FEN)
        for limit in self.limits:
            _within(f"limit of household {limit.household!r}: most", limit.most, 0, MOST_FEN)
        for basket in self.baskets:
            _check_basket(basket)
        if sum(len(basket.lines) for basket in self.baskets) > MOST_LINES:
            raise BadProblem(f"a wave has at most {MOST_LINES} lines; split it")


@dataclass(frozen=True)
class Allocation:
    """Units of a product from a shop for a line of a basket."""

    basket: str
    line: str
    shop: str
    product: str
    quantity: int


@dataclass(frozen=True)
class Short:
    """Units that a line does not get, a stable reason, and what is known about it."""

    basket: str
    line: str
    missing: int
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SourcingCost:
    """What a split costs, in fen that nobody pays: the less, the better. The total is the sum.

    ``guaranteed_fen``, ``short_fen``: what is missing in baskets on the guarantee list, and in all others;
    ``shops_fen``: shops that a basket comes from; ``dear_fen``: paid over the cheapest allowed price;
    ``substitutes_fen``: penalties of substitutes. A split with less ``guaranteed_fen`` is better whatever the rest.
    """

    guaranteed_fen: int = 0
    short_fen: int = 0
    shops_fen: int = 0
    dear_fen: int = 0
    substitutes_fen: int = 0

    @property
    def total(self) -> int:
        """Return the sum of all parts."""
        return sum(getattr(self, part.name) for part in fields(self))


@dataclass(frozen=True)
class Sourcing:
    """A split of all baskets.

    ``bound``: no split that serves the guarantee list as well costs less in total. ``is_optimal``: proven, for
    the guarantee list first and then for the total. ``least_parts``: of a million, what the worst-served basket gets.
    """

    allocations: tuple[Allocation, ...]
    short: tuple[Short, ...]
    cost: SourcingCost
    bound: int
    is_optimal: bool
    engine: str
    seconds: float
    least_parts: int = PARTS

    @cached_property
    def gap(self) -> float:
        """Return how far from the optimum this may be at most, in percent of the bound."""
        over = self.cost.total - self.bound
        return 100 * over / max(1, self.bound)


def _check_basket(basket: Basket) -> None:
    name = f"basket {basket.id!r}"
    if not 1 <= len(basket.lines) <= MOST_LINES_A_BASKET:
        raise BadProblem(f"{name} must have 1 to {MOST_LINES_A_BASKET} lines")
    _once(f"line of {name}", (line.id for line in basket.lines))
    for line in basket.lines:
        where = f"{name}, line {line.id!r}"
        _within(f"{where}: quantity", line.quantity, 1, MOST_UNITS)
        _once(f"product of {where}", (line.product, *(one.product for one in line.substitutes)))
        for cap in (line.max_price_fen, *(one.max_price_fen for one in line.substitutes)):
            if cap is not None:
                _within(f"{where}: max_price_fen", cap, 0, MOST_FEN)
        for one in line.substitutes:
            _within(f"{where}: penalty_fen of {one.product!r}", one.penalty_fen, 0, MOST_FEN)


def _within(what: str, value: int, least: int, most: int) -> None:
    # A bool is an int to Python, and half a bag is nobody's.
    if type(value) is not int or not least <= value <= most:
        raise BadProblem(f"{what} must be a whole number from {least} to {most}, not {value!r}")


def _once(what: str, ids: Iterable[object]) -> None:
    seen: set[object] = set()
    for one in ids:
        if one in seen:
            raise BadProblem(f"two of the name {one!r}: {what}")
        seen.add(one)
