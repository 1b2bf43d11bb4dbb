"""Money's background work."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from server.kit.db import transaction
from server.kit.module import JobContext
from server.modules.money.service import messages, performing, reconciling


def perform(context: JobContext, payload: dict[str, Any]) -> None:
    """Take an operation to the provider."""
    if context.community_id is not None:
        performing.perform(context.community_id, UUID(payload["operation_id"]))


def sweep(context: JobContext, payload: dict[str, Any]) -> None:
    """Take up operations that were lost on their way."""
    if context.community_id is not None:
        performing.sweep(context.community_id)


def look(context: JobContext, payload: dict[str, Any]) -> None:
    """Look at a payment that the provider has told us of."""
    messages.look_at(payload["object_ref"])


def reconcile(context: JobContext, payload: dict[str, Any]) -> None:
    """Compare our books with themselves and with the provider's list."""
    if context.community_id is not None:
        reconciling.reconcile(context.community_id)
        with transaction() as session:
            messages.forget(session)
