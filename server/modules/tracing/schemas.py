"""Request and response types of tracing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, StringConstraints

from server.kit.http import Instant, Schema
from server.kit.reads import AboutPerson, Sensitive
from server.modules.tracing.rules.cases import CandidateState


class CaseIn(Schema):
    number: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    purpose: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
    home_id: UUID
    from_at: AwareDatetime
    until_at: AwareDatetime


class ReasonOut(Schema):
    """``times``: of the case at this place, so often was the home there within ``within_min`` minutes."""

    source: str
    place_label: str
    times: int
    closest_s: int
    within_min: int


class CandidateOut(AboutPerson):
    id: UUID
    rank: int
    home_label: Sensitive[str]
    overlaps: Sensitive[list[ReasonOut]]
    state: CandidateState
    decided_at: Instant | None


class CaseRowOut(Schema):
    """A case in a list: nothing of whose it is."""

    id: UUID
    number: str
    from_at: Instant
    until_at: Instant
    opened_at: Instant


class CaseOut(CaseRowOut, AboutPerson):
    home_label: Sensitive[str]
    asked_for: Sensitive[str]
    candidates: list[CandidateOut]


class CasesOut(Schema):
    items: list[CaseRowOut]
