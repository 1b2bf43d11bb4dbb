"""Which steps a list may take, who may take them, and what it needs to be put in force."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from server.kit.errors import Conflict, Forbidden, Refused
from server.modules.zones.rules.structure import Level

# No restriction without an end; what shall go on is imported and approved again (the limit of a red flag).
LONGEST = timedelta(days=60)
# Homes in a high-risk zone are red: couriers bring to the door, and the gate is told. The others are told only.
RED_LEVELS = frozenset([Level.HIGH])


class ListState(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"
    IN_FORCE = "in_force"
    ENDED = "ended"
    DROPPED = "dropped"


class RowState(StrEnum):
    """UNDERSTOOD: its doors are clear. REVIEW: a person must look. SETTLED: one has, and named the doors.

    ELSEWHERE: about another place. DISMISSED: a person said that nothing of it is here. OVER: its last day has passed.
    """

    UNDERSTOOD = "understood"
    REVIEW = "review"
    ELSEWHERE = "elsewhere"
    SETTLED = "settled"
    DISMISSED = "dismissed"
    OVER = "over"


# Whose doors become zones.
COUNTED = (RowState.UNDERSTOOD, RowState.SETTLED)
BY_HAND = (RowState.SETTLED, RowState.DISMISSED)

STEPS: dict[str, tuple[ListState, ListState]] = {
    "confirm": (ListState.DRAFT, ListState.WAITING),
    "drop": (ListState.DRAFT, ListState.DROPPED),
    "send_back": (ListState.WAITING, ListState.DRAFT),
    "approve": (ListState.WAITING, ListState.IN_FORCE),
    "lift": (ListState.IN_FORCE, ListState.ENDED),
}
OPEN = (ListState.DRAFT, ListState.WAITING)


def check_step(step: str, state: str) -> ListState:
    """Return the state after the step. Raises Conflict if the list is not where the step begins."""
    before, after = STEPS[step]
    if state != before:
        raise Conflict("zones.moved_on", state=state)
    return after


def check_reason(why: str) -> str:
    """Return the reason. Raises Refused without one."""
    if not why.strip():
        raise Refused("zones.reason_missing")
    return why.strip()


def check_confirmation(
    states: Iterable[str], door_count: int, reason: str, legal_basis: str, until_on: date, *, today: date
) -> None:
    """Raise Refused while rows wait for review, or without a door, a reason, a legal basis, or an end in bounds."""
    check_reason(reason)
    check_reason(legal_basis)
    waiting = sum(1 for state in states if state == RowState.REVIEW)
    if waiting:
        raise Refused("zones.review_first", rows=waiting)
    if not door_count:
        raise Refused("zones.no_doors")
    check_end(until_on, today=today)


def check_end(until_on: date, *, today: date) -> None:
    """Raise Refused for a last day that has passed or lies too far ahead."""
    if not today <= until_on <= today + LONGEST - timedelta(days=1):
        raise Refused("zones.bad_end", most_days=LONGEST.days)


def check_second(approver: UUID | None, hands: Iterable[UUID | None]) -> None:
    """Raise Forbidden if the approver imported, settled or confirmed any of it: two people, or no restriction."""
    if approver is None or approver in set(hands):
        raise Forbidden("zones.second_person")
