"""What happens in quarantine. No event says what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class OrderChanged(Event):
    """An order is in another state, or its home's care is. ``watchers``: who lives there."""

    kind: ClassVar[str] = "quarantine.order_changed"
    order_id: UUID
    home_id: UUID
    state: str
    watchers: list[UUID]

    @property
    def aggregate(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True)
class CheckChanged(Event):
    """A check is due, done or missed."""

    kind: ClassVar[str] = "quarantine.check_changed"
    check_id: UUID
    order_id: UUID
    person_id: UUID
    state: str

    @property
    def aggregate(self) -> str:
        return f"order:{self.order_id}"


@dataclass(frozen=True)
class TaskOpened(Event):
    """A missed check has reached a rung."""

    kind: ClassVar[str] = "quarantine.task_opened"
    task_id: UUID
    rung: str


@dataclass(frozen=True)
class Referred(Event):
    """Somebody has a fever or a symptom and is to be seen by a clinician. The reading itself stays where it is."""

    kind: ClassVar[str] = "quarantine.referred"
    referral_id: UUID
    order_id: UUID
    person_id: UUID
