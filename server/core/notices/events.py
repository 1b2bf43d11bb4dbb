"""Facts about notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class NoticeAdded(Event):
    """There is something new for a person to read."""

    kind: ClassVar[str] = "notices.added"
    notice_id: UUID
    person_id: UUID

    @property
    def aggregate(self) -> str:
        return f"person:{self.person_id}"
