"""What happens to helpers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class HelperEnrolled(Event):
    """Somebody asked to help; an officer has to look."""

    kind: ClassVar[str] = "helpers.enrolled"
    helper_id: UUID
    person_id: UUID

    @property
    def aggregate(self) -> str:
        return f"helper:{self.helper_id}"


@dataclass(frozen=True)
class HelperApproved(Event):
    """An officer let somebody help."""

    kind: ClassVar[str] = "helpers.approved"
    helper_id: UUID
    person_id: UUID

    @property
    def aggregate(self) -> str:
        return f"helper:{self.helper_id}"


@dataclass(frozen=True)
class HelperSuspended(Event):
    """Somebody may not help any more; what they hold has to find somebody else."""

    kind: ClassVar[str] = "helpers.suspended"
    helper_id: UUID
    person_id: UUID

    @property
    def aggregate(self) -> str:
        return f"helper:{self.helper_id}"


@dataclass(frozen=True)
class ShiftAdded(Event):
    """A helper is on between two instants."""

    kind: ClassVar[str] = "helpers.shift_added"
    helper_id: UUID
    from_at: datetime
    until_at: datetime

    @property
    def aggregate(self) -> str:
        return f"helper:{self.helper_id}"


@dataclass(frozen=True)
class RestChanged(Event):
    """A helper wants to rest in a shift, at another time, or not at all any more."""

    kind: ClassVar[str] = "helpers.rest_changed"
    helper_id: UUID
    shift_id: UUID
    changed_at: datetime

    @property
    def aggregate(self) -> str:
        return f"helper:{self.helper_id}"
