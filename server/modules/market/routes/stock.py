"""Endpoints of a shop's own stock."""

from __future__ import annotations

from dataclasses import asdict
from typing import cast
from uuid import UUID

from flask import current_app, request
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit.db import after_commit, reading, transaction
from server.kit.errors import Refused
from server.kit.http import PageQuery, accepts_bytes, page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.ports.photos import Photos, reencode
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Item
from server.modules.market.routes.blueprint import bp
from server.modules.market.schemas import (
    HistoryQuery,
    StockChangeOut,
    StockDayOut,
    StockHistoryOut,
    StockIn,
    StockOut,
    StockPatch,
    StocksOut,
)

PHOTO_BYTES = 12 << 20
# What null clears; of everything else null changes nothing.
CLEARABLE = frozenset(["barcode", "tolerance_percent", "limit_most", "limit_days"])


@bp.get("/stock")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(StocksOut)
@allow("market.sell")
def my_stock(query: PageQuery) -> StocksOut:
    """List my shop's items."""
    with reading() as session:
        shop = service.own_merchant(session, current_actor(), current_community())
        wanted = select(Item).where(Item.merchant_id == shop.id)
        rows, after = page(session, wanted, Item.id, query.after, query.limit)
        return StocksOut(items=[StockOut.model_validate(row) for row in rows], next=after)


@bp.post("/stock")
@bp.input(StockIn, arg_name="body")
@bp.output(StockOut, status_code=201)
@allow("market.sell")
@idempotent
def stock_item(body: StockIn) -> StockOut:
    """Put an item on my list."""
    with transaction() as session:
        shop = service.own_merchant(session, current_actor(), current_community())
        item = service.stock_item(
            session, current_actor(), current_community().id, shop.id, **body.model_dump()
        )
        return StockOut.model_validate(item)


@bp.patch("/stock/<uuid:item_id>")
@bp.input(StockPatch, arg_name="body")
@bp.output(StockOut)
@allow("market.sell")
def change_item(item_id: UUID, body: StockPatch) -> StockOut:
    """Set what was counted, the price, what the goods are, or whether they are listed."""
    said = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in said.items() if value is not None or name in CLEARABLE}
    with transaction() as session:
        item = _own_item(session, item_id)
        return StockOut.model_validate(service.change_item(session, current_actor(), item, **values))


@bp.get("/stock/<uuid:item_id>/history")
@bp.input(HistoryQuery, location="query", arg_name="query")
@bp.output(StockHistoryOut)
@allow("market.sell")
def stock_history(item_id: UUID, query: HistoryQuery) -> StockHistoryOut:
    """Show how much there was of an item and what it cost, day by day and change by change."""
    with reading() as session:
        item, community = _own_item(session, item_id), current_community()
        days = service.stock_days(session, community, item.id, query.days)
        return StockHistoryOut(
            item=StockOut.model_validate(item),
            days=[StockDayOut(**asdict(day)) for day in days],
            changes=[
                StockChangeOut.model_validate(row)
                for row in service.last_changes(session, community, item.id)
            ],
        )


@bp.post("/stock/<uuid:item_id>/photo")
@bp.output(StockOut)
@bp.doc(
    description="multipart/form-data with one part `file`: a JPEG, PNG or WebP picture of at most 12 MB. "
    "It is stored as a JPEG of at most 1,600 pixels a side, without anything that the camera wrote into it."
)
@allow("market.sell")
@accepts_bytes(PHOTO_BYTES)
@idempotent
def add_item_photo(item_id: UUID) -> StockOut:
    """Show the goods: the photo takes the place of the one before."""
    file = request.files.get("file")
    if file is None:
        raise Refused("deliveries.not_a_photo")
    with reading() as session:
        # Whose item it is, before a large picture is opened for anybody.
        _own_item(session, item_id)
    photos = cast(Photos, current_app.extensions["linli"].ports["photos"])
    ref = photos.put(reencode(file.read()))
    try:
        with transaction() as session:
            item = _own_item(session, item_id)
            before = service.set_photo(session, current_actor(), item, ref)
            if before is not None:
                after_commit(session, lambda: photos.delete(before))
            return StockOut.model_validate(item)
    except BaseException:
        # Without its row nobody would ever find or delete the file.
        photos.delete(ref)
        raise


def _own_item(session: Session, item_id: UUID) -> Item:
    item = service.find_item(session, current_community().id, item_id)
    service.check_keeps(session, current_actor(), current_community().id, item.merchant_id)
    return item
