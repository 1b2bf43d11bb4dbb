"""Baskets of needs as the market's rules see them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.needs import service as needs
from server.modules.market.models import Item
from server.modules.market.rules.orders import AskedLine
from server.modules.market.rules.products import is_exact


def asked_lines(
    session: Session, community_id: UUID, baskets: Sequence[needs.Basket]
) -> dict[UUID, list[AskedLine]]:
    """Return need → its lines; those of medicine, and of picked goods that demand it, are exact."""
    refs = {line.item_ref for basket in baskets for line in basket.lines if line.item_ref}
    picked: dict[UUID | None, tuple[str | None, bool]] = {
        item_id: (barcode, is_exact(category, allergens))
        for item_id, barcode, category, allergens in session.execute(
            select(Item.id, Item.barcode, Item.category, Item.allergens).where(
                Item.community_id == community_id, Item.id.in_(refs)
            )
        )
    }
    about = needs.needs_by_ids(session, community_id, [basket.need_id for basket in baskets])
    found: dict[UUID, list[AskedLine]] = {}
    for basket in baskets:
        is_medicine = about[basket.need_id].kind == needs.NeedKind.MEDICINE
        found[basket.need_id] = [
            _asked(line, *picked.get(line.item_ref, (None, False)), is_medicine=is_medicine)
            for line in basket.lines
        ]
    return found


def _asked(line: needs.BasketLine, barcode: str | None, exact: bool, *, is_medicine: bool) -> AskedLine:
    return AskedLine(
        line.line_id, line.text, line.quantity, line.item_ref, barcode=barcode, is_exact=exact or is_medicine
    )
