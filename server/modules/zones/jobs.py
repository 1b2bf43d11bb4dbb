"""Zones' background work."""

from __future__ import annotations

from typing import Any

from server.core.communities import service as communities
from server.kit.db import transaction
from server.kit.module import JobContext
from server.modules.zones import service


def end_due(context: JobContext, payload: dict[str, Any]) -> None:
    """End the zones whose time is over; their flags lapse at the same instant by themselves."""
    if context.community_id is None:
        return
    with transaction() as session:
        service.end_due(session, communities.by_id(session, context.community_id))
