"""The life of a pass, and who may do what to it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from server.kit.errors import Conflict, Refused


class PassKind(StrEnum):
    RESIDENT = "resident"
    VISITOR = "visitor"
    VEHICLE = "vehicle"
    GOODS = "goods"


class PassState(StrEnum):
    APPLIED = "applied"
    ACTIVE = "active"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    APPEALED = "appealed"
    EXPIRED = "expired"


class PassStep(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    REVOKE = "revoke"
    APPEAL = "appeal"
    EXPIRE = "expire"


STEPS: dict[tuple[PassState, PassStep], PassState] = {
    (PassState.APPLIED, PassStep.APPROVE): PassState.ACTIVE,
    (PassState.APPLIED, PassStep.REFUSE): PassState.REFUSED,
    (PassState.APPLIED, PassStep.WITHDRAW): PassState.WITHDRAWN,
    (PassState.APPLIED, PassStep.EXPIRE): PassState.EXPIRED,
    (PassState.ACTIVE, PassStep.REVOKE): PassState.REVOKED,
    (PassState.ACTIVE, PassStep.WITHDRAW): PassState.WITHDRAWN,
    (PassState.ACTIVE, PassStep.EXPIRE): PassState.EXPIRED,
    (PassState.REFUSED, PassStep.APPEAL): PassState.APPEALED,
    (PassState.REVOKED, PassStep.APPEAL): PassState.APPEALED,
    (PassState.APPEALED, PassStep.APPROVE): PassState.ACTIVE,
    (PassState.APPEALED, PassStep.REFUSE): PassState.REFUSED,
    (PassState.APPEALED, PassStep.WITHDRAW): PassState.WITHDRAWN,
    (PassState.APPEALED, PassStep.EXPIRE): PassState.EXPIRED,
}
# Where somebody's freedom is cut, a ground is demanded; an appeal needs one too, or there is nothing to weigh.
NEED_GROUND = (PassStep.REFUSE, PassStep.REVOKE, PassStep.APPEAL)
# Steps of whoever asked for the pass; the others are the committee's, or the clock's.
OWN_STEPS = (PassStep.WITHDRAW, PassStep.APPEAL)
LIVE = (PassState.APPLIED, PassState.ACTIVE, PassState.APPEALED)
MOST_LIVE_A_HOME = 30
LONGEST = timedelta(days=31)


def after(state: PassState, step: PassStep, *, ground: str | None) -> PassState:
    """Return the state that ``step`` leads to.

    Raises Conflict("gate.not_now") if it leads nowhere, Refused if a ground is missing.
    """
    try:
        target = STEPS[state, step]
    except KeyError:
        raise Conflict("gate.not_now", state=state, step=step) from None
    if step in NEED_GROUND and not (ground or "").strip():
        raise Refused("gate.ground_missing")
    return target


def check_period(from_at: datetime, until_at: datetime, *, now: datetime) -> None:
    """Raise Refused for a pass that ends before it begins, is over already, or lasts too long."""
    if until_at <= from_at or until_at <= now:
        raise Refused("gate.bad_period")
    if until_at - from_at > LONGEST:
        raise Refused("gate.too_long", most_days=LONGEST.days)


def check_subject(kind: PassKind, *, has_person: bool, visitor_name: str, plate: str, goods: str) -> None:
    """Raise Refused unless the pass says whom or what it is for."""
    named = {
        PassKind.RESIDENT: has_person,
        PassKind.VISITOR: bool(visitor_name.strip()),
        PassKind.VEHICLE: bool(plate.strip()),
        PassKind.GOODS: bool(goods.strip()),
    }
    if not named[kind]:
        raise Refused("gate.subject_missing", kind=kind)
