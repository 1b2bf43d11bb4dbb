"""What happens in the market."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class OrderPlaced(Event):
    """A need's basket was put to a shop; the shop has to say yes or no."""

    kind: ClassVar[str] = "market.order_placed"
    order_id: UUID
    merchant_id: UUID
    need_id: UUID
    keepers: list[UUID]

    @property
    def aggregate(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True)
class OrderChanged(Event):
    """An order is in another state."""

    kind: ClassVar[str] = "market.order_changed"
    order_id: UUID
    merchant_id: UUID
    need_id: UUID
    state: str

    @property
    def aggregate(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True)
class MerchantMoved(Event):
    """A shop is in another state: checked, open, suspended."""

    kind: ClassVar[str] = "market.merchant_moved"
    merchant_id: UUID
    state: str
    keepers: list[UUID]

    @property
    def aggregate(self) -> str:
        return f"merchant:{self.merchant_id}"
