"""Orders: placed when a need is offered to a shop, answered, packed, handed over; or called off."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.deliveries import service as deliveries
from server.core.needs import service as needs
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id, touched
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.events import OrderPlaced
from server.modules.market.models import Item, Merchant, Order, OrderLine
from server.modules.market.rules.orders import (
    OPEN,
    OrderState,
    OrderStep,
    after,
    cover,
    parcels_of,
)
from server.modules.market.rules.weighing import check_weighed, most_fen
from server.modules.market.service import allowances
from server.modules.market.service.baskets import asked_lines
from server.modules.market.service.paying import announce, check_paid, locked, set_aside
from server.modules.market.service.shops import check_keeps, keepers_of
from server.modules.market.service.stock import listed, nothing_left, release, reserve, take_out


def place(
    session: Session, community_id: UUID, offer_id: UUID, merchant_id: UUID, basket: needs.Basket
) -> Order:
    """Put a basket to a shop and keep its stock.

    Raises Refused if the shop cannot serve all of it any more.
    """
    need = needs.find_need(session, community_id, basket.need_id)
    shelf = listed(session, community_id, [merchant_id])[merchant_id]
    items = allowances.for_home(session, community_id, need.home_id, shelf)
    chosen = cover(asked_lines(session, community_id, [basket])[need.id], items)
    missing = [line for line in basket.lines if line.line_id not in chosen]
    if missing:
        raise Refused("market.not_enough", lines=[str(line.line_id) for line in missing])
    kept = [(chosen[line.line_id], line.quantity) for line in basket.lines]
    reserve(session, kept)
    taken = allowances.take(session, community_id, need.home_id, kept)
    order = Order(
        id=new_id(),
        community_id=community_id,
        merchant_id=merchant_id,
        need_id=need.id,
        offer_id=offer_id,
        home_id=need.home_id,
        state=OrderState.PLACED,
        placed_at=clock.now(),
        payer_id=need.subject_id,
    )
    session.add(order)
    session.flush()
    lines = _add_lines(session, order, basket, chosen, taken)
    set_aside(session, order, lines)
    record(
        session, SYSTEM, community_id, "market.order_placed", ("order", order.id), facts={"need_id": need.id}
    )
    keepers = keepers_of(session, merchant_id)
    emit(
        session,
        OrderPlaced(community_id, order.id, merchant_id=merchant_id, need_id=need.id, keepers=keepers),
    )
    return order


def accept(session: Session, actor: Actor, community: CommunityRef, order_id: UUID) -> Order:
    """Take the order, and with it the need. Twice is once. Raises Conflict if it is gone meanwhile."""
    order = own_order(session, actor, community, order_id)
    if order.state == OrderState.ACCEPTED:
        return order
    to = after(OrderState(order.state), OrderStep.ACCEPT)
    needs.accept_as_shop(session, actor, community.id, order.offer_id)
    order.answered_at = clock.now()
    _move(session, actor, order, to)
    return order


def reject(session: Session, actor: Actor, community: CommunityRef, order_id: UUID, *, why: str) -> Order:
    """Say no, or give the order back before it is packed: the need is offered to others."""
    order = own_order(session, actor, community, order_id)
    to = after(OrderState(order.state), OrderStep.REJECT)
    _free(session, order)
    order.why, order.answered_at = why, clock.now()
    _move(session, actor, order, to, why=why)
    needs.decline_as_shop(session, actor, community.id, order.offer_id, why=why)
    return order


def out_of_stock(
    session: Session, actor: Actor, community: CommunityRef, order_id: UUID, order_line_id: UUID
) -> Order:
    """Say that a line is not to be had: the shelf counts as empty, and the line is offered to other shops.

    An order without any line left is rejected.
    """
    order = own_order(session, actor, community, order_id)
    after(OrderState(order.state), OrderStep.OUT_OF_STOCK)
    lines = order_lines(session, [order.id])[order.id]
    line = next((line for line in lines if line.id == order_line_id), None)
    if line is None:
        raise NotFound("market.line_not_found")
    if line.is_out_of_stock:
        return order
    nothing_left(session, line.item_id, line.quantity)
    allowances.give_back(session, [line])
    line.is_kept, line.is_out_of_stock = False, True
    facts = {"item_id": line.item_id, "quantity": line.quantity}
    record(session, actor, community.id, "market.line_out_of_stock", ("order", order.id), facts=facts)
    is_empty = all(other.is_out_of_stock for other in lines)
    if is_empty:
        order.answered_at, order.why = clock.now(), "out_of_stock"
    needs.lines_unavailable(session, actor, community.id, order.offer_id, [line.need_line_id])
    _move(session, actor, order, OrderState.REJECTED if is_empty else OrderState(order.state))
    return order


def pack(session: Session, actor: Actor, community: CommunityRef, order_id: UUID) -> Order:
    """Pack the order: its goods leave the shelf and become parcels, which the shop holds. Twice is once."""
    order = own_order(session, actor, community, order_id)
    if order.state == OrderState.PACKED:
        return order
    to = after(OrderState(order.state), OrderStep.PACK)
    check_paid(session, order)
    lines = [line for line in order_lines(session, [order.id])[order.id] if line.is_kept]
    check_weighed(lines)
    take_out(session, [(line.item_id, line.quantity) for line in lines])
    load_g, volume_ml = _size(session, lines)
    for line in lines:
        line.is_kept = False
    for parcel_g, parcel_ml in parcels_of(load_g, volume_ml):
        deliveries.create_parcel(
            session,
            actor,
            community.id,
            need_id=order.need_id,
            order_ref=order.id,
            home_id=order.home_id,
            load_g=parcel_g,
            volume_ml=parcel_ml,
            merchant_id=order.merchant_id,
        )
    order.packed_at = clock.now()
    _move(session, actor, order, to)
    return order


def hand_over(
    session: Session, actor: Actor, community: CommunityRef, order_ids: list[UUID]
) -> tuple[list[Order], str]:
    """Send packed orders to the gate with one link, which whoever carries them opens without an account.

    All orders must be of one shop. Returns the orders and the link's path.
    """
    orders = [own_order(session, actor, community, order_id) for order_id in sorted(set(order_ids))]
    if len({order.merchant_id for order in orders}) != 1:
        raise Refused("market.orders_of_one_shop")
    for order in orders:
        to = after(OrderState(order.state), OrderStep.HAND_OVER)
        order.handed_over_at = clock.now()
        _move(session, actor, order, to)
    url = deliveries.create_handover(
        session,
        actor,
        community.id,
        merchant_id=orders[0].merchant_id,
        order_refs=[order.id for order in orders],
        sender=session.get_one(Merchant, orders[0].merchant_id).name,
    )
    return orders, url


def withdraw(session: Session, community_id: UUID, offer_id: UUID, why: str) -> None:
    """Take back the order behind an offer and free its stock. Twice is once.

    Raises Refused("market.already_packed") once the goods are packed.
    """
    order = session.scalars(
        select(Order)
        .where(Order.community_id == community_id, Order.offer_id == offer_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if order is None or order.state in (OrderState.CANCELLED, OrderState.REJECTED):
        return
    if order.state not in OPEN:
        raise Refused("market.already_packed")
    _free(session, order)
    order.why = why
    _move(session, SYSTEM, order, after(OrderState(order.state), OrderStep.CANCEL), why=why)


def orders_of_needs(session: Session, community_id: UUID, need_ids: Iterable[UUID]) -> dict[UUID, Order]:
    """Return each need's latest order; needs that never became one are left out."""
    rows = session.scalars(
        select(Order)
        .where(Order.community_id == community_id, Order.need_id.in_(list(need_ids)))
        .order_by(Order.id)
    )
    return {order.need_id: order for order in rows}


