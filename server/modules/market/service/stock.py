"""Stock that is never oversold: every change is one conditional UPDATE, and a CHECK stands behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.audit import record
from server.kit.db import touched
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.permissions import Actor
from server.modules.market.models import Item
from server.modules.market.rules.orders import StockedItem


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
    name_en: str = "",
    weight_g: int = 500,
    volume_ml: int = 1_000,
) -> Item:
    """Put an item on a shop's list. Raises Conflict for one of the same name and unit."""
    known = select(Item.id).where(Item.merchant_id == merchant_id, Item.name == name, Item.unit == unit)
    if session.scalar(known) is not None:
        raise Conflict("market.item_exists", name=name, unit=unit)
    item = Item(
        community_id=community_id,
        merchant_id=merchant_id,
        name=name,
        name_en=name_en,
        unit=unit,
        price_fen=price_fen,
        weight_g=weight_g,
        volume_ml=volume_ml,
        on_hand=on_hand,
        reserved=0,
        is_listed=True,
        as_of=clock.now(),
    )
    session.add(item)
    session.flush()
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
) -> Item:
    """Set what was counted, the price, or whether it is listed.

    Raises Refused("market.stock_below_reserved") if more is kept for buyers than was counted: call those off
    first.
    """
    values: dict[str, Any] = {"as_of": clock.now()}
    for name, value in (("on_hand", on_hand), ("price_fen", price_fen), ("is_listed", is_listed)):
        if value is not None:
            values[name] = value
    fits = Item.reserved <= on_hand if on_hand is not None else Item.reserved >= 0
    if not _update(session, item.id, fits, values):
        session.refresh(item)
        raise Refused("market.stock_below_reserved", reserved=item.reserved, on_hand=on_hand)
    session.refresh(item)
    facts = {name: value for name, value in values.items() if name != "as_of"}
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


def nothing_left(session: Session, item_id: UUID, kept: int) -> None:
    """The shelf turned out to be empty.

    Free what was kept for one line, and count only what others still hold.
    """
    left = Item.reserved - kept
    values = {"reserved": left, "on_hand": left, "as_of": clock.now()}
    if not _update(session, item_id, Item.reserved >= kept, values):
        raise Conflict("market.not_kept", item=str(item_id))


def find_item(session: Session, community_id: UUID, item_id: UUID) -> Item:
    """Return the item. Raises NotFound, also for another community's."""
    item = session.get(Item, item_id)
    if item is None or item.community_id != community_id:
        raise NotFound("market.item_not_found")
    return item


def listed(
    session: Session, community_id: UUID, merchant_ids: Sequence[UUID]
) -> dict[UUID, list[StockedItem]]:
    """Return each shop's listed items with what is free."""
    found: dict[UUID, list[StockedItem]] = {merchant_id: [] for merchant_id in merchant_ids}
    rows = session.scalars(
        select(Item)
        .where(Item.community_id == community_id, Item.merchant_id.in_(merchant_ids), Item.is_listed)
        .order_by(Item.id)
        .execution_options(populate_existing=True)
    )
    for item in rows:
        free = item.on_hand - item.reserved
        found[item.merchant_id].append(StockedItem(item.id, item.name, item.name_en, item.price_fen, free))
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
