"""Orders: their life, which items serve a basket, how goods become parcels. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from server.kit.errors import Conflict
from server.modules.market.rules.limits import StockedItem
from server.modules.market.rules.products import plain


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
    WEIGH = "weigh"


STEPS: dict[tuple[OrderState, OrderStep], OrderState] = {
    (OrderState.PLACED, OrderStep.ACCEPT): OrderState.ACCEPTED,
    (OrderState.PLACED, OrderStep.REJECT): OrderState.REJECTED,
    (OrderState.PLACED, OrderStep.CANCEL): OrderState.CANCELLED,
    (OrderState.PLACED, OrderStep.OUT_OF_STOCK): OrderState.PLACED,
    (OrderState.ACCEPTED, OrderStep.REJECT): OrderState.REJECTED,
    (OrderState.ACCEPTED, OrderStep.CANCEL): OrderState.CANCELLED,
    (OrderState.ACCEPTED, OrderStep.OUT_OF_STOCK): OrderState.ACCEPTED,
    (OrderState.ACCEPTED, OrderStep.WEIGH): OrderState.ACCEPTED,
    (OrderState.ACCEPTED, OrderStep.PACK): OrderState.PACKED,
    (OrderState.PACKED, OrderStep.HAND_OVER): OrderState.HANDED_OVER,
}
OPEN = (OrderState.PLACED, OrderState.ACCEPTED)

# One parcel is what one person carries up the stairs in one hand's bag; more weight makes more parcels.
PARCEL_MOST_G = 10_000
PARCEL_MOST_ML = 45_000
MOST_PARCELS = 20


@dataclass(frozen=True)
class AskedLine:
    """A line of a basket, as the market needs it.

    ``barcode``: of the item that was picked; ``is_exact``: nothing may be sold in place of it without being asked.
    """

    line_id: UUID
    text: str
    quantity: int
    item_ref: UUID | None
    barcode: str | None = None
    is_exact: bool = False


def after(state: OrderState, step: OrderStep) -> OrderState:
    """Return the state that ``step`` leads to. Raises Conflict("market.not_now") if it leads nowhere."""
    try:
        return STEPS[state, step]
    except KeyError:
        raise Conflict("market.not_now", state=state, step=step) from None


def cover(lines: Iterable[AskedLine], items: Sequence[StockedItem]) -> dict[UUID, UUID]:
    """Return line → item for the lines that a shop's items can serve in full, without counting a piece twice.

    The item that was picked serves its line. At another shop, or where none was picked, the same goods by barcode
    serve, else the cheapest item whose name is the text, else whose name the text contains. Exact lines and exact
    goods (medicine, infant formula, allergens) are never guessed at: see ``_able``.
    """
    left = {item.id: item.free for item in items}
    chosen: dict[UUID, UUID] = {}
    for line in lines:
        for item in _able(line, items):
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


def _able(line: AskedLine, items: Sequence[StockedItem]) -> list[StockedItem]:
    """Return what may serve the line, the best first."""
    picked = [item for item in items if item.id == line.item_ref]
    if picked:
        return picked
    cheap_first = sorted(items, key=lambda item: (item.price_fen, item.id))
    same_code = [item for item in cheap_first if line.barcode and item.barcode == line.barcode]
    if line.item_ref and line.is_exact:
        # Somebody picked this very pack: another one of the same name may hold another dose.
        return same_code
    named = _named(line.text, cheap_first, is_exact=line.is_exact)
    if line.item_ref:
        # What was picked holds nothing to be careful about; what would come instead must not either.
        named = [item for item in named if not item.is_exact]
    return same_code + [item for item in named if item not in same_code]


def _named(text: str, cheap_first: Sequence[StockedItem], *, is_exact: bool) -> list[StockedItem]:
    wanted = plain(text)
    if not wanted:
        return []
    names = {item.id: [plain(item.name), plain(item.name_en)] for item in cheap_first}
    same = [item for item in cheap_first if wanted in names[item.id]]
    if is_exact:
        return same
    within = [
        item
        for item in cheap_first
        if not item.is_exact and any(name and name in wanted for name in names[item.id])
    ]
    return same + [item for item in within if item not in same]
