"""The logs of scanners that had no network: taken in once, in whatever order, and held against what we knew then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once
from server.kit.errors import Conflict, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate.models import Pass, Scan
from server.modules.gate.rules.leaving import Direction, Outcome, is_over_quota, window_start
from server.modules.gate.service import scanning
from server.modules.gate.service.findings import FindingKind, add, find_double_use
from server.modules.gate.service.ruleset import rules_at
from server.modules.gate.service.scanning import By
from server.modules.gate.service.showing import How, Shown, ended_before, look

# Clocks differ by that much without anybody's fault.
CLOCK_OFF = timedelta(minutes=10)
TRIES = 20


@dataclass(frozen=True)
class Logged:
    """A scan as a scanner without network saw it. ``at``: by its own clock, put right when it last had network."""

    ref: UUID
    direction: Direction
    how: How
    text: str
    at: datetime
    outcome: Outcome
    gate_id: UUID | None = None
    entrance_id: UUID | None = None
    reasons: tuple[str, ...] = ()
    list_issued_at: datetime | None = None
    why: str | None = None


@dataclass(frozen=True)
class TakenIn:
    """How a log was taken in: rows that are new, and rows that were known."""

    new: int
    known: int


def take_in(session: Session, by: By, community: CommunityRef, log: Sequence[Logged]) -> TakenIn:
    """Record a log. What was let out is history and stays so; what should not have been is found.

    Raises NotFound for another community's gate, Refused for an override without reason.
    """
    for gate_id, entrance_id in {(one.gate_id, one.entrance_id) for one in log}:
        scanning.is_open_place(session, community, gate_id, entrance_id)
    new = 0
    for one in log:
        if one.direction is Direction.OUT and one.outcome is Outcome.ADMIT:
            raise Refused("gate.bad_log")
        if one.outcome is Outcome.OVERRIDE and not (one.why and one.why.strip() and by.actor.person_id):
            raise Refused("gate.ground_missing")
        known = scanning.find_by_ref(session, community.id, one.ref)
        if known is not None:
            # The answer did not come in time, and the scanner went by its list.
            if known.outcome == Outcome.DENY and one.outcome is not Outcome.DENY:
                add(session, known, FindingKind.LET_OUT_ANYWAY, str(one.ref))
            continue
        shown = look(session, community.id, one.how, one.text, at=one.at)
        row = _insert(session, by, community, one, shown)
        if row is None:
            continue
        new += 1
        if shown.row is not None and row.outcome != Outcome.DENY:
            scanning.note_whereabouts(session, shown.row, row.direction, row.at)
        _weigh(session, by.actor, community, one, shown, row)
    return TakenIn(new=new, known=len(log) - new)


def _insert(session: Session, by: By, community: CommunityRef, one: Logged, shown: Shown) -> Scan | None:
    row = shown.row
    what = Outcome.ADMIT if one.direction is Direction.IN else one.outcome
    went_out = what in (Outcome.ALLOW, Outcome.OVERRIDE)
    version, _ = rules_at(session, community.id, one.at)
    values: dict[str, Any] = {
        "community_id": community.id,
        "ref": one.ref,
        "gate_id": one.gate_id,
        "entrance_id": one.entrance_id,
        "device_id": by.device.id if by.device else None,
        "author_id": by.actor.person_id,
        "pass_id": row.id if row else None,
        "person_id": row.person_id if row else None,
        "home_id": row.home_id if row else None,
        "kind": row.kind if row else None,
        "purpose": row.purpose if row else None,
        "direction": one.direction,
        "how": shown.how,
        "step": shown.step,
        "outcome": what,
        "reasons": [{"code": code} for code in one.reasons],
        "was_measured": False,
        "is_offline": True,
        "list_issued_at": one.list_issued_at,
        "rule_version": version,
        "why": one.why.strip() if one.why else None,
        "at": one.at,
        "received_at": clock.now(),
    }
    for _ in range(TRIES):
        is_free = row is None or shown.step is None or not _is_used(session, row.id, shown.step)
        values["used_step"] = shown.step if is_free and what is not Outcome.DENY else None
        values["exit_number"] = (
            scanning.next_exit_number(session, community.id, row.home_id)
            if went_out and row is not None and row.home_id
            else None
        )
        made = insert_once(session, Scan, values)
        if made is not None:
            return session.get_one(Scan, made)
        if scanning.find_by_ref(session, community.id, one.ref) is not None:
            return None
    raise Conflict("gate.busy")


def _is_used(session: Session, pass_id: UUID, step: int) -> bool:
    used = select(Scan.id).where(Scan.pass_id == pass_id, Scan.used_step == step)
    return session.scalar(used) is not None


def _weigh(
    session: Session, actor: Actor, community: CommunityRef, one: Logged, shown: Shown, scan: Scan
) -> None:
    """Find what was wrong with a scan. Nothing here depends on which other scans are known already."""
    ref = str(one.ref)
    find_double_use(session, scan)
    if one.at > clock.now() + CLOCK_OFF or any(r.code in ("code_old", "code_early") for r in shown.reasons):
        add(session, scan, FindingKind.CLOCK_OFF, ref)
    if scan.outcome == Outcome.OVERRIDE:
        facts = {"gate_id": scan.gate_id, "pass_id": scan.pass_id, "reasons": list(one.reasons)}
        record(
            session,
            actor,
            community.id,
            "gate.override",
            ("scan", scan.id),
            facts=facts,
            why=scan.why,
            device_at=one.at,
        )
        add(session, scan, FindingKind.OVERRIDE, ref)
    if scan.outcome == Outcome.ALLOW:
        _weigh_exit(session, community, one, shown, scan)
    if scan.exit_number is not None and scan.home_id is not None:
        _weigh_quota(session, community, scan, scan.home_id)


def _weigh_exit(session: Session, community: CommunityRef, one: Logged, shown: Shown, scan: Scan) -> None:
    ref = str(one.ref)
    _, rules = rules_at(session, community.id, one.at)
    codes = {reason.code for reason in shown.reasons}
    if codes & {"forged", "unreadable", "unknown", "no_pass"}:
        add(session, scan, FindingKind.FORGED_OUT, ref)
    if ended_before(session, community.id, one.text, one.at) or _is_outside(shown.row, one.at):
        add(session, scan, FindingKind.ENDED_OUT, ref)
    if one.list_issued_at is None or one.at - one.list_issued_at > timedelta(minutes=rules.list_limit_min):
        add(session, scan, FindingKind.STALE_OUT, ref)
    kinds = flags.kinds_that_hold(
        session, community.id, home_id=scan.home_id, person_id=scan.person_id, at=one.at
    )
    if kinds & set(rules.refused_statuses):
        add(session, scan, FindingKind.HELD_OUT, ref)


def _is_outside(row: Pass | None, at: datetime) -> bool:
    """Tell whether a pass did not hold yet or no more, by more than clocks may be off."""
    return row is not None and not row.from_at - CLOCK_OFF <= at <= row.until_at + CLOCK_OFF


def _weigh_quota(session: Session, community: CommunityRef, scan: Scan, home_id: UUID) -> None:
    """Find every day whose exits, with those before it, are too many now that this one is known."""
    day = scan.at.astimezone(community.zone).date()
    _, rules = rules_at(session, community.id, _end_of(day, community))
    quota = rules.quota
    if quota is None:
        return
    days = scanning.local_days(session, community, home_id, rules, window_start(day, quota))
    for later in sorted({d for d in days if day <= d < day + timedelta(days=quota.per_days)}):
        if is_over_quota(quota, later, days):
            add(session, scan, FindingKind.OVER_QUOTA, f"{home_id}:{later.isoformat()}")


def _end_of(day: date, community: CommunityRef) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), community.zone)
