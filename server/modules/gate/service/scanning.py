"""A scan at a gate that has network: judged, used up and written down in one transaction.

Two gates that read one code, or two people of one home who leave at once, both try to insert a row that only one can
have (a code's half minute; an exit's number). Whoever comes second looks again, and then sees what the first has done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once
from server.kit.errors import Conflict, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.reads import record_reads
from server.kit.tenancy import CommunityRef
from server.modules.gate.events import ReadingHigh
from server.modules.gate.models import Device, Pass, Reading, Scan
from server.modules.gate.rules.leaving import (
    Direction,
    Exit,
    Outcome,
    Reason,
    Rules,
    outcome,
    why_not,
    window_start,
)
from server.modules.gate.service import findings
from server.modules.gate.service.ruleset import rules_at
from server.modules.gate.service.showing import How, Shown, look

TRIES = 20
# Who left with something that does not change by itself is out until seen again, for so long.
OUT_FOR = timedelta(hours=12)
READING_HOLDS = timedelta(seconds=90)
NO_READINGS: tuple[int | None, UUID | None] = (None, None)


@dataclass(frozen=True)
class Presented:
    """What a scanner sends. ``override``: why somebody passes all the same. ``ref``: the scan's own id."""

    ref: UUID
    direction: Direction
    how: How
    text: str = ""
    gate_id: UUID | None = None
    entrance_id: UUID | None = None
    reading_tenths: int | None = None
    override: str | None = None


@dataclass(frozen=True)
class By:
    """Who scans: a person, or a device with its token."""

    actor: Actor
    device: Device | None = None


@dataclass(frozen=True)
class Judged:
    """A scan before it is written. ``used``: the reading it used up; ``exit_number``: the home's, if it goes out."""

    shown: Shown
    reasons: tuple[Reason, ...]
    outcome: Outcome
    rule_version: int
    was_measured: bool
    used: UUID | None
    exit_number: int | None = None


def scan(session: Session, by: By, community: CommunityRef, presented: Presented) -> Scan:
    """Judge and record a scan; the same ``ref`` again returns what was recorded.

    Raises NotFound for a gate that is none of ours, Refused for an override without a reason.
    """
    known = find_by_ref(session, community.id, presented.ref)
    if known is not None:
        return known
    if presented.override is not None and (not presented.override.strip() or by.actor.person_id is None):
        raise Refused("gate.ground_missing")
    is_open = is_open_place(session, community, presented.gate_id, presented.entrance_id)
    for _ in range(TRIES):
        judged = _judge(session, community, presented, is_open)
        row = _insert(session, by, community, presented, judged)
        if row is not None:
            _afterwards(session, by, community, row, judged)
            return row
        known = find_by_ref(session, community.id, presented.ref)
        if known is not None:
            return known
    raise Conflict("gate.busy")


def is_open_place(
    session: Session, community: CommunityRef, gate_id: UUID | None, entrance_id: UUID | None
) -> bool:
    """Tell whether people may leave where this is. Raises NotFound for a gate or door that is none of ours."""
    if entrance_id is not None:
        places.entrance(session, community.id, entrance_id)
        return True
    return places.gate_is_open(session, community, gate_id)


def find_by_ref(session: Session, community_id: UUID, ref: UUID) -> Scan | None:
    """Return the scan that a scanner gave this id."""
    return session.scalars(select(Scan).where(Scan.community_id == community_id, Scan.ref == ref)).first()


def local_days(
    session: Session, community: CommunityRef, home_id: UUID, rules: Rules, since: date
) -> list[date]:
    """Return the local days, from ``since`` on, on which a home's people left within the quota, oldest first."""
    start = datetime.combine(since, time(), community.zone)
    wanted = select(Scan.at).where(
        Scan.community_id == community.id,
        Scan.home_id == home_id,
        Scan.exit_number.is_not(None),
        Scan.at >= start,
        or_(Scan.purpose.is_(None), Scan.purpose.not_in(rules.exempt_purposes)),
    )
    return sorted(at.astimezone(community.zone).date() for at in session.scalars(wanted))


