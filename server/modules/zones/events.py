"""What happens to lists and zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class ListChanged(Event):
    """A list is in another state, or a row of it was decided."""

    kind: ClassVar[str] = "zones.list_changed"
    list_id: UUID
    state: str

    @property
    def aggregate(self) -> str:
        return f"zones:{self.list_id}"
