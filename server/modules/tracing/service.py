"""Asking who was where a case was, and deciding what that means. Nothing here marks, flags or isolates a home."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from server.core.notices import service as notices
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import NotFound
from server.kit.jobs import engine
from server.kit.permissions import Actor
from server.kit.ports.sightings import EXTENSION_POINT, Sighting
from server.kit.tenancy import CommunityRef
from server.modules.tracing.models import Candidate, Case
from server.modules.tracing.rules import cases
from server.modules.tracing.rules.cases import CandidateState, Decision
from server.modules.tracing.rules.ranking import Ranked, rank

SightingSource = Callable[[Session, UUID, datetime, datetime], Iterable[Sighting]]


@dataclass(frozen=True)
class Question:
    """Whose contacts are wanted, when, for which case and what for."""

    number: str
    purpose: str
    home_id: UUID
    from_at: datetime
    until_at: datetime


@dataclass(frozen=True)
class Forgotten:
    cases: int
    candidates: int


def ask(session: Session, actor: Actor, community: CommunityRef, question: Question) -> Case:
    """Open a case and keep its ranked candidates. Raises Refused for a wrong question, NotFound for no home here."""
    now = clock.now()
    cases.check_question(question.number, question.purpose, question.from_at, question.until_at, now=now)
    places.home(session, community.id, question.home_id)
    case = Case(
        id=new_id(),
        community_id=community.id,
        number=question.number.strip(),
        home_id=question.home_id,
        subject_id=people.subject_of_home(session, community.id, question.home_id),
        from_at=question.from_at,
        until_at=question.until_at,
        opened_by=actor.id,
        opened_at=now,
    )
    case.asked_for = question.purpose.strip()
    session.add(case)
    session.flush()
    seen = _sightings(session, community, question.from_at, question.until_at)
    ranked = rank(seen, question.home_id)
    members = people.people_of_homes(session, community.id, [one.home_id for one in ranked])
    for number, one in enumerate(ranked, start=1):
        subject_id = next(iter(members.get(one.home_id, ())), one.home_id)
        session.add(_candidate(case, number, one, subject_id))
    session.flush()
    facts = {"from_at": question.from_at, "until_at": question.until_at, "candidates": len(ranked)}
    why = f"{case.number}: {case.asked_for}"
    record(
        session,
        actor,
        community.id,
        "tracing.asked",
        ("case", case.id),
        facts=facts,
        why=why,
        about=case.subject_id,
    )
    return case


def decide(
    session: Session, actor: Actor, community: CommunityRef, candidate_id: UUID, decision: Decision
) -> Candidate:
    """Confirm or dismiss a candidate in the actor's name; a confirmed home is told, and told nothing of the case.

    Raises NotFound for none such here, Conflict if it is decided already.
    """
    row = session.scalars(
        select(Candidate)
        .where(Candidate.community_id == community.id, Candidate.id == candidate_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if row is None:
        raise NotFound("tracing.candidate_not_found")
    row.state = cases.decided(CandidateState(row.state), decision)
    row.decided_by, row.decided_at = actor.id, clock.now()
    session.flush()
    if row.state == CandidateState.CONFIRMED:
        told = people.members_of_home(session, community.id, row.home_id)
        kind = notices.NoticeKind.TRACING_CONTACT
        notices.tell(session, community.id, told, kind, ("contact", row.id))
    facts = {"case_id": row.case_id}
    action = f"tracing.{row.state}"
    record(session, actor, community.id, action, ("candidate", row.id), facts=facts)
    return row


def find(session: Session, community_id: UUID, case_id: UUID) -> Case:
    """Return a case of this community. Raises NotFound."""
    row = session.scalars(select(Case).where(Case.community_id == community_id, Case.id == case_id)).first()
    if row is None:
        raise NotFound("tracing.case_not_found")
    return row


def cases_here(session: Session, community_id: UUID) -> list[Case]:
    """Return the latest cases, newest first."""
    wanted = select(Case).where(Case.community_id == community_id).order_by(Case.id.desc())
    return list(session.scalars(wanted.limit(100)))


def candidates_of(session: Session, case: Case) -> list[Candidate]:
    """Return the case's candidates, the likeliest first."""
    wanted = select(Candidate).where(
        Candidate.community_id == case.community_id, Candidate.case_id == case.id
    )
    return list(session.scalars(wanted.order_by(Candidate.rank)))


def forget(session: Session, community_id: UUID) -> Forgotten:
    """Delete the cases that are over their time, with what they found; return how many of each."""
    old = (Case.community_id == community_id) & (Case.opened_at < clock.now() - cases.KEPT)
    of_old = Candidate.case_id.in_(select(Case.id).where(old))
    candidates = session.scalar(select(func.count()).select_from(Candidate).where(of_old)) or 0
    count = session.scalar(select(func.count()).select_from(Case).where(old)) or 0
    session.execute(delete(Candidate).where(of_old).execution_options(synchronize_session=False))
    session.execute(delete(Case).where(old).execution_options(synchronize_session=False))
    return Forgotten(count, candidates)


def _sightings(
    session: Session, community: CommunityRef, start: datetime, end: datetime
) -> Iterable[Sighting]:
    sources = engine().registry.providers(EXTENSION_POINT, community.modules)
    for source in cast("list[SightingSource]", sources):
        yield from source(session, community.id, start, end)


def _candidate(case: Case, number: int, found: Ranked, subject_id: UUID) -> Candidate:
    row = Candidate(
        id=new_id(),
        community_id=case.community_id,
        case_id=case.id,
        home_id=found.home_id,
        subject_id=subject_id,
        rank=number,
        score=found.score,
    )
    row.overlaps = json.dumps([asdict(reason) for reason in found.reasons], ensure_ascii=False)
    return row