def next_exit_number(session: Session, community_id: UUID, home_id: UUID) -> int:
    """Return the number that the home's next exit has, unless somebody else takes it first."""
    last = select(func.max(Scan.exit_number)).where(
        Scan.community_id == community_id, Scan.home_id == home_id
    )
    return (session.scalar(last) or 0) + 1


def note_whereabouts(session: Session, row: Pass, direction: str, at: datetime) -> None:
    """Note on the pass when it last went out or came in; an older log changes nothing."""
    column = Pass.out_at if direction == Direction.OUT else Pass.in_at
    session.execute(
        update(Pass)
        .where(Pass.id == row.id, or_(column.is_(None), column < at))
        .values({column.key: at})
        .execution_options(synchronize_session=False)
    )


def is_out(row: Pass, at: datetime) -> bool:
    """Tell whether the pass has left and not been seen to come back."""
    if row.out_at is None or row.out_at <= at - OUT_FOR:
        return False
    return row.in_at is None or row.in_at < row.out_at


def trips(session: Session, row: Pass) -> int:
    """Return how often a pass has been used up by something that does not rotate."""
    used = select(func.count()).where(
        Scan.community_id == row.community_id, Scan.pass_id == row.id, Scan.used_step < 0
    )
    return session.scalar(used) or 0


def _judge(session: Session, community: CommunityRef, presented: Presented, is_gate_open: bool) -> Judged:
    now = clock.now()
    shown = look(session, community.id, presented.how, presented.text, at=now)
    version, rules = rules_at(session, community.id)
    tenths, used = presented.reading_tenths, None
    if tenths is None and presented.gate_id is not None:
        tenths, used = _last_reading(session, community.id, presented.gate_id, now)
    reasons = list(shown.reasons)
    row, exit_number = shown.row, None
    if row is not None:
        # First the numbers that only one can have, then what they stand for. The other way round, somebody could
        # leave between the two: the quota would still look free, and the number already be the next one.
        shown = _with_trip(session, shown, presented.direction)
        if row.home_id is not None:
            exit_number = next_exit_number(session, community.id, row.home_id)
        session.refresh(row)
        reasons += _used_already(session, shown, now)
        reasons += _ruled(session, community, rules, row, presented, is_gate_open, tenths)
    elif tenths is not None and tenths >= rules.fever_tenths:
        reasons.append(Reason("reading_high"))
    what = outcome(presented.direction, reasons, is_override=presented.override is not None)
    return Judged(shown, tuple(reasons), what, version, tenths is not None, used, exit_number)


def _with_trip(session: Session, shown: Shown, direction: Direction) -> Shown:
    """Number the trips of what does not rotate, downwards from -1: a trip too can be made only once."""
    if shown.row is None or shown.step is not None or direction is Direction.IN:
        return shown
    return replace(shown, step=-trips(session, shown.row) - 1)


def _used_already(session: Session, shown: Shown, now: datetime) -> list[Reason]:
    row = shown.row
    if row is None or shown.step is None:
        return []
    if shown.step < 0:
        return (
            [Reason("already_out", {"since": row.out_at.isoformat()})]
            if row.out_at and is_out(row, now)
            else []
        )
    used = select(Scan.id).where(
        Scan.community_id == row.community_id, Scan.pass_id == row.id, Scan.used_step == shown.step
    )
    return [Reason("double_use")] if session.scalar(used) is not None else []


