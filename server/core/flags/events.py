"""Facts about flags."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class FlagRaised(Event):
    kind: ClassVar[str] = "flags.raised"
    flag_id: UUID
    flag: str
    home_id: UUID | None
    person_id: UUID | None


@dataclass(frozen=True)
class FlagEnded(Event):
    kind: ClassVar[str] = "flags.ended"
    flag_id: UUID
    flag: str
    home_id: UUID | None
    person_id: UUID | None
