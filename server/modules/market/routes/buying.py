"""Endpoints for buyers: how they pay, what they bought, and what was missing."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.needs import service as needs
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.errors import Forbidden
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Item, Merchant, Order, OrderLine
from server.modules.market.routes.blueprint import bp
from server.modules.market.routes.claims import claims_out
from server.modules.market.rules.orders import OrderState
from server.modules.market.rules.paying import BUYER_AGREES, CLAIM_WITHIN, PaysBy
from server.modules.market.schemas import (
    BoughtLineOut,
    BoughtOut,
    BoughtsOut,
    ClaimIn,
    ClaimOut,
    HabitIn,
    HabitOut,
    PayIn,
)
from server.modules.money import service as money

# A card needs a form of the bank's; it has a place at the API only.
CHOICES = (PaysBy.SHOP, PaysBy.WALLET, PaysBy.FUND, PaysBy.ALIPAY, PaysBy.WECHAT_PAY)


@bp.get("/paying")
@bp.output(HabitOut)
@allow("market.buy")
def my_habit() -> HabitOut:
    """Tell how I pay for orders to come, and what can be chosen."""
    with reading() as session:
        return _habit_out(session)


@bp.put("/paying")
@bp.input(HabitIn, arg_name="body")
@bp.output(HabitOut)
@allow("market.buy")
def set_my_habit(body: HabitIn) -> HabitOut:
    """Choose how I pay for orders to come."""
    with transaction() as session:
        service.set_habit(session, current_actor(), current_community(), body.pays_by)
        return _habit_out(session)


@bp.get("/needs/<uuid:need_id>/orders")
@bp.output(BoughtsOut)
@allow("market.buy")
def orders_of_need(need_id: UUID) -> BoughtsOut:
    """List the orders of a need of my home, with their money and claims."""
    with reading() as session:
        community = current_community()
        need = needs.find_need(session, community.id, need_id)
        if needs.sight_of(session, current_actor(), community, need) is needs.Sight.HELPER:
            raise Forbidden("needs.not_yours")
        wanted = select(Order).where(Order.community_id == community.id, Order.need_id == need_id)
        return BoughtsOut(items=_bought_out(session, session.scalars(wanted.order_by(Order.id)).all()))


@bp.post("/orders/<uuid:order_id>/pay")
@bp.input(PayIn, arg_name="body")
@bp.output(BoughtOut)
@allow("market.buy")
@idempotent
def pay_order(order_id: UUID, body: PayIn) -> BoughtOut:
    """Pay for an order of mine that is not paid yet."""
    with transaction() as session:
        order = service.pay(
            session,
            current_actor(),
            current_community(),
            order_id,
            body.pays_by,
            method=body.method,
            return_url=f"{request.host_url}receipts",
        )
        return _bought_out(session, [order])[0]


@bp.post("/orders/<uuid:order_id>/claims")
@bp.input(ClaimIn, arg_name="body")
@bp.output(ClaimOut, status_code=201)
@allow("market.buy")
@idempotent
def claim_line(order_id: UUID, body: ClaimIn) -> ClaimOut:
    """Say that pieces of a line of my home's order are missing or damaged."""
    with transaction() as session:
        said = service.Complaint(body.line_id, body.kind, body.quantity, body.note, body.photo_id)
        claim = service.make_claim(session, current_actor(), current_community(), order_id, said)
        return claims_out(session, [claim])[0]


def _habit_out(session: Session) -> HabitOut:
    community, actor = current_community(), current_actor()
    ways = [PaysBy.SHOP, PaysBy.WALLET]
    if money.rule_of(session, community.id).is_open:
        ways.append(PaysBy.FUND)
    if money.cards_off() is None:
        ways += [way for way in CHOICES if way in BUYER_AGREES]
    return HabitOut(
        pays_by=service.habit_of(session, community.id, actor.id),
        balance_fen=money.wallet_fen(session, community.id, actor.id),
        ways=ways,
    )


def _bought_out(session: Session, orders: Sequence[Order]) -> list[BoughtOut]:
    lines = service.order_lines(session, [order.id for order in orders])
    claims = service.claims_of(session, [order.id for order in orders])
    shown = {claim.id: claim for claim in claims_out(session, [c for some in claims.values() for c in some])}
    found = []
    for order in orders:
        payments = money.of_order(session, order.community_id, order.id)
        is_open = order.delivered_at is not None and clock.now() < order.delivered_at + CLAIM_WITHIN
        found.append(
            BoughtOut(
                id=order.id,
                merchant_name=session.get_one(Merchant, order.merchant_id).name,
                state=OrderState(order.state),
                lines=[_line_out(session, line) for line in lines[order.id]],
                total_fen=sum(line.amount_fen for line in lines[order.id] if not line.is_out_of_stock),
                pays_by=PaysBy(order.pays_by),
                is_mine=order.payer_id == current_actor().person_id,
                payment_id=payments[-1].id if payments else None,
                payment_state=payments[-1].state if payments else None,
                taken_fen=sum(one.captured_fen - one.refunded_fen for one in payments),
                given_back_fen=sum(one.released_fen + one.refunded_fen for one in payments),
                claim_until=order.delivered_at + CLAIM_WITHIN if order.delivered_at and is_open else None,
                claims=[shown[claim.id] for claim in claims[order.id]],
            )
        )
    return found


def _line_out(session: Session, line: OrderLine) -> BoughtLineOut:
    item = session.get_one(Item, line.item_id)
    return BoughtLineOut(
        id=line.id,
        item_name=item.name,
        item_name_en=item.name_en,
        unit=item.unit,
        quantity=line.quantity,
        price_fen=line.price_fen,
        is_out_of_stock=line.is_out_of_stock,
        claimed=line.claimed,
    )
