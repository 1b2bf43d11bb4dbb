"""Stock that is never oversold: every change is one conditional UPDATE, and a CHECK stands behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id, touched
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.permissions import Actor
from server.modules.market.models import Item, ItemChange, Merchant
from server.modules.market.rules.history import Cause
from server.modules.market.rules.limits import StockedItem
from server.modules.market.rules.merchants import MerchantState
from server.modules.market.rules.products import checked_barcode, checked_words, is_exact, search_text
from server.modules.market.rules.weighing import check_weighable


def stock_item(
    session: Session,
    actor: Actor,
    community_id: UUID,
    merchant_id: UUID,
    *,
    name: str,
    unit: str,
    price_fen: int,
    on_hand: int,
    cause: Cause = Cause.STOCKED,
    **more: Any,
) -> Item:
    """Put an item on a shop's list; ``more``: further columns of it, as ``StockIn`` names them.

    Raises Conflict for one of the same name and unit, or of the same barcode; Refused for words or a barcode that
    cannot be, or goods sold by weight that weigh nothing.
    """
    values = _checked({"name": name, "unit": unit, "name_en": "", **more})
    values.setdefault("weight_g", 500)
    values.setdefault("volume_ml", 1_000)
    item = Item(
        id=new_id(),
        community_id=community_id,
        merchant_id=merchant_id,
        price_fen=price_fen,
        on_hand=on_hand,
        reserved=0,
        is_listed=True,
        as_of=clock.now(),
        search_text=search_text(name, values["name_en"], values.get("barcode")),
        **values,
    )
    check_weighable(item.tolerance_percent, item.weight_g)
    _alone(session, lambda: session.add(item), item)
    _remember(session, [item.id], cause)
    record(session, actor, community_id, "market.item_stocked", ("item", item.id), facts={"on_hand": on_hand})
    return item


def change_item(
    session: Session,
    actor: Actor,
    item: Item,
    *,
    on_hand: int | None = None,
    price_fen: int | None = None,
    is_listed: bool | None = None,
    cause: Cause | None = None,
    **more: Any,
) -> Item:
    """Set what was counted, the price, whether it is listed; ``more``: further columns, None clears.

    Raises Refused("market.stock_below_reserved") if more is kept for buyers than was counted: call those off
    first. Else as ``stock_item``.
    """
    said = {"on_hand": on_hand, "price_fen": price_fen, "is_listed": is_listed}
    values = {name: value for name, value in said.items() if value is not None} | _checked(more)
    check_weighable(
        values.get("tolerance_percent", item.tolerance_percent), values.get("weight_g", item.weight_g)
    )
    facts = {name: value for name, value in values.items() if name != "name_en"}
    if {"name_en", "barcode"} & values.keys():
        name_en, barcode = values.get("name_en", item.name_en), values.get("barcode", item.barcode)
        values["search_text"] = search_text(item.name, name_en, barcode)
    fits = Item.reserved <= on_hand if on_hand is not None else Item.reserved >= 0
    done = False

    def write() -> None:
        nonlocal done
        done = _update(session, item.id, fits, {**values, "as_of": clock.now()})

    _alone(session, write, item)
    session.refresh(item)
    if not done:
        raise Refused("market.stock_below_reserved", reserved=item.reserved, on_hand=on_hand)
    if on_hand is not None or price_fen is not None:
        _remember(session, [item.id], cause or (Cause.PRICED if on_hand is None else Cause.COUNTED))
    record(session, actor, item.community_id, "market.item_changed", ("item", item.id), facts=facts)
    return item


def reserve(session: Session, wanted: Iterable[tuple[UUID, int]]) -> None:
    """Keep stock for a buyer: all of it or nothing. Lines of one item are added up first.

    Raises Refused("market.not_enough") if there is less than that free; roll back what was kept until then.
    """
    # In the order of ids: two baskets with the same items in another order would wait for each other for
    # ever.
    for item_id, quantity in sorted(_added_up(wanted).items()):
        enough = Item.is_listed & (Item.on_hand - Item.reserved >= quantity)
        if not _update(session, item_id, enough, {"reserved": Item.reserved + quantity}):
            raise Refused("market.not_enough", item=str(item_id), wanted=quantity)


def release(session: Session, kept: Iterable[tuple[UUID, int]]) -> None:
    """Free stock that was kept. Raises Conflict if less was kept, which no caller may let happen."""
    for item_id, quantity in sorted(_added_up(kept).items()):
        if not _update(session, item_id, Item.reserved >= quantity, {"reserved": Item.reserved - quantity}):
            raise Conflict("market.not_kept", item=str(item_id))


def take_out(session: Session, kept: Iterable[tuple[UUID, int]]) -> None:
    """Take stock that was kept off the shelf: it is packed. Raises Conflict if less was kept."""
    for item_id, quantity in sorted(_added_up(kept).items()):
        gone = {"reserved": Item.reserved - quantity, "on_hand": Item.on_hand - quantity}
        if not _update(session, item_id, Item.reserved >= quantity, gone):
            raise Conflict("market.not_kept", item=str(item_id))
        _remember(session, [item_id], Cause.PACKED)


def nothing_left(session: Session, item_id: UUID, kept: int) -> None:
    """The shelf turned out to be empty.

    Free what was kept for one line, and count only what others still hold.
    """
    left = Item.reserved - kept
    values = {"reserved": left, "on_hand": left, "as_of": clock.now()}
    if not _update(session, item_id, Item.reserved >= kept, values):
        raise Conflict("market.not_kept", item=str(item_id))
    _remember(session, [item_id], Cause.GONE)


def set_photo(session: Session, actor: Actor, item: Item, ref: str | None) -> str | None:
    """Show another photo of the item; return the name of the one before, for whoever deletes the file."""
    before, item.photo_ref = item.photo_ref, ref
    session.flush()
    record(session, actor, item.community_id, "market.item_photo", ("item", item.id))
    return before


def find_item(session: Session, community_id: UUID, item_id: UUID) -> Item:
    """Return the item. Raises NotFound, also for another community's."""
    item = session.get(Item, item_id)
    if item is None or item.community_id != community_id:
        raise NotFound("market.item_not_found")
    return item


