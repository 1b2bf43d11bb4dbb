"""Quarantine's background work."""

from __future__ import annotations

from typing import Any

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.module import JobContext
from server.modules.quarantine import service


def look_at_checks(context: JobContext, payload: dict[str, Any]) -> None:
    """Ask for the checks that are due, and climb the ladder of those that are missed."""
    if context.community_id is None:
        return
    with transaction() as session:
        community = communities.by_id(session, context.community_id)
        service.ask(session, community)
        service.climb(session, community)
