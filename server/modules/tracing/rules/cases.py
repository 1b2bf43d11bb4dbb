"""What a case may ask for, and what becomes of a candidate."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from server.kit.errors import Conflict, Refused

KEPT = timedelta(days=14)


class CandidateState(StrEnum):
    """A candidate is nothing until a named person has looked at it."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class Decision(StrEnum):
    CONFIRM = "confirm"
    DISMISS = "dismiss"


def check_question(number: str, purpose: str, start: datetime, end: datetime, *, now: datetime) -> None:
    """Refuse a question without case number and purpose, or over a window that is empty, to come, or forgotten."""
    if not number.strip() or not purpose.strip():
        raise Refused("tracing.purpose_missing")
    if not now - KEPT <= start < end <= now:
        raise Refused("tracing.bad_window", days=KEPT.days)


def decided(state: CandidateState, decision: Decision) -> CandidateState:
    """Return the candidate's next state. Raises Conflict once it is decided."""
    if state is not CandidateState.FOUND:
        raise Conflict("tracing.decided", state=state)
    return CandidateState.CONFIRMED if decision is Decision.CONFIRM else CandidateState.DISMISSED
