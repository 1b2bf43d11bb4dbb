"""Endpoints of passes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.http import page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.gate import service
from server.modules.gate.models import Pass
from server.modules.gate.routes.blueprint import bp
from server.modules.gate.rules.passes import PassKind, PassState, PassStep
from server.modules.gate.schemas import (
    ApplicationIn,
    GroundIn,
    KeyIn,
    PaperOut,
    PassesOut,
    PassesQuery,
    PassOut,
    SignedPassOut,
)


@bp.get("/passes/mine")
@bp.output(PassesOut)
@allow("gate.apply")
def my_passes() -> PassesOut:
    """List the passes that I show, asked for, or am the subject of."""
    with reading() as session:
        rows = service.passes_of(session, current_community().id, current_actor().id)
        return PassesOut(items=_out(session, rows), next=None, now=clock.now())


@bp.get("/passes")
@bp.input(PassesQuery, location="query", arg_name="query")
@bp.output(PassesOut)
@allow("gate.decide")
def list_passes(query: PassesQuery) -> PassesOut:
    """List passes and applications, newest first."""
    with reading() as session:
        community = current_community()
        wanted = select(Pass).where(Pass.community_id == community.id)
        if query.state is not None:
            wanted = wanted.where(Pass.state == query.state)
        rows, after = page(session, wanted, Pass.id, query.after, query.limit)
        return PassesOut(items=_out(session, rows), next=after, now=clock.now())


@bp.post("/passes")
@bp.input(ApplicationIn, arg_name="body")
@bp.output(PassOut, status_code=201)
@allow("gate.apply")
@idempotent
def apply_for_pass(body: ApplicationIn) -> PassOut:
    """Ask for a pass."""
    with transaction() as session:
        asked = service.Application(**body.model_dump())
        row = service.apply(session, current_actor(), current_community(), asked)
        return _out(session, [row])[0]


@bp.post("/passes/<uuid:pass_id>/approve")
@bp.input(GroundIn, arg_name="body")
@bp.output(PassOut)
@allow("gate.decide")
@idempotent
def approve_pass(pass_id: UUID, body: GroundIn) -> PassOut:
    """Approve an application, or an appeal."""
    return _stepped(pass_id, PassStep.APPROVE, body)


@bp.post("/passes/<uuid:pass_id>/refuse")
@bp.input(GroundIn, arg_name="body")
@bp.output(PassOut)
@allow("gate.decide")
@idempotent
def refuse_pass(pass_id: UUID, body: GroundIn) -> PassOut:
    """Refuse an application, or an appeal; the ground is told."""
    return _stepped(pass_id, PassStep.REFUSE, body)


@bp.post("/passes/<uuid:pass_id>/revoke")
@bp.input(GroundIn, arg_name="body")
@bp.output(PassOut)
@allow("gate.decide")
@idempotent
def revoke_pass(pass_id: UUID, body: GroundIn) -> PassOut:
    """Revoke a pass; the ground is told."""
    return _stepped(pass_id, PassStep.REVOKE, body)


@bp.post("/passes/<uuid:pass_id>/withdraw")
@bp.input(GroundIn, arg_name="body")
@bp.output(PassOut)
@allow("gate.apply")
@idempotent
def withdraw_pass(pass_id: UUID, body: GroundIn) -> PassOut:
    """Give a pass or an application back."""
    return _stepped(pass_id, PassStep.WITHDRAW, body)


@bp.post("/passes/<uuid:pass_id>/appeal")
@bp.input(GroundIn, arg_name="body")
@bp.output(PassOut)
@allow("gate.apply")
@idempotent
def appeal(pass_id: UUID, body: GroundIn) -> PassOut:
    """Say why a refusal or a revocation is wrong."""
    return _stepped(pass_id, PassStep.APPEAL, body)


@bp.post("/passes/<uuid:pass_id>/phone")
@bp.input(KeyIn, arg_name="body")
@bp.output(SignedPassOut)
@allow("gate.apply")
@idempotent
def pass_on_phone(pass_id: UUID, body: KeyIn) -> SignedPassOut:
    """Give a pass to this phone; another one that had it loses it."""
    with transaction() as session:
        row = _seen(session, pass_id)
        signed = service.bind_device(session, current_actor(), current_community(), row, body.public_key)
        return SignedPassOut(signed=signed, until_at=row.until_at, now=clock.now())


@bp.post("/passes/<uuid:pass_id>/paper")
@bp.output(PaperOut)
@allow("gate.apply")
@idempotent
def pass_on_paper(pass_id: UUID) -> PaperOut:
    """Make the code of a sheet of paper; one that was printed before is worth nothing any more."""
    with transaction() as session:
        row = _seen(session, pass_id)
        code = service.print_paper(session, current_actor(), current_community(), row)
        return PaperOut(code=code, number=row.number, until_at=row.until_at)


def _seen(session: Session, pass_id: UUID) -> Pass:
    row = service.find(session, current_community().id, pass_id, for_update=True)
    service.check_may_see(current_actor(), current_community(), row)
    return row


def _stepped(pass_id: UUID, step: PassStep, body: GroundIn) -> PassOut:
    with transaction() as session:
        _seen(session, pass_id)
        row = service.step(session, current_actor(), current_community(), pass_id, step, ground=body.ground)
        return _out(session, [row])[0]


def _out(session: Session, rows: Sequence[Pass]) -> list[PassOut]:
    names, me = service.names_on(session, list(rows)), current_actor().person_id
    decides = service.is_worker(current_actor(), current_community())
    held = service.held(session, current_community().id, rows)
    on_phones = service.on_phones(session, current_community().id, [row.id for row in rows])
    return [
        PassOut(
            # What one asked for oneself, or shows for another, is one's own.
            about=None if me in (row.person_id, row.carrier_id, row.applicant_id) else row.subject_id,
            id=row.id,
            kind=PassKind(row.kind),
            purpose=row.purpose,
            state=PassState(row.state),
            is_held=row.id in held,
            is_mine_to_show=row.carrier_id == me,
            is_on_a_phone=row.id in on_phones,
            name=names[row.id]["name"],
            home=names[row.id]["home"],
            subject=row.subject,
            note=row.note,
            # The digits are as good as the pass: only for whoever shows it, or may print it.
            number=row.number if decides or me in (row.carrier_id, row.applicant_id) else None,
            from_at=row.from_at,
            until_at=row.until_at,
            applied_at=row.applied_at,
            decided_at=row.decided_at,
            is_decided_by_rule=row.rule_version is not None,
            ground=row.ground,
            appeal=row.appeal,
        )
        for row in rows
    ]
