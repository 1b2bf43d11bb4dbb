"""What needs and suppliers tell each other: plain facts, no tables.

The interface itself is service/suppliers.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class BasketLine:
    """One thing wanted. ``item_ref``: the supplier's own item, if the home picked one."""

    line_id: UUID
    text: str
    quantity: int
    item_ref: UUID | None


@dataclass(frozen=True)
class Basket:
    """The goods of one need. ``subject_id``: whose words the lines are, and by whose key they are sealed."""

    need_id: UUID
    subject_id: UUID
    lines: tuple[BasketLine, ...]


@dataclass(frozen=True)
class SupplierCandidate:
    """A shop that could serve a basket now.

    ``covered``: lines it can serve in full; ``distance_m``: from the shop to the gate; ``orders_left``: how
    many more orders it takes at the moment; ``over_limit``: lines that it has, and that this home has had enough of.
    """

    need_id: UUID
    ref: UUID
    label: str
    covered: frozenset[UUID]
    distance_m: int
    orders_left: int
    over_limit: frozenset[UUID] = frozenset()
