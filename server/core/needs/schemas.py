"""What the needs' endpoints take and give."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import Field

from server.core.needs.rules.kinds import MOST_LINES, Flow, NeedKind
from server.core.needs.rules.lifecycle import ClosedBecause, State
from server.core.needs.rules.urgency import Level
from server.kit.http import Instant, PageQuery, Schema
from server.kit.reads import AboutPerson, Sensitive


class LineIn(Schema):
    """One thing wanted; ``item_id``: an item of the market, if one was picked."""

    text: str = Field(min_length=1, max_length=120)
    quantity: int = Field(default=1, ge=1, le=999)
    item_id: UUID | None = None


class NeedIn(Schema):
    """A need. ``home_id`` is left out for one's own home; a worker names the home they post for."""

    kind: NeedKind
    home_id: UUID | None = None
    lines: list[LineIn] = Field(default_factory=list, max_length=MOST_LINES)
    note: str | None = Field(default=None, max_length=500)
    wanted_from: Instant | None = None
    wanted_until: Instant | None = None


class NeedsQuery(PageQuery):
    """``mine``.

    Of my home; else, for workers, all, those in ``state``, or those that are late (``overdue``).
    """

    mine: bool = False
    state: State | None = None
    overdue: bool = False
    home_id: UUID | None = None


class LineOut(Schema):
    id: UUID
    text: str
    quantity: int
    item_id: UUID | None
    state: State


class HomeOut(Schema):
    id: UUID
    label: str


class NeedOut(AboutPerson):
    """A need as its home and the workers see it; helpers see no note before they accepted."""

    id: UUID
    kind: NeedKind
    flow: Flow
    state: State
    priority: int
    level: Level
    home: HomeOut
    lines: Sensitive[list[LineOut]]
    note: Sensitive[str | None]
    wanted_from: Instant
    wanted_until: Instant
    posted_at: Instant
    state_since: Instant
    deadline: Instant | None
    is_on_behalf: bool
    closed_because: ClosedBecause | None
    follow_up_of: UUID | None


class NeedsOut(Schema):
    items: list[NeedOut]
    next: str | None


class MomentOut(Schema):
    at: Instant
    device_at: Instant | None
    state: State
    who_role: str
    facts: dict[str, Any]


class HolderOut(Schema):
    kind: str
    label: str | None


class WhyOut(Schema):
    """Why nobody was found at ``computed_at``, and the smallest change that would serve the need."""

    reason: str
    facts: dict[str, Any]
    smallest_change: dict[str, Any] | None
    computed_at: Instant


class NeedDetailOut(NeedOut):
    """A need with its story. ``may``: what the reader may do with it now."""

    timeline: list[MomentOut]
    holder: HolderOut | None
    expected_at: Instant | None
    drop: dict[str, Any] | None
    unmatched: WhyOut | None
    may: list[Literal["cancel", "confirm", "dispute", "repeat", "triage", "close"]]


class UnmatchedOut(WhyOut):
    need: NeedOut


class UnmatchedListOut(Schema):
    items: list[UnmatchedOut]
    next: str | None


class OfferOut(Schema):
    """An offer as the helper sees it; the home's own door only once it is accepted."""

    id: UUID
    state: str
    expires_at: Instant
    need: NeedOut


class OffersOut(Schema):
    items: list[OfferOut]
    next: str | None


class OpenNeedOut(Schema):
    """A visit that waits for somebody, as any helper may know of it: no door, no words of the home."""

    id: UUID
    kind: NeedKind
    priority: int
    entrance: str
    wanted_from: Instant
    wanted_until: Instant
    posted_at: Instant


class OpenNeedsOut(Schema):
    items: list[OpenNeedOut]
    next: str | None


class WhyIn(Schema):
    why: str | None = Field(default=None, max_length=300)


class MustSayWhyIn(Schema):
    why: str = Field(min_length=1, max_length=300)


class TriageIn(Schema):
    """``hold``: true puts it on hold, false lets it be matched (again)."""

    priority: int | None = Field(default=None, ge=0, le=2)
    hold: bool | None = None
    why: str | None = Field(default=None, max_length=300)


class CloseIn(Schema):
    because: ClosedBecause
    why: str | None = Field(default=None, max_length=300)


class MatchStartedOut(Schema):
    job_id: UUID
