"""What the market does about facts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.notices import service as notices
from server.modules.market.events import OrderPlaced


def on_order_placed(session: Session, event: OrderPlaced) -> None:
    """Tell the shop's keepers, who may not have the page open."""
    subject = ("order", event.order_id)
    notices.tell(session, event.community_id, event.keepers, notices.NoticeKind.ORDER_PLACED, subject)
