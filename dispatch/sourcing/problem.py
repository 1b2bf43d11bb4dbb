"""Baskets of one wave, and what the shops have. Money in whole fen, goods in whole units (or grams).

Nothing here knows a database or a web page. What contradicts itself is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from dispatch.reading import BadProblem, plain, read

VERSION = 1
MOST_FEN = 100_000_000
MOST_UNITS = 100_000
# A basket's missing units are counted in so many steps, each dearer than the one before.
STEPS = 4


@dataclass(frozen=True)
class Option:
    """A product that may be taken for a line; ``penalty_fen``: for each unit, how much less welcome it is."""

    product: str
    penalty_fen: int = 0


@dataclass(frozen=True)
class Line:
    """So many units of one of the ``options``; nothing else is ever put in their place.

    ``most_fen``: what a unit may cost, None for whatever it costs.
    """

    id: str
    quantity: int
    options: tuple[Option, ...]
    most_fen: int | None = None


@dataclass(frozen=True)
class Basket:
    """What one household wants. ``is_guaranteed``: on the committee's list, whose needs come before all others'."""

    id: str
    lines: tuple[Line, ...]
    is_guaranteed: bool = False


@dataclass(frozen=True)
class Stock:
    """What a shop has of a product, and for how much a unit."""

    shop: str
    product: str
    on_hand: int
    price_fen: int


@dataclass(frozen=True)
class HouseholdLimit:
    """How many units of a product one basket may have."""

    product: str
    most: int


@dataclass(frozen=True)
class SourcingProblem:
    """One wave's baskets.

    ``shop_fen``: what each further place costs at which a basket's goods are fetched. ``missing_fen``: what a missing
    unit costs; a basket's first quarter of units that much, the second twice, the last four times: so that what is
    scarce is shared.
    """

    baskets: tuple[Basket, ...]
    stock: tuple[Stock, ...]
    limits: tuple[HouseholdLimit, ...] = ()
    shop_fen: int = 500
    missing_fen: int = 20_000
    version: int = VERSION

    def __post_init__(self) -> None:
        _check(self)

    def digest(self) -> str:
        """Return the SHA-256 of the problem's canonical JSON: an answer says which problem it is for."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the problem as JSON-able values."""
        data: dict[str, Any] = plain(asdict(self))
        return data

    @classmethod
    def from_json(cls, data: Any) -> SourcingProblem:
        """Read what ``to_json`` wrote. Raises BadProblem naming the first thing that does not fit."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise BadProblem(f"not a sourcing problem of version {VERSION}")
        return read(cls, data, "sourcing problem")


def asked(basket: Basket) -> int:
    """Return how many units a basket asks for."""
    return sum(line.quantity for line in basket.lines)


def _check(problem: SourcingProblem) -> None:
    if not 0 <= problem.shop_fen <= MOST_FEN or not 0 < problem.missing_fen <= MOST_FEN:
        raise BadProblem(f"shop_fen must be 0 to {MOST_FEN}, missing_fen 1 to {MOST_FEN}")
    _once("basket", (basket.id for basket in problem.baskets))
    _once("stock", ((one.shop, one.product) for one in problem.stock))
    _once("household limit", (limit.product for limit in problem.limits))
    for basket in problem.baskets:
        _once(f"line of basket {basket.id!r}", (line.id for line in basket.lines))
        for line in basket.lines:
            _check_line(f"basket {basket.id!r}, line {line.id!r}", line)
        if asked(basket) > MOST_UNITS:
            raise BadProblem(f"basket {basket.id!r} asks for more than {MOST_UNITS} units")
    for one in problem.stock:
        if not 0 <= one.on_hand <= MOST_UNITS or not 0 <= one.price_fen <= MOST_FEN:
            raise BadProblem(
                f"{one.product!r} at {one.shop!r}: on_hand must be 0 to {MOST_UNITS}, price_fen 0 to {MOST_FEN}"
            )
    for limit in problem.limits:
        if not 0 <= limit.most <= MOST_UNITS:
            raise BadProblem(f"the household limit of {limit.product!r} must be 0 to {MOST_UNITS}")


def _check_line(name: str, line: Line) -> None:
    if not 0 < line.quantity <= MOST_UNITS:
        raise BadProblem(f"{name}: quantity must be 1 to {MOST_UNITS}")
    if not line.options:
        raise BadProblem(f"{name} names no product")
    _once(f"product of {name}", (option.product for option in line.options))
    if any(not 0 <= option.penalty_fen <= MOST_FEN for option in line.options):
        raise BadProblem(f"{name}: penalty_fen must be 0 to {MOST_FEN}")
    if line.most_fen is not None and not 0 <= line.most_fen <= MOST_FEN:
        raise BadProblem(f"{name}: most_fen must be 0 to {MOST_FEN}")


def _once(what: str, names: Iterable[object]) -> None:
    seen: set[object] = set()
    for name in names:
        if name in seen:
            raise BadProblem(f"two of the name {name!r}: {what}")
        seen.add(name)
