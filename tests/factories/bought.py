"""A home that buys, a shop that sells, and the way of an order's parcels from the shelf to the door."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from server.core.deliveries import service as deliveries
from server.core.needs import service as needs
from server.kit.db import new_id, reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Order
from server.modules.money import service as money
from server.modules.money.models import Payment
from tests.factories.neighbourhood import make_homes, make_resident, make_shop

WAY = {
    deliveries.Custodian.GATE: deliveries.Custodian.MERCHANT,
    deliveries.Custodian.COURIER: deliveries.Custodian.GATE,
    deliveries.Custodian.DROP_POINT: deliveries.Custodian.COURIER,
}


@dataclass
class Corner:
    """``buyer`` and ``shop`` speak HTTP; everything costs 10 yuan a piece."""

    community: CommunityRef
    buyer: Any
    buyer_id: UUID
    home_id: UUID
    shop: Any
    shop_id: UUID
    keeper_id: UUID
    drain: Callable[[], None]

    @property
    def api(self) -> str:
        return f"/api/c/{self.community.slug}/market"

    def order(self, pays_by: str = "wallet", **lines: int) -> str:
        """Choose how to pay, post a need for the lines, match it, and return the order's id."""
        self.buyer.put(f"{self.api}/paying", {"pays_by": pays_by})
        body = {"kind": "groceries", "lines": [{"text": text, "quantity": n} for text, n in lines.items()]}
        need = self.buyer.post(f"/api/c/{self.community.slug}/needs", body).get_json()
        needs.match_community(self.community.id)
        self.drain()
        with reading() as session:
            return str(session.scalars(select(Order.id).where(Order.need_id == UUID(need["id"]))).one())

    def pack(self, order_id: str) -> None:
        """Accept, pack and hand over."""
        for step in ("accept", "pack", "hand-over"):
            done = self.shop.post(f"{self.api}/orders/{order_id}/{step}")
            assert done.status_code == 200, done.get_json()
        self.drain()

    def carry(self, order_id: str, *to: deliveries.Custodian, only: int | None = None) -> None:
        """Hand the order's parcels on, the first ``only`` of them or all."""
        for taker in to or tuple(WAY):
            with transaction() as session:
                found = deliveries.parcels_of_orders(session, self.community.id, [UUID(order_id)])
                for parcel in found[UUID(order_id)][:only]:
                    deliveries.hand(session, SYSTEM, parcel, taker, new_id(), how="test")
        self.drain()

    def delivered(self, pays_by: str = "wallet", **lines: int) -> str:
        """Order, pack and bring to the door; return the order's id."""
        order_id = self.order(pays_by, **lines)
        self.pack(order_id)
        self.carry(order_id)
        return order_id

    def bought(self, order_id: str) -> dict[str, Any]:
        """Return the order as its home sees it."""
        with reading() as session:
            need_id = session.get_one(Order, UUID(order_id)).need_id
        items = self.buyer.get(f"{self.api}/needs/{need_id}/orders").get_json()["items"]
        return next(item for item in items if item["id"] == order_id)

    def payment(self, order_id: str) -> UUID:
        """Return the id of the order's only payment."""
        with reading() as session:
            return session.scalars(select(Payment.id).where(Payment.order_ref == UUID(order_id))).one()


def make_corner(
    community: CommunityRef,
    sign_in: Callable[..., Any],
    drain: Callable[[], None],
    *,
    vouchers_fen: int = 20_000,
) -> Corner:
    """Make a home with vouchers, and a shop with cabbages and eggs."""
    home = make_homes(community, 2)[0]
    buyer = make_resident(community, home)
    shop, keeper = make_shop(community, {"大白菜": 50, "鸡蛋": 20})
    if vouchers_fen:
        with transaction() as session:
            money.issue_vouchers(session, SYSTEM, community, buyer, vouchers_fen, key=str(new_id()))
    return Corner(
        community,
        sign_in("resident", person_id=buyer),
        buyer,
        home,
        sign_in("merchant", person_id=keeper),
        shop,
        keeper,
        drain,
    )
