"""What racing processes seal."""

from __future__ import annotations

from uuid import UUID

from server.kit.db import new_id, transaction
from server.kit.sealed import seal


def seal_for(subject_id: UUID, nth: int) -> tuple[UUID, str]:
    """Seal a text for the subject; return its row and the sealed value."""
    row_id = new_id()
    with transaction() as session:
        return row_id, seal(session, subject_id, ("kit_test", row_id, "field"), f"text {nth}")
