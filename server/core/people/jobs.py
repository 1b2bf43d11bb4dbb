"""What people do by the clock."""

from __future__ import annotations

from typing import Any

from server.core.people import service
from server.kit.db import transaction
from server.kit.module import JobContext


def forget_old(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete codes and tries that count no more, and looks older than the access log is kept."""
    with transaction() as session:
        service.forget_codes(session)
        service.forget_password_tries(session)
        service.forget_looks(session)
