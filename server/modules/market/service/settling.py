"""Settling an order's money: taken for what was dropped, the rest given back, and the shop paid when claims are over.

Money is asked in transactions of its own, on facts that were committed before: whoever holds stock never waits for a
wallet. What is to be asked is `rules.paying`'s answer to where the goods and the payment are now.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.deliveries import service as deliveries
from server.core.needs import service as needs
from server.kit import clock
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Claim, Order
from server.modules.market.rules.orders import OPEN, OrderState
from server.modules.market.rules.paying import (
    CLAIM_WITHIN,
    Goods,
    PaysBy,
    Sums,
    due_fen,
    is_settled,
    next_step,
)
from server.modules.market.service.paying import (
    LIVE,
    announce,
    lines_to_pay,
    locked,
    tell_uncovered,
    total_fen,
)
from server.modules.money import service as money

DROPPED = (deliveries.Custodian.DROP_POINT, deliveries.Custodian.HOUSEHOLD)
GONE = (OrderState.REJECTED, OrderState.CANCELLED)
NEED_OVER = (needs.State.CLOSED, needs.State.CANCELLED)
UNANSWERED = (
    money.PaymentState.ASKED,
    money.PaymentState.CAPTURING,
    money.PaymentState.RELEASING,
)


def settle(session: Session, community_id: UUID, order_id: UUID) -> None:
    """Ask of money what is due for the order now. Twice is once; what is not due yet is not asked."""
    order = locked(session, community_id, order_id)
    if order.settled_at is not None:
        return
    goods = _goods(session, order)
    due, now = due_fen(goods), clock.now()
    if due is None:
        order.delivered_at = None
    elif order.delivered_at is None and goods.dropped:
        order.delivered_at = now
    payments = money.of_order(session, community_id, order.id)
    if not payments and (order.state in GONE or order.pays_by == PaysBy.SHOP):
        return
    is_final = _is_final(session, order)
    community = communities.by_id(session, community_id)
    for payment in [money.find(session, community_id, one.id) for one in payments]:
        step = next_step(due, _sums(payment), is_final=is_final)
        if step is not None:
            _ask(session, community, payment, *step)
    _write_outcome(session, order, due, is_final=is_final)


def unsettled(session: Session, community_id: UUID) -> list[UUID]:
    """Return the orders whose time for claims is over, but whose money is not where it belongs yet."""
    wanted = select(Order.id).where(
        Order.community_id == community_id,
        Order.settled_at.is_(None),
        Order.delivered_at < clock.now() - CLAIM_WITHIN,
        Order.pays_by != PaysBy.SHOP,
    )
    return list(session.scalars(wanted.order_by(Order.delivered_at).limit(500)))


def _write_outcome(session: Session, order: Order, due: int | None, *, is_final: bool) -> None:
    """See what became of the payments: declined ones leave the order to be paid at the shop; arrived ones end it."""
    payments = money.of_order(session, order.community_id, order.id)
    live = [one for one in payments if one.state in LIVE]
    if payments and not live and order.state in OPEN:
        order.pays_by = PaysBy.SHOP.value
        tell_uncovered(session, order)
        announce(session, order)
    elif payments and all(is_settled(due, _sums(one), is_final=is_final) for one in payments):
        order.settled_at = clock.now()
    session.flush()


def _goods(session: Session, order: Order) -> Goods:
    granted = session.scalars(select(Claim).where(Claim.order_id == order.id, Claim.state == "granted"))
    parcels = deliveries.parcels_of_orders(session, order.community_id, [order.id]).get(order.id, [])
    need = needs.find_need(session, order.community_id, order.need_id)
    return Goods(
        price_fen=total_fen(lines_to_pay(session, order.id)),
        parcels=len(parcels),
        dropped=sum(parcel.custodian_kind in DROPPED for parcel in parcels),
        is_over=order.state in GONE or need.state in NEED_OVER,
        granted_fen=sum(claim.amount_fen for claim in granted),
    )


def _is_final(session: Session, order: Order) -> bool:
    if order.state in GONE:
        return True
    is_over = order.delivered_at is None or clock.now() >= order.delivered_at + CLAIM_WITHIN
    still_open = select(Claim.id).where(Claim.order_id == order.id, Claim.state == "open").limit(1)
    return is_over and session.scalar(still_open) is None


def _sums(payment: money.Payment) -> Sums:
    return Sums(
        is_authorised=payment.state == money.PaymentState.AUTHORISED,
        is_captured=payment.state == money.PaymentState.CAPTURED,
        is_waiting=payment.state in UNANSWERED or payment.busy_fen > 0 or payment.reversing_fen > 0,
        authorised_fen=payment.authorised_fen,
        captured_fen=payment.captured_fen,
        refunded_fen=payment.refunded_fen,
        paid_out_fen=payment.paid_out_fen,
        held_fen=payment.held_fen,
        disputed_fen=payment.disputed_fen,
    )


def _ask(
    session: Session, community: CommunityRef, payment: money.Payment, step: str, amount_fen: int
) -> None:
    # The sums make the key: the same again is known, what a provider refused is tried again the next day.
    day = clock.now().date().isoformat()
    key = f"{day}:{payment.captured_fen}:{payment.refunded_fen}:{payment.paid_out_fen}:{amount_fen}"
    money.ask(session, SYSTEM, community, payment.id, money.Step(step), amount_fen, key=key)