def _ruled(
    session: Session,
    community: CommunityRef,
    rules: Rules,
    row: Pass,
    presented: Presented,
    is_gate_open: bool,
    tenths: int | None,
) -> tuple[Reason, ...]:
    at = clock.now().astimezone(community.zone)
    earlier: tuple[date, ...] = ()
    if rules.quota and row.home_id:
        since = window_start(at.date(), rules.quota)
        earlier = tuple(local_days(session, community, row.home_id, rules, since))
    leaving = Exit(
        at=at,
        gate_id=presented.gate_id,
        kind=row.kind,
        purpose=row.purpose,
        statuses=flags.kinds_that_hold(session, community.id, home_id=row.home_id, person_id=row.person_id),
        earlier=earlier,
        reading_tenths=tenths,
        is_gate_open=is_gate_open,
    )
    reasons = why_not(rules, leaving)
    if presented.direction is Direction.IN:
        # Coming home needs no hours and no quota; what stays worth a flag is who comes.
        return tuple(reason for reason in reasons if reason.code in ("held", "reading_high"))
    return reasons


def _last_reading(
    session: Session, community_id: UUID, gate_id: UUID, now: datetime
) -> tuple[int | None, UUID | None]:
    row = session.execute(
        select(Reading.tenths, Reading.id)
        .where(
            Reading.community_id == community_id,
            Reading.gate_id == gate_id,
            Reading.at > now - READING_HOLDS,
        )
        .order_by(Reading.at.desc())
        .limit(1)
    ).first()
    return (row.tenths, row.id) if row else NO_READINGS


def _insert(
    session: Session, by: By, community: CommunityRef, presented: Presented, judged: Judged
) -> Scan | None:
    row, now = judged.shown.row, clock.now()
    went = judged.outcome is not Outcome.DENY
    codes = {reason.code for reason in judged.reasons}
    takes_step = went and judged.shown.step is not None and not codes & {"double_use", "already_out"}
    home_id = row.home_id if row else None
    is_exit = went and presented.direction is Direction.OUT and home_id is not None
    made = insert_once(
        session,
        Scan,
        {
            "community_id": community.id,
            "ref": presented.ref,
            "gate_id": presented.gate_id,
            "entrance_id": presented.entrance_id,
            "device_id": by.device.id if by.device else None,
            "author_id": by.actor.person_id,
            "pass_id": row.id if row else None,
            "person_id": row.person_id if row else None,
            "home_id": home_id,
            "kind": row.kind if row else None,
            "purpose": row.purpose if row else None,
            "direction": presented.direction,
            "how": judged.shown.how,
            "step": judged.shown.step,
            "used_step": judged.shown.step if takes_step else None,
            "exit_number": judged.exit_number if is_exit else None,
            "outcome": judged.outcome,
            "reasons": [reason.to_json() for reason in judged.reasons],
            "was_measured": judged.was_measured,
            "is_offline": False,
            "list_issued_at": None,
            "rule_version": judged.rule_version,
            "why": presented.override.strip() if presented.override else None,
            "at": now,
            "received_at": now,
        },
    )
    return session.get_one(Scan, made) if made else None


def _afterwards(session: Session, by: By, community: CommunityRef, scan: Scan, judged: Judged) -> None:
    """What follows from a scan, in its own transaction."""
    row = judged.shown.row
    if row is not None and judged.outcome is not Outcome.DENY:
        note_whereabouts(session, row, scan.direction, scan.at)
    if row is not None and judged.shown.how in (How.NUMBER, How.DOCUMENT) and row.person_id:
        # The guard is shown whose pass it is, to compare.
        record_reads(session, by.actor, community, {row.person_id: ["name"]}, "gate")
    if judged.used is not None:
        session.execute(delete(Reading).where(Reading.id == judged.used))
    if any(reason.code == "reading_high" for reason in judged.reasons):
        emit(
            session,
            ReadingHigh(community.id, scan_id=scan.id, person_id=scan.person_id, home_id=scan.home_id),
        )
    if judged.outcome is Outcome.OVERRIDE:
        facts = {
            "gate_id": scan.gate_id,
            "pass_id": scan.pass_id,
            "reasons": [r.code for r in judged.reasons],
        }
        record(session, by.actor, community.id, "gate.override", ("scan", scan.id), facts=facts, why=scan.why)
        findings.add(session, scan, findings.FindingKind.OVERRIDE, str(scan.ref))
    findings.find_double_use(session, scan)
