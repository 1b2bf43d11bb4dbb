"""Orders: their life, which items serve a basket, how goods become parcels. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from server.kit.errors import Conflict


class OrderState(StrEnum):
    PLACED = "placed"
    ACCEPTED = "accepted"
    PACKED = "packed"
    HANDED_OVER = "handed_over"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class OrderStep(StrEnum):
    ACCEPT = "accept"
    REJECT = "reject"
    PACK = "pack"
    HAND_OVER = "hand_over"
    CANCEL = "cancel"
    OUT_OF_STOCK = "out_of_stock"


STEPS: dict[tuple[OrderState, OrderStep], OrderState] = {
    (OrderState.PLACED, OrderStep.ACCEPT): OrderState.ACCEPTED,
    (OrderState.PLACED, OrderStep.REJECT): OrderState.REJECTED,
    (OrderState.PLACED, OrderStep.CANCEL): OrderState.CANCELLED,
    (OrderState.PLACED, OrderStep.OUT_OF_STOCK): OrderState.PLACED,
    (OrderState.ACCEPTED, OrderStep.REJECT): OrderState.REJECTED,
    (OrderState.ACCEPTED, OrderStep.CANCEL): OrderState.CANCELLED,
    (OrderState.ACCEPTED, OrderStep.OUT_OF_STOCK): OrderState.ACCEPTED,
    (OrderState.ACCEPTED, OrderStep.PACK): OrderState.PACKED,
    (OrderState.PACKED, OrderStep.HAND_OVER): OrderState.HANDED_OVER,
}
OPEN = (OrderState.PLACED, OrderState.ACCEPTED)

# One parcel is what one person carries up the stairs in one hand's bag; more weight makes more parcels.
PARCEL_MOST_G = 10_000
PARCEL_MOST_ML = 45_000
MOST_PARCELS = 20


@dataclass(frozen=True)
class StockedItem:
    """An item of a shop; ``free``: on hand and not kept for anybody."""

    id: UUID
    name: str
    name_en: str
    price_fen: int
    free: int


@dataclass(frozen=True)
class AskedLine:
    """A line of a basket, as the market needs it."""

    line_id: UUID
    text: str
    quantity: int
    item_ref: UUID | None


def after(state: OrderState, step: OrderStep) -> OrderState:
    """Return the state that ``step`` leads to. Raises Conflict("market.not_now") if it leads nowhere."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise Conflict("market.not_now", state=state, step=step) from None


def cover(lines: Iterable[AskedLine], items: Sequence[StockedItem]) -> dict[UUID, UUID]:
    """Return line → item for the lines that a shop's items can serve in full, without counting a piece twice.

    The item that was picked serves its line; at another shop, or where none was picked, the cheapest item
    serves whose name is the text, else whose name the text contains.
    """
    left = {item.id: item.free for item in items}
    by_id = {item.id: item for item in items}
    chosen: dict[UUID, UUID] = {}
    for line in lines:
        picked = by_id.get(line.item_ref) if line.item_ref else None
        able = [picked] if picked else _named(line.text, items)
        for item in able:
            if left[item.id] >= line.quantity:
                left[item.id] -= line.quantity
                chosen[line.line_id] = item.id
                break
    return chosen


def parcels_of(load_g: int, volume_ml: int) -> list[tuple[int, int]]:
    """Return (load_g, volume_ml) of as few parcels as hold the goods.

    Sums are kept, at most twenty parcels.
    """
    count = max(1, -(-load_g // PARCEL_MOST_G), -(-volume_ml // PARCEL_MOST_ML))
    count = min(count, MOST_PARCELS)
    return [
        (_share(load_g, count, position), _share(volume_ml, count, position)) for position in range(count)
    ]


def _share(total: int, count: int, position: int) -> int:
    return total * (position + 1) // count - total * position // count


def _named(text: str, items: Sequence[StockedItem]) -> list[StockedItem]:
    wanted = _plain(text)
    if not wanted:
        return []
    cheap_first = sorted(items, key=lambda item: (item.price_fen, item.id))
    names = {item.id: [_plain(item.name), _plain(item.name_en)] for item in items}
    same = [item for item in cheap_first if wanted in names[item.id]]
    within = [item for item in cheap_first if any(name and name in wanted for name in names[item.id])]
    return same + [item for item in within if item not in same]


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
