"""The market's background work."""

from __future__ import annotations

from typing import Any

from server.kit.db import reading, transaction
from server.kit.module import JobContext
from server.modules.market import service


def settle_orders(context: JobContext, payload: dict[str, Any]) -> None:
    """Pay the shops for orders against which nobody can claim any more, each in a transaction of its own."""
    if context.community_id is None:
        return
    with reading() as session:
        waiting = service.unsettled(session, context.community_id)
    for order_id in waiting:
        with transaction() as session:
            service.settle(session, context.community_id, order_id)