def listed(
    session: Session, community_id: UUID, merchant_ids: Sequence[UUID]
) -> dict[UUID, list[StockedItem]]:
    """Return each open shop's listed items with what is free; nothing of a shop that is not open."""
    found: dict[UUID, list[StockedItem]] = {merchant_id: [] for merchant_id in merchant_ids}
    rows = session.scalars(
        select(Item)
        .join(Merchant, Merchant.id == Item.merchant_id)
        .where(Item.community_id == community_id, Item.merchant_id.in_(merchant_ids), Item.is_listed)
        .where(Merchant.state == MerchantState.OPEN)
        .order_by(Item.id)
        .execution_options(populate_existing=True)
    )
    for item in rows:
        found[item.merchant_id].append(
            StockedItem(
                item.id,
                item.name,
                item.name_en,
                item.price_fen,
                free=item.on_hand - item.reserved,
                limit=item.limit,
                barcode=item.barcode,
                is_exact=is_exact(item.category, item.allergens),
            )
        )
    return found


def _added_up(lines: Iterable[tuple[UUID, int]]) -> Counter[UUID]:
    total: Counter[UUID] = Counter()
    for item_id, quantity in lines:
        total[item_id] += quantity
    return total


def _update(session: Session, item_id: UUID, condition: ColumnElement[bool], values: dict[str, Any]) -> bool:
    done = session.execute(
        update(Item)
        .where(Item.id == item_id, condition)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return touched(done) == 1


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """Return an item's columns as they are kept."""
    checked_words(*(str(values.get(name) or "") for name in ("name", "name_en", "unit")))
    if "barcode" in values:
        values = {**values, "barcode": checked_barcode(values["barcode"])}
    return values


def _alone(session: Session, write: Callable[[], None], item: Item) -> None:
    """Write within a savepoint. Raises Conflict where another item has the name and unit, or the barcode."""
    try:
        with session.begin_nested():
            write()
            session.flush()
    except IntegrityError as error:
        if "unique" not in str(error).lower():
            raise
        raise Conflict("market.item_exists", name=item.name, unit=item.unit) from None


def _remember(session: Session, item_ids: Sequence[UUID], cause: Cause) -> None:
    """Add what the items cost and how many there are from now on to their history."""
    rows = session.execute(
        select(Item.id, Item.community_id, Item.price_fen, Item.on_hand).where(Item.id.in_(item_ids))
    )
    session.add_all(
        ItemChange(
            community_id=community_id,
            item_id=item_id,
            price_fen=price_fen,
            on_hand=on_hand,
            cause=cause,
            at=clock.now(),
        )
        for item_id, community_id, price_fen, on_hand in rows.all()
    )
    session.flush()
