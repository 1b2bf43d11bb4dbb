"""The answer to a SourcingProblem: who gets what from where, what is short and why, and what it costs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from dispatch.reading import BadProblem, plain, read

VERSION = 1


@dataclass(frozen=True)
class Allocation:
    """So many units of a product, from a shop for a line."""

    basket: str
    line: str
    shop: str
    product: str
    quantity: int


@dataclass(frozen=True)
class Short:
    """What a line does not get, and the first thing that keeps it away.

    Reasons: no_shop_has_it, too_dear, household_limit, not_enough.
    """

    basket: str
    line: str
    missing: int
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SourcingCost:
    """In fen; ``total`` is the sum. ``guaranteed_fen``: missing units of baskets on the committee's list."""

    goods_fen: int = 0
    substitutes_fen: int = 0
    shops_fen: int = 0
    missing_fen: int = 0
    guaranteed_fen: int = 0

    @property
    def total(self) -> int:
        return sum(vars(self).values())


@dataclass(frozen=True)
class SourcingPlan:
    """No answer with as little missing on the list costs less than ``bound_fen``; ``engine`` says how it was found."""

    digest: str
    allocations: tuple[Allocation, ...]
    short: tuple[Short, ...]
    cost: SourcingCost
    bound_fen: int
    engine: str
    seconds: float = 0.0
    version: int = VERSION

    @property
    def gap_percent(self) -> float:
        """How far from the optimum it could be."""
        return 100 * (self.cost.total - self.bound_fen) / max(1, self.cost.total)

    def to_json(self) -> dict[str, Any]:
        """Return the answer as JSON-able values, with the total cost."""
        data: dict[str, Any] = plain(asdict(self))
        data["cost"]["total"] = self.cost.total
        return data

    @classmethod
    def from_json(cls, data: Any) -> SourcingPlan:
        """Read what ``to_json`` wrote. Raises BadProblem if it is no such answer."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise BadProblem(f"not a sourcing answer of version {VERSION}")
        values = dict(data)
        if isinstance(values.get("cost"), dict):
            values["cost"] = {part: fen for part, fen in values["cost"].items() if part != "total"}
        return read(cls, values, "sourcing answer")
