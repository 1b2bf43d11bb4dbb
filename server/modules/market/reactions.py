"""What the market does about facts. Each may come twice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries.events import ParcelMoved
from server.core.needs.events import NeedChanged
from server.core.notices import service as notices
from server.modules.market import service
from server.modules.market.events import OrderChanged, OrderPlaced
from server.modules.market.models import Order
from server.modules.market.service.settling import NEED_OVER
from server.modules.money.events import PaymentChanged


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """Tell the shop's keepers, who may not have the page open."""
    subject = ("order", event.order_id)
    notices.tell(session, event.community_id, event.keepers, notices.NoticeKind.ORDER_PLACED, subject)


def on_order_changed(session: Session, event: OrderChanged) -> None:
    """What was called off is given back."""
    service.settle(session, event.community_id, event.order_id)


def on_parcel_moved(session: Session, event: ParcelMoved) -> None:
    """What was dropped is taken; what was taken back is not."""
    for order_id in _orders_of(session, event.need_id):
        service.settle(session, event.community_id, order_id)


def on_need_changed(session: Session, event: NeedChanged) -> None:
    """Once a need is over, nothing more will be dropped for it."""
    if event.state in NEED_OVER:
        for order_id in _orders_of(session, event.need_id):
            service.settle(session, event.community_id, order_id)


def on_payment_changed(session: Session, event: PaymentChanged) -> None:
    """Go on from what money has done; payments for other things than orders are none of the market's."""
    order = session.get(Order, event.order_ref)
    if order is not None and order.community_id == event.community_id:
        service.settle(session, event.community_id, order.id)


def _orders_of(session: Session, need_id: UUID) -> list[UUID]:
    return list(session.scalars(select(Order.id).where(Order.need_id == need_id).order_by(Order.id)))
