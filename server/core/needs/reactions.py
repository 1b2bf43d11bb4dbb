"""What needs do about facts announced by others."""

from __future__ import annotations

from sqlalchemy.orm import Session

from server.core.helpers.events import HelperSuspended
from server.core.needs import service


def on_helper_suspended(session: Session, event: HelperSuspended) -> None:
    """Offer what a suspended helper held to others."""
    service.take_back_from_helper(session, event.community_id, event.helper_id, why="helper_suspended")
