"""The gate's background work."""

from __future__ import annotations

from typing import Any

from server.core.communities import service as communities
from server.kit.audit import record
from server.kit.db import reading, transaction
from server.kit.module import JobContext
from server.kit.permissions import SYSTEM
from server.modules.gate import service


def expire_passes(context: JobContext, payload: dict[str, Any]) -> None:
    """Expire what is over."""
    if context.community_id is None:
        return
    with reading() as session:
        if not service.has_due(session, context.community_id):
            return
    with transaction() as session:
        service.expire_due(session, communities.by_id(session, context.community_id))


def forget_scans(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete old scans, and say how many."""
    if context.community_id is None:
        return
    with transaction() as session:
        gone = service.forget(session, context.community_id)
        if gone:
            facts = {"count": gone}
            record(session, SYSTEM, context.community_id, "gate.scans_forgotten", ("scan", None), facts=facts)
