"""Endpoints of tracing: /api/c/<community>/tracing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.people import service as people
from server.core.places import service as places
from server.kit.db import reading, transaction
from server.kit.http import area_blueprint
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import CommunityRef, current_community
from server.modules.tracing import service
from server.modules.tracing.models import Candidate, Case
from server.modules.tracing.rules.cases import Decision
from server.modules.tracing.schemas import CandidateOut, CaseIn, CaseOut, CaseRowOut, CasesOut, ReasonOut

bp = area_blueprint("tracing", __name__)


@bp.get("/cases")
@bp.output(CasesOut)
@allow("tracing.trace")
def list_cases() -> CasesOut:
    """List the latest cases by their numbers."""
    with reading() as session:
        rows = service.cases_here(session, current_community().id)
        return CasesOut(items=[CaseRowOut.model_validate(_row(row)) for row in rows])


@bp.post("/cases")
@bp.input(CaseIn, arg_name="body")
@bp.output(CaseOut, status_code=201)
@allow("tracing.trace")
@idempotent
def ask(body: CaseIn) -> CaseOut:
    """Ask which homes were where this home was; the question is written down with its purpose."""
    with transaction() as session:
        community = current_community()
        question = service.Question(**body.model_dump())
        return _case_out(session, community, service.ask(session, current_actor(), community, question))


@bp.get("/cases/<uuid:case_id>")
@bp.output(CaseOut)
@allow("tracing.trace")
def read_case(case_id: UUID) -> CaseOut:
    """Read a case and its candidates; whoever is shown learns who looked."""
    with reading() as session:
        community = current_community()
        return _case_out(session, community, service.find(session, community.id, case_id))


@bp.post("/candidates/<uuid:candidate_id>/confirm")
@bp.output(CandidateOut)
@allow("tracing.trace")
@idempotent
def confirm(candidate_id: UUID) -> CandidateOut:
    """Confirm in one's own name that this home is to be told."""
    return _decided(candidate_id, Decision.CONFIRM)


@bp.post("/candidates/<uuid:candidate_id>/dismiss")
@bp.output(CandidateOut)
@allow("tracing.trace")
@idempotent
def dismiss(candidate_id: UUID) -> CandidateOut:
    """Decide in one's own name that this overlap means nothing."""
    return _decided(candidate_id, Decision.DISMISS)


def _decided(candidate_id: UUID, decision: Decision) -> CandidateOut:
    with transaction() as session:
        community = current_community()
        row = service.decide(session, current_actor(), community, candidate_id, decision)
        return _candidates_out(session, community, [row])[0]


def _row(row: Case) -> dict[str, object]:
    return {
        "id": row.id,
        "number": row.number,
        "from_at": row.from_at,
        "until_at": row.until_at,
        "opened_at": row.opened_at,
    }


def _case_out(session: Session, community: CommunityRef, row: Case) -> CaseOut:
    labels = places.home_labels(session, community.id, [row.home_id])
    return CaseOut.model_validate(
        {
            **_row(row),
            "about": row.subject_id,
            "home_label": labels.get(row.home_id, ""),
            "asked_for": row.asked_for,
            "candidates": _candidates_out(session, community, service.candidates_of(session, row)),
        }
    )


def _candidates_out(
    session: Session, community: CommunityRef, rows: Sequence[Candidate]
) -> list[CandidateOut]:
    homes = [row.home_id for row in rows]
    labels = places.home_labels(session, community.id, homes)
    members = people.people_of_homes(session, community.id, homes)
    return [
        CandidateOut.model_validate(
            {
                # Everybody who lives there may know that the home was looked at.
                "about": tuple(members.get(row.home_id, ())) or row.subject_id,
                "id": row.id,
                "rank": row.rank,
                "home_label": labels.get(row.home_id, ""),
                "overlaps": [ReasonOut(**reason) for reason in json.loads(row.overlaps)],
                "state": row.state,
                "decided_at": row.decided_at,
            }
        )
        for row in rows
    ]
