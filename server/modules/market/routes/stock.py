"""Endpoints of shops and their stock."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select

from server.core.people import service as people
from server.kit.db import reading, transaction
from server.kit.http import PageQuery, page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Item, Merchant
from server.modules.market.routes.blueprint import bp
from server.modules.market.schemas import (
    ItemOut,
    ItemQuery,
    ItemsOut,
    MerchantIn,
    MerchantOut,
    MerchantsOut,
    StockIn,
    StockOut,
    StockPatch,
    StocksOut,
)


@bp.get("/items")
@bp.input(ItemQuery, location="query", arg_name="query")
@bp.output(ItemsOut)
@allow("market.buy")
def list_items(query: ItemQuery) -> ItemsOut:
    """Search what the shops have."""
    with reading() as session:
        wanted: Select[Any] = select(Item).join(Merchant, Merchant.id == Item.merchant_id)
        wanted = wanted.where(Item.community_id == current_community().id, Item.is_listed, Merchant.is_open)
        if query.query:
            like = f"%{_escaped(query.query)}%"
            wanted = wanted.where(
                or_(Item.name.ilike(like, escape="\\"), Item.name_en.ilike(like, escape="\\"))
            )
        rows, after = page(session, wanted, Item.id, query.after, query.limit)
        names = {shop.id: shop.name for shop in service.merchants(session, current_community().id)}
        return ItemsOut(items=[_item_out(row, names[row.merchant_id]) for row in rows], next=after)


@bp.get("/merchants")
@bp.output(MerchantsOut)
@allow("market.buy")
def list_merchants() -> MerchantsOut:
    """List the shops."""
    with reading() as session:
        shops = service.merchants(session, current_community().id)
        return MerchantsOut(items=[MerchantOut.model_validate(shop) for shop in shops], next=None)


@bp.post("/merchants")
@bp.input(MerchantIn, arg_name="body")
@bp.output(MerchantOut, status_code=201)
@allow("market.register")
@idempotent
def register_merchant(body: MerchantIn) -> MerchantOut:
    """Register a shop and who keeps it."""
    with transaction() as session:
        keeper = people.person_by_phone(session, body.keeper_phone, body.keeper_name or body.name)
        shop = service.register_merchant(
            session,
            current_actor(),
            current_community(),
            name=body.name,
            name_en=body.name_en,
            keeper_id=keeper.id,
            distance_m=body.distance_m,
        )
        return MerchantOut.model_validate(shop)


@bp.get("/shop")
@bp.output(MerchantOut)
@allow("market.sell")
def my_shop() -> MerchantOut:
    """Return the shop I keep."""
    with reading() as session:
        return MerchantOut.model_validate(service.own_merchant(session, current_actor(), current_community()))


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
    """Set what was counted, the price, or whether it is listed."""
    with transaction() as session:
        item = service.find_item(session, current_community().id, item_id)
        service.check_keeps(session, current_actor(), current_community().id, item.merchant_id)
        return StockOut.model_validate(
            service.change_item(session, current_actor(), item, **body.model_dump())
        )


def _item_out(item: Item, merchant_name: str) -> ItemOut:
    return ItemOut(
        id=item.id,
        merchant_id=item.merchant_id,
        merchant_name=merchant_name,
        name=item.name,
        name_en=item.name_en,
        unit=item.unit,
        price_fen=item.price_fen,
        available=item.on_hand - item.reserved,
        as_of=item.as_of,
    )


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
