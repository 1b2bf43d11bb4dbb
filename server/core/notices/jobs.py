"""What notices do by the clock."""

from __future__ import annotations

from typing import Any

from server.core.notices import service
from server.kit.db import transaction
from server.kit.module import JobContext


def forget_old(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete notices that nobody will look for any more."""
    with transaction() as session:
        service.forget_old(session)
