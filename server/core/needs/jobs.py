"""What needs do by the clock."""

from __future__ import annotations

from typing import Any

from server.core.communities import service as communities
from server.core.needs import service
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.module import JobContext


def match_needs(context: JobContext, payload: dict[str, Any]) -> None:
    """Expire old offers and offer what waits."""
    if context.community_id is not None:
        service.match_community(context.community_id)


def pass_deadlines(context: JobContext, payload: dict[str, Any]) -> None:
    """Escalate or close what is overdue, each need in a transaction of its own.

    One failure holds up no other.
    """
    if context.community_id is None:
        return
    with reading() as session:
        community = communities.by_id(session, context.community_id)
        due = service.overdue(session, context.community_id, clock.now())
    for need_id in due:
        with transaction() as session:
            service.pass_deadline(session, community, need_id)