def order_lines(session: Session, order_ids: list[UUID]) -> dict[UUID, list[OrderLine]]:
    """Return each order's lines."""
    found: dict[UUID, list[OrderLine]] = {order_id: [] for order_id in order_ids}
    for line in session.scalars(
        select(OrderLine).where(OrderLine.order_id.in_(order_ids)).order_by(OrderLine.id)
    ):
        found[line.order_id].append(line)
    return found


def _add_lines(
    session: Session, order: Order, basket: needs.Basket, chosen: dict[UUID, UUID], taken: dict[UUID, UUID]
) -> list[OrderLine]:
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(chosen.values())))}
    found = [(line, items[chosen[line.line_id]]) for line in basket.lines]
    lines = [
        OrderLine(
            community_id=order.community_id,
            order_id=order.id,
            need_line_id=line.line_id,
            item_id=item.id,
            subject_id=basket.subject_id,
            text=line.text,
            quantity=line.quantity,
            price_fen=item.price_fen,
            is_kept=True,
            is_out_of_stock=False,
            allowance_id=taken.get(item.id),
            unit_g=None if item.tolerance_percent is None else item.weight_g,
            most_fen=most_fen(item.price_fen, line.quantity, item.tolerance_percent),
        )
        for line, item in found
    ]
    session.add_all(lines)
    session.flush()
    return lines


def own_order(session: Session, actor: Actor, community: CommunityRef, order_id: UUID) -> Order:
    """Return an order of the actor's shop, locked behind its need. Raises NotFound, Forbidden."""
    order = session.get(Order, order_id)
    if order is None or order.community_id != community.id:
        raise NotFound("market.order_not_found")
    check_keeps(session, actor, community.id, order.merchant_id)
    return locked(session, community.id, order_id)


def _free(session: Session, order: Order) -> None:
    lines = order_lines(session, [order.id])[order.id]
    kept = [line for line in lines if line.is_kept]
    # The marks go first: only who turns them may free the stock, so that freeing twice frees once.
    turned = session.execute(
        update(OrderLine)
        .where(OrderLine.order_id == order.id, OrderLine.is_kept)
        .values(is_kept=False)
        .execution_options(synchronize_session="fetch")
    )
    if touched(turned) != len(kept):
        raise Conflict("market.order_moved_on")
    release(session, [(line.item_id, line.quantity) for line in kept])
    allowances.give_back(session, kept)


def _size(session: Session, lines: list[OrderLine]) -> tuple[int, int]:
    items = {
        item.id: item
        for item in session.scalars(select(Item).where(Item.id.in_({line.item_id for line in lines})))
    }
    load_g = sum(line.picked_g or items[line.item_id].weight_g * line.quantity for line in lines)
    return load_g, sum(items[line.item_id].volume_ml * line.quantity for line in lines)


def _move(session: Session, actor: Actor, order: Order, to: OrderState, *, why: str | None = None) -> None:
    before, order.state = order.state, to
    session.flush()
    if before != to:
        facts = {"from": before, "to": to}
        record(
            session,
            actor,
            order.community_id,
            "market.order_moved",
            ("order", order.id),
            facts=facts,
            why=why,
        )
    announce(session, order)
