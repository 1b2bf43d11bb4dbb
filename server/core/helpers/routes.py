"""Endpoints of helpers: /api/c/<community>/helpers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.helpers import service
from server.core.helpers.models import Helper, Shift
from server.core.helpers.schemas import (
    HelperIn,
    HelperOut,
    HelpersOut,
    RestIn,
    RestOut,
    ShiftIn,
    ShiftOut,
    ShiftRestIn,
    SuspendIn,
)
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.errors import NotFound
from server.kit.http import PageQuery, area_blueprint, page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community

bp = area_blueprint("helpers", __name__)


@bp.post("")
@bp.input(HelperIn, arg_name="body")
@bp.output(HelperOut, status_code=201)
@allow("helpers.enrol")
@idempotent
def apply_to_help(body: HelperIn) -> HelperOut:
    """Ask to help."""
    with transaction() as session:
        row = service.enrol(session, current_actor(), current_community(), **body.model_dump())
        return _out(session, [row])[0]


@bp.get("")
@bp.input(PageQuery, location="query", arg_name="query")
@bp.output(HelpersOut)
@allow("helpers.manage")
def list_helpers(query: PageQuery) -> HelpersOut:
    """List the community's helpers, newest first."""
    with reading() as session:
        wanted = select(Helper).where(Helper.community_id == current_community().id)
        rows, after = page(session, wanted, Helper.id, query.after, query.limit)
        return HelpersOut(items=_out(session, rows), next=after)


@bp.get("/me")
@bp.output(HelperOut)
@allow("helpers.enrol")
def my_helper() -> HelperOut:
    """Return what I am as a helper."""
    with reading() as session:
        row = service.helper_of_person(session, current_community().id, current_actor().id)
        if row is None:
            raise NotFound("helpers.not_enrolled")
        return _out(session, [row])[0]


@bp.post("/me/shifts")
@bp.input(ShiftIn, arg_name="body")
@bp.output(ShiftOut, status_code=201)
@allow("helpers.serve")
@idempotent
def add_my_shift(body: ShiftIn) -> ShiftOut:
    """Say when I am on."""
    with transaction() as session:
        row = service.active_helper(session, current_actor(), current_community())
        return _add_shift(session, row.id, body)


@bp.post("/<uuid:helper_id>/shifts")
@bp.input(ShiftIn, arg_name="body")
@bp.output(ShiftOut, status_code=201)
@allow("helpers.manage")
@idempotent
def add_shift(helper_id: UUID, body: ShiftIn) -> ShiftOut:
    """Put a helper on a shift."""
    with transaction() as session:
        return _add_shift(session, helper_id, body)


@bp.put("/shifts/<uuid:shift_id>/rest")
@bp.input(ShiftRestIn, arg_name="body")
@bp.output(ShiftOut)
@allow("helpers.rest")
def set_rest(shift_id: UUID, body: ShiftRestIn) -> ShiftOut:
    """Put a rest into a shift, one's own or as an officer anybody's; move it, or take it out."""
    with transaction() as session:
        shift = service.set_rest(session, current_actor(), current_community(), shift_id, _rest(body.rest))
        return _shift_out(shift)


@bp.post("/<uuid:helper_id>/approve")
@bp.output(HelperOut)
@allow("helpers.manage")
@idempotent
def approve(helper_id: UUID) -> HelperOut:
    """Let an applicant help, or a suspended helper again."""
    with transaction() as session:
        row = service.approve(session, current_actor(), current_community(), helper_id)
        return _out(session, [row])[0]


@bp.post("/<uuid:helper_id>/suspend")
@bp.input(SuspendIn, arg_name="body")
@bp.output(HelperOut)
@allow("helpers.manage")
@idempotent
def suspend(helper_id: UUID, body: SuspendIn) -> HelperOut:
    """Give a helper nothing new to do: what is not on the way goes to others, a round that has begun is finished."""
    with transaction() as session:
        row = service.suspend(session, current_actor(), current_community(), helper_id, why=body.why)
        return _out(session, [row])[0]


def _add_shift(session: Session, helper_id: UUID, body: ShiftIn) -> ShiftOut:
    shift = service.add_shift(
        session,
        current_actor(),
        current_community(),
        helper_id,
        body.from_at,
        body.until_at,
        rest=_rest(body.rest),
    )
    return _shift_out(shift)


def _rest(body: RestIn | None) -> service.Rest | None:
    if body is None:
        return None
    return service.Rest(body.from_at, body.until_at, timedelta(minutes=body.minutes))


def _shift_out(shift: Shift) -> ShiftOut:
    rest = service.rest_of(shift)
    return ShiftOut(
        id=shift.id,
        from_at=shift.from_at,
        until_at=shift.until_at,
        rest=RestOut(from_at=rest.from_at, until_at=rest.until_at, minutes=rest.lasts // timedelta(minutes=1))
        if rest
        else None,
    )


def _out(session: Session, rows: Sequence[Helper]) -> list[HelperOut]:
    shifts = service.shifts_of(session, current_community().id, [row.id for row in rows])
    labels = service.labels(session, rows)
    now = clock.now()
    return [
        HelperOut(
            id=row.id,
            label=labels[row.id],
            kind=service.HelperKind(row.kind),
            vehicle=service.Vehicle(row.vehicle),
            capacity_g=row.capacity_g,
            capacity_ml=row.capacity_ml,
            capacity_parcels=row.capacity_parcels,
            skills=[service.Skill(skill) for skill in row.skills],
            languages=list(row.languages),
            state=service.HelperState(row.state),
            entrance_id=row.entrance_id,
            shifts=[_shift_out(shift) for shift in shifts[row.id]],
            hours=round(service.hours_of(shifts[row.id], now=now), 2),
        )
        for row in rows
    ]
