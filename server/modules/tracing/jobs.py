"""Tracing's background work."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from server.kit.audit import record
from server.kit.db import transaction
from server.kit.module import JobContext
from server.kit.permissions import SYSTEM
from server.modules.tracing import service


def forget(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete cases of before fourteen days with what they found, and say how many."""
    if context.community_id is None:
        return
    with transaction() as session:
        gone = service.forget(session, context.community_id)
        if gone.cases:
            facts = asdict(gone)
            record(session, SYSTEM, context.community_id, "tracing.forgotten", ("case", None), facts=facts)
