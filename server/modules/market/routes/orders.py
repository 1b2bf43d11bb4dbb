"""Endpoints of orders."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries import service as deliveries
from server.core.needs import service as needs
from server.kit.db import reading, transaction
from server.kit.http import page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Item, Order, OrderLine
from server.modules.market.routes.blueprint import bp
from server.modules.market.rules.orders import OrderState
from server.modules.market.rules.paying import PaysBy
from server.modules.market.schemas import (
    HandOverIn,
    HandOverOut,
    OrderLineOut,
    OrderOut,
    OrderQuery,
    OrdersOut,
    RejectIn,
    WeighIn,
)


@bp.get("/orders")
@bp.input(OrderQuery, location="query", arg_name="query")
@bp.output(OrdersOut)
@allow("market.sell")
def my_orders(query: OrderQuery) -> OrdersOut:
    """List my shop's orders, newest first."""
    with reading() as session:
        shop = service.own_merchant(session, current_actor(), current_community())
        wanted = select(Order).where(Order.merchant_id == shop.id)
        if query.state is not None:
            wanted = wanted.where(Order.state == query.state)
        rows, after = page(session, wanted, Order.id, query.after, query.limit)
        return OrdersOut(items=_orders_out(session, rows), next=after)


@bp.post("/orders/<uuid:order_id>/accept")
@bp.output(OrderOut)
@allow("market.sell")
@idempotent
def accept_order(order_id: UUID) -> OrderOut:
    """Take an order."""
    with transaction() as session:
        order = service.accept(session, current_actor(), current_community(), order_id)
        return _orders_out(session, [order])[0]


@bp.post("/orders/<uuid:order_id>/reject")
@bp.input(RejectIn, arg_name="body")
@bp.output(OrderOut)
@allow("market.sell")
@idempotent
def reject_order(order_id: UUID, body: RejectIn) -> OrderOut:
    """Say no, or give an order back before it is packed."""
    with transaction() as session:
        order = service.reject(session, current_actor(), current_community(), order_id, why=body.why)
        return _orders_out(session, [order])[0]


@bp.post("/orders/<uuid:order_id>/lines/<uuid:line_id>/out-of-stock")
@bp.output(OrderOut)
@allow("market.sell")
@idempotent
def line_out_of_stock(order_id: UUID, line_id: UUID) -> OrderOut:
    """Say that one line is not to be had; it is offered to other shops."""
    with transaction() as session:
        order = service.out_of_stock(session, current_actor(), current_community(), order_id, line_id)
        return _orders_out(session, [order])[0]


@bp.post("/orders/<uuid:order_id>/lines/<uuid:line_id>/weigh")
@bp.input(WeighIn, arg_name="body")
@bp.output(OrderOut)
@allow("market.sell")
@idempotent
def weigh_line(order_id: UUID, line_id: UUID, body: WeighIn) -> OrderOut:
    """Enter what was picked of goods sold by weight: the line's price follows, up to its tolerance."""
    with transaction() as session:
        order = service.weigh(session, current_actor(), current_community(), order_id, line_id, body.picked_g)
        return _orders_out(session, [order])[0]


@bp.post("/orders/<uuid:order_id>/pack")
@bp.output(OrderOut)
@allow("market.sell")
@idempotent
def pack_order(order_id: UUID) -> OrderOut:
    """Pack an order: its parcels get their codes."""
    with transaction() as session:
        order = service.pack(session, current_actor(), current_community(), order_id)
        return _orders_out(session, [order])[0]


@bp.post("/orders/<uuid:order_id>/hand-over")
@bp.input(HandOverIn, arg_name="body")
@bp.output(HandOverOut)
@allow("market.sell")
@idempotent
def hand_over(order_id: UUID, body: HandOverIn) -> HandOverOut:
    """Send packed orders to the gate: one link for whoever carries them."""
    with transaction() as session:
        orders, url = service.hand_over(session, current_actor(), current_community(), [order_id, *body.also])
        return HandOverOut(handover_url=url, orders=_orders_out(session, orders))


def _orders_out(session: Session, orders: Sequence[Order]) -> list[OrderOut]:
    community_id = current_community().id
    ids = [order.id for order in orders]
    lines = service.order_lines(session, ids)
    item_ids = {line.item_id for of_order in lines.values() for line in of_order}
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(item_ids)))}
    about = needs.needs_by_ids(session, community_id, [order.need_id for order in orders])
    codes = deliveries.codes_of_orders(session, community_id, ids)
    paid = service.paid_among(session, community_id, orders)
    placed = [order.offer_id for order in orders if order.state == OrderState.PLACED]
    answer_by = needs.expiries_of_offers(session, community_id, placed)
    return [
        OrderOut(
            id=order.id,
            code=order.id.hex[-6:].upper(),
            need_id=order.need_id,
            kind=about[order.need_id].kind,
            priority=about[order.need_id].priority,
            state=OrderState(order.state),
            lines=[_line_out(line, items[line.item_id]) for line in lines[order.id]],
            total_fen=sum(line.amount_fen for line in lines[order.id] if not line.is_out_of_stock),
            most_fen=sum(line.most_fen for line in lines[order.id] if not line.is_out_of_stock),
            pays_by=PaysBy(order.pays_by),
            is_paid=order.id in paid,
            placed_at=order.placed_at,
            answer_by=answer_by.get(order.offer_id),
            parcel_codes=codes.get(order.id, []),
            why=order.why,
        )
        for order in orders
    ]


def _line_out(line: OrderLine, item: Item) -> OrderLineOut:
    return OrderLineOut(
        about=line.subject_id,
        id=line.id,
        item_id=line.item_id,
        item_name=item.name,
        item_name_en=item.name_en,
        unit=item.unit,
        text=line.text,
        quantity=line.quantity,
        price_fen=line.price_fen,
        amount_fen=line.amount_fen,
        most_fen=line.most_fen,
        unit_g=line.unit_g,
        picked_g=line.picked_g,
        is_out_of_stock=line.is_out_of_stock,
    )
