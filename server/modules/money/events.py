"""What happens with money: ids, states and sums; never a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class PaymentChanged(Event):
    """A payment is in another state, or its sums have changed. Whoever gave the order hears it by ``order_ref``."""

    kind: ClassVar[str] = "money.payment_changed"
    payment_id: UUID
    order_ref: UUID
    payer_id: UUID
    state: str
    held_fen: int

    @property
    def aggregate(self) -> str:
        return f"payment:{self.payment_id}"
