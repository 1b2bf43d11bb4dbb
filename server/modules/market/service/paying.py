"""Paying for an order: what somebody chose beforehand, and what they agree to themselves."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.communities import service as communities
from server.core.needs import service as needs
from server.core.notices import service as notices
from server.kit.audit import record
from server.kit.db import insert_once
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.events import OrderChanged
from server.modules.market.models import Merchant, Order, OrderLine, PayingHabit
from server.modules.market.rules.orders import OPEN
from server.modules.market.rules.paying import AT_ONCE, BUYER_AGREES, PaysBy
from server.modules.money import service as money

PAID = (money.PaymentState.AUTHORISED, money.PaymentState.CAPTURING, money.PaymentState.CAPTURED)
LIVE = (
    money.PaymentState.ASKED,
    money.PaymentState.AUTHORISED,
    money.PaymentState.CAPTURING,
    money.PaymentState.CAPTURED,
)


def habit_of(session: Session, community_id: UUID, person_id: UUID) -> PaysBy:
    """Return how somebody wants to pay for orders to come."""
    row = session.scalar(
        select(PayingHabit.pays_by).where(
            PayingHabit.community_id == community_id, PayingHabit.person_id == person_id
        )
    )
    return PaysBy(row) if row else PaysBy.SHOP


def set_habit(session: Session, actor: Actor, community: CommunityRef, pays_by: PaysBy) -> None:
    """Choose how to pay for orders to come; those under way stay as they are."""
    place = {"community_id": community.id, "person_id": actor.id}
    if insert_once(
        session, PayingHabit, {**place, "pays_by": pays_by.value}, unless=["community_id", "person_id"]
    ):
        return
    session.scalars(select(PayingHabit).filter_by(**place)).one().pays_by = pays_by.value
    session.flush()


def set_aside(session: Session, order: Order, lines: Iterable[OrderLine]) -> None:
    """Pay for an order that was just placed as its buyer wished; where that does not cover it, the shop is paid."""
    wish = habit_of(session, order.community_id, order.payer_id)
    order.pays_by = wish.value if wish in BUYER_AGREES else PaysBy.SHOP.value
    at_most = most_fen(lines)
    if wish not in AT_ONCE or at_most == 0:
        return
    community = communities.by_id(session, order.community_id)
    try:
        with session.begin_nested():
            _charge(session, SYSTEM, community, order, wish, at_most)
    except Refused:
        tell_uncovered(session, order)


def pay(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    order_id: UUID,
    pays_by: PaysBy,
    *,
    method: str | None = None,
    return_url: str | None = None,
) -> Order:
    """Pay for an order of one's own home that is not paid yet. Asked for the same again, it is the same payment.

    Raises NotFound for somebody else's, Conflict if it is paid or over, Refused where money says no.
    """
    order = locked(session, community.id, order_id)
    if order.payer_id != actor.person_id:
        raise NotFound("market.order_not_found")
    if order.state not in OPEN:
        raise Conflict("market.not_now", state=order.state, step="pay")
    if pays_by is PaysBy.SHOP:
        raise Refused("market.nothing_to_pay")
    live = [one for one in money.of_order(session, community.id, order.id) if one.state in LIVE]
    if live:
        if live[0].source == pays_by.value:
            return order
        raise Conflict("market.paid_already")
    at_most = most_fen(lines_to_pay(session, order.id))
    if at_most == 0:
        raise Refused("market.nothing_to_pay")
    _charge(session, actor, community, order, pays_by, at_most, method=method, return_url=return_url)
    return order


def paid_among(session: Session, community_id: UUID, orders: Iterable[Order]) -> set[UUID]:
    """Return which orders' money is set aside or taken; one that is paid at the shop is never among them."""
    asked = [order.id for order in orders if order.pays_by != PaysBy.SHOP]
    return money.orders_in(session, community_id, asked, PAID)


def check_paid(session: Session, order: Order) -> None:
    """Raise Conflict while the buyer has not agreed to the payment that was chosen for this order."""
    if order.pays_by in BUYER_AGREES and not paid_among(session, order.community_id, [order]):
        raise Conflict("market.not_paid_yet")


def locked(session: Session, community_id: UUID, order_id: UUID) -> Order:
    """Return an order, its need and itself locked, in the order in which everybody locks them. Raises NotFound."""
    order = session.get(Order, order_id)
    if order is None or order.community_id != community_id:
        raise NotFound("market.order_not_found")
    # The need first, its order after it: everybody locks in this order.
    needs.find_need(session, community_id, order.need_id, for_update=True)
    session.refresh(order, with_for_update=True)
    return order


def _charge(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    order: Order,
    pays_by: PaysBy,
    amount_fen: int,
    *,
    method: str | None = None,
    return_url: str | None = None,
) -> None:
    shop = session.get_one(Merchant, order.merchant_id)
    money.register_payee(session, SYSTEM, community, shop.id, label=shop.name)
    tries = len(money.of_order(session, community.id, order.id))
    wanted = money.Charge(
        order_ref=order.id,
        payer_id=order.payer_id,
        payee_id=shop.id,
        amount_fen=amount_fen,
        source=money.Source(pays_by.value),
        key=f"order:{order.id.hex}:{tries}",
        method=method,
        return_url=return_url,
    )
    money.charge(session, actor, community, wanted)
    order.pays_by = pays_by.value
    session.flush()
    facts = {"pays_by": pays_by.value, "amount_fen": amount_fen}
    record(session, actor, community.id, "market.order_paid", ("order", order.id), facts=facts)


def tell_uncovered(session: Session, order: Order) -> None:
    """Tell the buyer that what they chose does not pay for this order."""
    notices.tell(
        session,
        order.community_id,
        [order.payer_id],
        notices.NoticeKind.ORDER_NOT_COVERED,
        ("need", order.need_id),
    )


def announce(session: Session, order: Order) -> None:
    """Tell whoever listens that the order has changed."""
    emit(
        session,
        OrderChanged(
            order.community_id,
            order.id,
            merchant_id=order.merchant_id,
            need_id=order.need_id,
            state=order.state,
        ),
    )


def lines_to_pay(session: Session, order_id: UUID) -> list[OrderLine]:
    """Return the order's lines that the shop has."""
    wanted = select(OrderLine).where(OrderLine.order_id == order_id, ~OrderLine.is_out_of_stock)
    return list(session.scalars(wanted))


def total_fen(lines: Iterable[OrderLine]) -> int:
    """Return what lines cost together, by weight where they were weighed."""
    return sum(line.amount_fen for line in lines)


def most_fen(lines: Iterable[OrderLine]) -> int:
    """Return what lines can cost at most: so much is set aside, and what they cost in the end is taken of it."""
    return sum(line.most_fen if line.settled_fen is None else line.settled_fen for line in lines)
