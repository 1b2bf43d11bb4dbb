"""What happens at the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class PassChanged(Event):
    """A pass is in another state. ``watchers``: who may show it, and who asked for it."""

    kind: ClassVar[str] = "gate.pass_changed"
    pass_id: UUID
    state: str
    watchers: list[UUID]

    @property
    def aggregate(self) -> str:
        return f"pass:{self.pass_id}"


@dataclass(frozen=True)
class RulesChanged(Event):
    """The community has a new version of its rules."""

    kind: ClassVar[str] = "gate.rules_changed"
    version: int


@dataclass(frozen=True)
class Found(Event):
    """Something at the gates does not add up, or somebody let somebody pass against the rules."""

    kind: ClassVar[str] = "gate.found"
    finding: str
    scan_id: UUID
    pass_id: UUID | None


@dataclass(frozen=True)
class ReadingHigh(Event):
    """Somebody was too warm at the gate. The reading itself is kept nowhere."""

    kind: ClassVar[str] = "gate.reading_high"
    scan_id: UUID
    person_id: UUID | None
    home_id: UUID | None
