"""What an item cost and how much of it there was, read from what nobody can change."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.tenancy import CommunityRef
from server.modules.market.models import ItemChange
from server.modules.market.rules.history import Known, StockDay, by_day

MOST_SHOWN = 100


def stock_days(session: Session, community: CommunityRef, item_id: UUID, days: int) -> list[StockDay]:
    """Return the item's last days, today included."""
    today = clock.now().astimezone(community.zone).date()
    first = today - timedelta(days=days - 1)
    since = datetime.combine(first, time(), community.zone)
    of_item = select(ItemChange).where(ItemChange.community_id == community.id, ItemChange.item_id == item_id)
    before = session.scalars(
        of_item.where(ItemChange.at < since).order_by(ItemChange.at.desc(), ItemChange.id.desc()).limit(1)
    ).all()
    within = session.scalars(
        of_item.where(ItemChange.at >= since).order_by(ItemChange.at, ItemChange.id)
    ).all()
    known = [Known(row.at, row.price_fen, row.on_hand) for row in (*before, *within)]
    return by_day(known, community.zone, first, today)


def price_days(session: Session, community: CommunityRef, item_id: UUID, days: int) -> list[tuple[date, int]]:
    """Return on which days of the last ones the price became another, oldest first, and what it became."""
    found: list[tuple[date, int]] = []
    for day in stock_days(session, community, item_id, days):
        if not found or found[-1][1] != day.price_fen:
            found.append((day.day, day.price_fen))
    return found


def last_changes(session: Session, community: CommunityRef, item_id: UUID) -> list[ItemChange]:
    """Return the item's latest changes, newest first."""
    return list(
        session.scalars(
            select(ItemChange)
            .where(ItemChange.community_id == community.id, ItemChange.item_id == item_id)
            .order_by(ItemChange.at.desc(), ItemChange.id.desc())
            .limit(MOST_SHOWN)
        )
    )
