"""Applying for passes, deciding, revoking, appealing."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.crypto import blind_index
from server.kit.db import new_id
from server.kit.errors import Conflict, Forbidden, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.gate.events import PassChanged
from server.modules.gate.models import Pass
from server.modules.gate.rules import leaving, passes
from server.modules.gate.rules.passes import PassKind, PassState, PassStep
from server.modules.gate.service.credentials import end_credentials
from server.modules.gate.service.ruleset import rules_at

DESK = ("grid_worker", "officer")
BY_RULE = "by rule"
NUMBER_TRIES = 20


@dataclass(frozen=True)
class Application:
    """What somebody asks for. ``subject``: the visitor's name, the plate or the goods. ``document``: an ID number."""

    kind: PassKind
    purpose: str
    from_at: datetime
    until_at: datetime
    home_id: UUID | None = None
    person_id: UUID | None = None
    carrier_id: UUID | None = None
    subject: str = ""
    note: str = ""
    document: str = ""


def is_worker(actor: Actor, community: CommunityRef) -> bool:
    """Tell whether the actor decides on passes here."""
    return any(actor.has(role, community) for role in DESK)


def apply(session: Session, actor: Actor, community: CommunityRef, asked: Application) -> Pass:
    """Ask for a pass; it is approved at once where the rules say so.

    Residents ask for people, visitors and vehicles of their own home; workers for anybody's.
    Raises Refused for a bad period, a missing subject or a home with too many passes.
    """
    now = clock.now()
    home_id, person_id, carrier_id = _whose(session, actor, community, asked)
    passes.check_period(asked.from_at, asked.until_at, now=now)
    subject = asked.subject.strip()
    passes.check_subject(
        asked.kind, has_person=person_id is not None, visitor_name=subject, plate=subject, goods=subject
    )
    _check_not_too_many(session, community.id, home_id)
    row = Pass(
        id=new_id(),
        community_id=community.id,
        kind=asked.kind,
        purpose=asked.purpose,
        state=PassState.APPLIED,
        home_id=home_id,
        person_id=person_id,
        carrier_id=carrier_id,
        applicant_id=actor.person_id,
        subject=subject,
        note=asked.note.strip(),
        document_index=document_index(asked.document) if asked.document.strip() else None,
        from_at=asked.from_at,
        until_at=asked.until_at,
        applied_at=now,
    )
    session.add(row)
    session.flush()
    record(session, actor, community.id, "gate.pass_applied", ("pass", row.id), facts={"kind": row.kind})
    _tell(session, row)
    _approve_by_rule(session, community, row)
    return row


def step(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    pass_id: UUID,
    wanted: PassStep,
    *,
    ground: str | None = None,
    rule_version: int | None = None,
) -> Pass:
    """Move a pass on. Raises Forbidden, Conflict for an illegal step, Refused where a ground is missing."""
    row = find(session, community.id, pass_id, for_update=True)
    _check_may_step(actor, community, row, wanted)
    before, now = PassState(row.state), clock.now()
    target = passes.after(before, wanted, ground=ground)
    if wanted is PassStep.APPROVE:
        passes.check_period(row.from_at, row.until_at, now=now)
    row.state = target
    if wanted is PassStep.APPEAL:
        row.appeal = (ground or "").strip()
    else:
        row.decided_at, row.decided_by, row.rule_version = now, actor.person_id, rule_version
        row.ground = (ground or "").strip() or None
    row.number = _free_number(session, community.id) if target is PassState.ACTIVE else None
    row.ended_at = None if target in passes.LIVE else now
    if before is PassState.ACTIVE:
        end_credentials(session, community.id, row.id)
    session.flush()
    facts = {"from": before, "to": target}
    # An appeal is the person's own words: they stay with the pass, sealed, and out of the trail.
    why = None if wanted is PassStep.APPEAL else row.ground
    record(session, actor, community.id, f"gate.pass_{wanted}", ("pass", row.id), facts=facts, why=why)
    _tell(session, row)
    return row


def find(session: Session, community_id: UUID, pass_id: UUID, *, for_update: bool = False) -> Pass:
    """Return the pass. Raises NotFound, also for another community's."""
    wanted = select(Pass).where(Pass.community_id == community_id, Pass.id == pass_id)
    if for_update:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    row = session.scalars(wanted).first()
    if row is None:
        raise NotFound("gate.pass_not_found")
    return row


def check_may_see(actor: Actor, community: CommunityRef, row: Pass) -> None:
    """Raise NotFound unless the actor asked for the pass, shows it, is its subject, or decides on passes."""
    if not is_worker(actor, community) and actor.person_id not in _own(row):
        raise NotFound("gate.pass_not_found")


def passes_of(session: Session, community_id: UUID, person_id: UUID, limit: int = 50) -> list[Pass]:
    """Return the passes that a person shows, asked for, or is the subject of; newest first."""
    mine = or_(Pass.carrier_id == person_id, Pass.applicant_id == person_id, Pass.person_id == person_id)
    return list(
        session.scalars(
            select(Pass).where(Pass.community_id == community_id, mine).order_by(Pass.id.desc()).limit(limit)
        )
    )


def held(session: Session, community_id: UUID, rows: Iterable[Pass]) -> set[UUID]:
    """Return the passes whose people a flag keeps in: such a pass opens nothing, whatever its state."""
    _, rules = rules_at(session, community_id)
    homes, persons = flags.held_subjects(session, community_id, rules.refused_statuses)
    return {row.id for row in rows if row.home_id in homes or row.person_id in persons}


