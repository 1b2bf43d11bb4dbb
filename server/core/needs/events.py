"""What happens to needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from server.kit.events import Event


@dataclass(frozen=True)
class _OfNeed(Event):
    need_id: UUID

    @property
    def aggregate(self) -> str:
        return f"need:{self.need_id}"


@dataclass(frozen=True)
class NeedPosted(_OfNeed):
    """A home asked for something; ``watchers`` are the people who may know."""

    kind: ClassVar[str] = "needs.posted"
    need_kind: str
    home_id: UUID
    watchers: list[UUID]


@dataclass(frozen=True)
class NeedChanged(_OfNeed):
    """A need is in another state."""

    kind: ClassVar[str] = "needs.changed"
    state: str
    need_kind: str
    home_id: UUID
    watchers: list[UUID]
    helper_id: UUID | None
    closed_because: str | None


@dataclass(frozen=True)
class NeedCancelled(_OfNeed):
    """The home or a worker called it off before it was at the gate."""

    kind: ClassVar[str] = "needs.cancelled"
    home_id: UUID


@dataclass(frozen=True)
class NeedEscalated(_OfNeed):
    """A step took too long; ``level`` is who has to look now."""

    kind: ClassVar[str] = "needs.escalated"
    level: str
    state: str


@dataclass(frozen=True)
class LinesUnavailable(_OfNeed):
    """The shop turned out not to have some lines; they go on as the need ``follow_up_id``."""

    kind: ClassVar[str] = "needs.lines_unavailable"
    line_ids: list[UUID]
    follow_up_id: UUID
    watchers: list[UUID]


@dataclass(frozen=True)
class OfferMade(_OfNeed):
    """A need is offered to a helper (``helper_id``, ``person_id``) or to a shop (``supplier_ref``)."""

    kind: ClassVar[str] = "needs.offer_made"
    offer_id: UUID
    helper_id: UUID | None
    person_id: UUID | None
    supplier_ref: UUID | None
    expires_at: datetime


@dataclass(frozen=True)
class OfferEnded(_OfNeed):
    """An offer was accepted, declined, expired or withdrawn."""

    kind: ClassVar[str] = "needs.offer_ended"
    offer_id: UUID
    state: str
    helper_id: UUID | None
    person_id: UUID | None
    supplier_ref: UUID | None


@dataclass(frozen=True)
class VisitScheduled(_OfNeed):
    """A helper will come."""

    kind: ClassVar[str] = "needs.visit_scheduled"
    helper_id: UUID
    scheduled_at: datetime
