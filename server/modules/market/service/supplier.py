"""What the market is to needs: a supplier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.needs import service as needs
from server.modules.market.models import Merchant, Order
from server.modules.market.rules.limits import within
from server.modules.market.rules.merchants import MerchantState
from server.modules.market.rules.orders import OPEN, cover
from server.modules.market.service import allowances, orders
from server.modules.market.service.baskets import asked_lines
from server.modules.market.service.stock import listed


class MarketSupplier:
    """Offers baskets to the community's shops. See `server.core.needs.service.Supplier`."""

    @property
    def name(self) -> str:
        return "market"

    def candidates(
        self, session: Session, community_id: UUID, baskets: Sequence[needs.Basket]
    ) -> list[needs.SupplierCandidate]:
        """Return every open shop for every basket, with the lines it could serve now (perhaps none)."""
        shops = session.scalars(
            select(Merchant)
            .where(Merchant.community_id == community_id, Merchant.state == MerchantState.OPEN)
            .order_by(Merchant.id)
        ).all()
        stock = listed(session, community_id, [shop.id for shop in shops])
        busy = _open_orders(session, community_id)
        asked = asked_lines(session, community_id, baskets)
        about = needs.needs_by_ids(session, community_id, asked)
        homes = {need.home_id for need in about.values()}
        limited = {item.id for shelf in stock.values() for item in shelf if item.limit}
        taken = allowances.taken_by(session, community_id, homes, limited)
        found = []
        for shop in shops:
            for basket in baskets:
                lines, shelf = asked[basket.need_id], stock[shop.id]
                there = frozenset(cover(lines, shelf))
                mine = within(shelf, taken.get(about[basket.need_id].home_id, {}))
                covered = frozenset(cover(lines, mine)) if mine != shelf else there
                found.append(
                    needs.SupplierCandidate(
                        need_id=basket.need_id,
                        ref=shop.id,
                        label=shop.name,
                        covered=covered,
                        distance_m=shop.distance_m,
                        orders_left=max(0, shop.most_open_orders - busy[shop.id]),
                        over_limit=there - covered,
                    )
                )
        return found

    def place(
        self, session: Session, community_id: UUID, offer_id: UUID, ref: UUID, basket: needs.Basket
    ) -> None:
        orders.place(session, community_id, offer_id, ref, basket)

    def withdraw(self, session: Session, community_id: UUID, offer_id: UUID, why: str) -> None:
        orders.withdraw(session, community_id, offer_id, why)


def _open_orders(session: Session, community_id: UUID) -> Counter[UUID]:
    rows = session.execute(
        select(Order.merchant_id, func.count())
        .where(Order.community_id == community_id, Order.state.in_(OPEN))
        .group_by(Order.merchant_id)
    )
    # The list, not the result itself: dict() would take a result for a mapping, since it has keys().
    return Counter(dict(rows.all()))