def has_due(session: Session, community_id: UUID) -> bool:
    """Tell whether the time of some pass or application is over."""
    return session.scalar(_due(community_id).limit(1)) is not None


def expire_due(session: Session, community: CommunityRef) -> int:
    """Expire passes and applications whose time is over; return how many."""
    due = session.scalars(_due(community.id)).all()
    for pass_id in due:
        step(session, SYSTEM, community, pass_id, PassStep.EXPIRE)
    return len(due)


def document_index(document: str) -> str:
    """Return the keyed hash by which an identity document is found; the number itself is not kept."""
    return blind_index("".join(document.split()).upper(), "gate document")


def _due(community_id: UUID) -> Select[UUID]:
    return select(Pass.id).where(
        Pass.community_id == community_id, Pass.state.in_(passes.LIVE), Pass.until_at <= clock.now()
    )


def _whose(
    session: Session, actor: Actor, community: CommunityRef, asked: Application
) -> tuple[UUID | None, UUID | None, UUID | None]:
    """Return (home, person, carrier) of an application. Raises where the actor may not ask for them."""
    own_home = people.home_of_person(session, community.id, actor.person_id) if actor.person_id else None
    if is_worker(actor, community) and (asked.home_id or asked.kind is PassKind.GOODS):
        home_id = asked.home_id
        if home_id is not None:
            places.home(session, community.id, home_id)
    else:
        home_id = own_home
        if home_id is None:
            raise Refused("people.no_home_yet")
        if asked.home_id not in (None, home_id):
            raise Forbidden("gate.not_your_home")
    members = people.members_of_home(session, community.id, home_id) if home_id else []
    person_id = asked.person_id
    if asked.kind is PassKind.RESIDENT:
        person_id = person_id or (actor.person_id if actor.person_id in members else None)
    if person_id is not None and person_id not in members:
        raise Forbidden("gate.not_your_home")
    carrier_id = asked.carrier_id or person_id or (actor.person_id if actor.person_id in members else None)
    if asked.carrier_id is not None and asked.carrier_id not in members:
        raise Forbidden("gate.not_your_home")
    return home_id, person_id, carrier_id


def _check_may_step(actor: Actor, community: CommunityRef, row: Pass, wanted: PassStep) -> None:
    if actor.is_system:
        return
    if wanted in passes.OWN_STEPS:
        if actor.person_id not in _own(row):
            check_may_see(actor, community, row)
            if wanted is PassStep.APPEAL:
                raise Forbidden("gate.not_yours")
        return
    if not is_worker(actor, community) or wanted is PassStep.EXPIRE:
        raise Forbidden("gate.not_yours")
    # Nobody lets themselves out.
    if wanted is PassStep.APPROVE and actor.person_id in (row.person_id, row.carrier_id):
        raise Forbidden("gate.own_pass")


def _own(row: Pass) -> tuple[UUID | None, ...]:
    return row.applicant_id, row.carrier_id, row.person_id


def _check_not_too_many(session: Session, community_id: UUID, home_id: UUID | None) -> None:
    live = select(func.count()).where(
        Pass.community_id == community_id, Pass.home_id == home_id, Pass.state.in_(passes.LIVE)
    )
    if home_id is not None and (session.scalar(live) or 0) >= passes.MOST_LIVE_A_HOME:
        raise Refused("gate.too_many", most=passes.MOST_LIVE_A_HOME)


def _approve_by_rule(session: Session, community: CommunityRef, row: Pass) -> None:
    version, rules = rules_at(session, community.id)
    kinds = flags.kinds_that_hold(session, community.id, home_id=row.home_id, person_id=row.person_id)
    hours = (row.until_at - row.from_at) / timedelta(hours=1)
    if leaving.may_be_approved_by_rule(rules, row.kind, row.purpose, kinds, hours):
        step(session, SYSTEM, community, row.id, PassStep.APPROVE, ground=BY_RULE, rule_version=version)


def _free_number(session: Session, community_id: UUID) -> str:
    """Return six digits that no active pass has; the unique constraint decides between two at once."""
    for _ in range(NUMBER_TRIES):
        number = f"{secrets.randbelow(10**6):06d}"
        taken = select(Pass.id).where(Pass.community_id == community_id, Pass.number == number)
        if session.scalar(taken) is None:
            return number
    raise Conflict("gate.busy")


def _tell(session: Session, row: Pass) -> None:
    watchers = sorted({person_id for person_id in _own(row) if person_id is not None})
    emit(session, PassChanged(row.community_id, pass_id=row.id, state=row.state, watchers=watchers))


def names_on(session: Session, rows: list[Pass]) -> dict[UUID, dict[str, Any]]:
    """Return for each pass what a guard compares: first name, home, and the plate or visitor."""
    names = people.first_names(session, {row.person_id for row in rows if row.person_id})
    homes = {row.home_id for row in rows if row.home_id}
    labels = places.home_labels(session, rows[0].community_id, homes) if rows else {}
    return {
        row.id: {
            "name": names.get(row.person_id, "") if row.person_id else "",
            "home": labels.get(row.home_id, "") if row.home_id else "",
            "subject": row.subject,
        }
        for row in rows
    }
