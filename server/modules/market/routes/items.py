"""Endpoints for buyers: what the shops have, what it cost, what it looks like."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from flask import Response, current_app
from sqlalchemy import Select, select

from server.kit.db import reading
from server.kit.errors import NotFound
from server.kit.http import page
from server.kit.permissions import allow, current_actor
from server.kit.ports.photos import Photos
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Item, Merchant
from server.modules.market.routes.blueprint import bp
from server.modules.market.rules.merchants import MerchantState
from server.modules.market.rules.products import is_exact, plain
from server.modules.market.schemas import HistoryQuery, ItemOut, ItemQuery, ItemsOut, PriceOut, PricesOut


@bp.get("/items")
@bp.input(ItemQuery, location="query", arg_name="query")
@bp.output(ItemsOut)
@allow("market.buy")
def list_items(query: ItemQuery) -> ItemsOut:
    """Search what the open shops have, in Chinese, in English or by barcode."""
    with reading() as session:
        community = current_community()
        rows, after = page(session, _wanted(community.id, query), Item.id, query.after, query.limit)
        shops = {shop.id: shop for shop in service.merchants(session, community.id)}
        left = service.left_for(session, community.id, current_actor().id, rows)
        return ItemsOut(
            items=[_item_out(row, shops[row.merchant_id], left.get(row.id)) for row in rows], next=after
        )


@bp.get("/items/<uuid:item_id>/prices")
@bp.input(HistoryQuery, location="query", arg_name="query")
@bp.output(PricesOut)
@allow("market.buy")
def item_prices(item_id: UUID, query: HistoryQuery) -> PricesOut:
    """What an item cost: the days on which its price became another."""
    with reading() as session:
        item = _on_sale(service.find_item(session, current_community().id, item_id))
        found = service.price_days(session, current_community(), item.id, query.days)
        return PricesOut(items=[PriceOut(day=day, price_fen=price_fen) for day, price_fen in found])


@bp.get("/items/<uuid:item_id>/photo")
@allow("market.buy")
def item_photo(item_id: UUID) -> Response:
    """The item's photo, a JPEG."""
    with reading() as session:
        item = service.find_item(session, current_community().id, item_id)
    if item.photo_ref is None:
        raise NotFound("market.item_not_found")
    photos = cast(Photos, current_app.extensions["linli"].ports["photos"])
    response = Response(photos.get(item.photo_ref), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _wanted(community_id: UUID, query: ItemQuery) -> Select[Any]:
    wanted: Select[Any] = select(Item).join(Merchant, Merchant.id == Item.merchant_id)
    wanted = wanted.where(
        Item.community_id == community_id, Item.is_listed, Merchant.state == MerchantState.OPEN
    )
    for word in plain(query.query or "").split():
        wanted = wanted.where(Item.search_text.like(f"%{_escaped(word)}%", escape="\\"))
    if query.category is not None:
        wanted = wanted.where(Item.category == query.category)
    if query.merchant_id is not None:
        wanted = wanted.where(Item.merchant_id == query.merchant_id)
    return wanted


def _on_sale(item: Item) -> Item:
    if not item.is_listed:
        raise NotFound("market.item_not_found")
    return item


def _item_out(item: Item, shop: Merchant, left_for_home: int | None) -> ItemOut:
    return ItemOut(
        id=item.id,
        merchant_id=item.merchant_id,
        merchant_name=shop.name,
        merchant_name_en=shop.name_en,
        name=item.name,
        name_en=item.name_en,
        unit=item.unit,
        weight_g=item.weight_g,
        price_fen=item.price_fen,
        available=item.on_hand - item.reserved,
        as_of=item.as_of,
        left_for_home=left_for_home,
        is_exact=is_exact(item.category, item.allergens),
        has_photo=item.has_photo,
        category=item.category,
        allergens=item.allergens,
        storage=item.storage,
        barcode=item.barcode,
        tolerance_percent=item.tolerance_percent,
        limit_most=item.limit_most,
        limit_days=item.limit_days,
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
