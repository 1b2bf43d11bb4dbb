"""Goods sold by weight: the shop enters what it picked, and the line's price follows."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from server.kit.audit import record
from server.kit.errors import NotFound, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Order
from server.modules.market.rules.orders import OrderState, OrderStep, after
from server.modules.market.rules.weighing import settled_fen
from server.modules.market.service.orders import order_lines, own_order


def weigh(
    session: Session, actor: Actor, community: CommunityRef, order_id: UUID, line_id: UUID, picked_g: int
) -> Order:
    """Enter the weight picked for a line; again until it is packed.

    Raises Refused: market.not_weighed for goods by the piece, market.too_heavy above the tolerance the buyer agreed to.
    """
    order = own_order(session, actor, community, order_id)
    after(OrderState(order.state), OrderStep.WEIGH)
    line = next((line for line in order_lines(session, [order.id])[order.id] if line.id == line_id), None)
    if line is None:
        raise NotFound("market.line_not_found")
    if line.unit_g is None or not line.is_kept:
        raise Refused("market.not_weighed")
    fen = settled_fen(line.price_fen, line.unit_g, picked_g, at_most=line.most_fen)
    line.picked_g, line.settled_fen = picked_g, fen
    facts = {"item_id": line.item_id, "picked_g": picked_g, "settled_fen": fen}
    record(session, actor, community.id, "market.line_weighed", ("order", order.id), facts=facts)
    session.flush()
    return order
