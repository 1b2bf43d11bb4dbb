"""Scheduled work on places."""

from __future__ import annotations

from typing import Any

from server.core.places import service
from server.kit.db import reading, transaction
from server.kit.module import JobContext


def reopen_lanes(context: JobContext, payload: dict[str, Any]) -> None:
    """Reopen the lanes whose closing is over."""
    if context.community_id is None:
        return
    with reading() as session:
        if not service.has_due_lanes(session, context.community_id):
            return
    with transaction() as session:
        service.reopen_due_lanes(session, context.community_id)
