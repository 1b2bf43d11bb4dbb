"""Endpoints of needs themselves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from server.core.needs import service
from server.core.needs.models import Need
from server.core.needs.routes.blueprint import bp
from server.core.needs.routes.views import needs_out, story_out
from server.core.needs.rules.lifecycle import TERMINAL
from server.core.needs.schemas import (
    CloseIn,
    MustSayWhyIn,
    NeedDetailOut,
    NeedIn,
    NeedOut,
    NeedsOut,
    NeedsQuery,
    TriageIn,
    WhyIn,
)
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.errors import Forbidden
from server.kit.http import page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community


@bp.post("")
@bp.input(NeedIn, arg_name="body")
@bp.output(NeedOut, status_code=201)
@allow("needs.post")
@idempotent
def post_need(body: NeedIn) -> NeedOut:
    """Post a need; a worker may name another home (the phone desk)."""
    with transaction() as session:
        need = service.post_need(
            session,
            current_actor(),
            current_community(),
            kind=body.kind,
            lines=[service.WantedLine(line.text, line.quantity, line.item_id) for line in body.lines],
            home_id=body.home_id,
            note_text=body.note,
            wanted_from=body.wanted_from,
            wanted_until=body.wanted_until,
        )
        return needs_out(session, current_actor(), current_community(), [need])[0]


@bp.get("")
@bp.input(NeedsQuery, location="query", arg_name="query")
@bp.output(NeedsOut)
@allow("needs.see")
def list_needs(query: NeedsQuery) -> NeedsOut:
    """List my home's needs, or for workers the community's."""
    actor, community = current_actor(), current_community()
    with reading() as session:
        if query.mine:
            wanted = service.mine(session, actor, community)
        elif service.is_worker(actor, community):
            wanted = select(Need).where(Need.community_id == community.id)
        else:
            raise Forbidden("needs.only_mine")
        if query.state is not None:
            wanted = wanted.where(Need.state == query.state)
        if query.home_id is not None:
            wanted = wanted.where(Need.home_id == query.home_id)
        if query.overdue:
            wanted = wanted.where((Need.deadline <= clock.now()) | (Need.level != "grid"))
            wanted = wanted.where(Need.state.not_in(TERMINAL))
        rows, after = page(session, wanted, Need.id, query.after, query.limit)
        return NeedsOut(items=needs_out(session, actor, community, rows), next=after)


@bp.get("/<uuid:need_id>")
@bp.output(NeedDetailOut)
@allow("needs.see")
def read_need(need_id: UUID) -> NeedDetailOut:
    """Read a need with its story: who has it, when it comes, where it was dropped."""
    with reading() as session:
        need = service.find_need(session, current_community().id, need_id)
        return story_out(session, current_actor(), current_community(), need)


@bp.post("/<uuid:need_id>/cancel")
@bp.input(WhyIn, arg_name="body")
@bp.output(NeedDetailOut)
@allow("needs.post")
@idempotent
def cancel_need(need_id: UUID, body: WhyIn) -> NeedDetailOut:
    """Call a need off before it is at the gate."""
    with transaction() as session:
        need = service.cancel(session, current_actor(), current_community(), need_id, why=body.why)
        return story_out(session, current_actor(), current_community(), need)


@bp.post("/<uuid:need_id>/confirm")
@bp.output(NeedDetailOut)
@allow("needs.post")
@idempotent
def confirm_need(need_id: UUID) -> NeedDetailOut:
    """Say that it has arrived."""
    with transaction() as session:
        need = service.confirm(session, current_actor(), current_community(), need_id)
        return story_out(session, current_actor(), current_community(), need)


@bp.post("/<uuid:need_id>/dispute")
@bp.input(MustSayWhyIn, arg_name="body")
@bp.output(NeedDetailOut)
@allow("needs.post")
@idempotent
def dispute_need(need_id: UUID, body: MustSayWhyIn) -> NeedDetailOut:
    """Say that it has not arrived or is not right."""
    with transaction() as session:
        need = service.dispute(session, current_actor(), current_community(), need_id, why=body.why)
        return story_out(session, current_actor(), current_community(), need)


@bp.post("/<uuid:need_id>/repeat")
@bp.output(NeedOut, status_code=201)
@allow("needs.post")
@idempotent
def repeat_need(need_id: UUID) -> NeedOut:
    """Post the same once more."""
    with transaction() as session:
        need = service.repeat_need(session, current_actor(), current_community(), need_id)
        return needs_out(session, current_actor(), current_community(), [need])[0]


@bp.post("/<uuid:need_id>/triage")
@bp.input(TriageIn, arg_name="body")
@bp.output(NeedDetailOut)
@allow("needs.triage")
@idempotent
def triage_need(need_id: UUID, body: TriageIn) -> NeedDetailOut:
    """Set the priority, put it on hold, or let it be matched again."""
    with transaction() as session:
        need = service.triage(
            session,
            current_actor(),
            current_community(),
            need_id,
            priority=body.priority,
            hold=body.hold,
            why=body.why,
        )
        return story_out(session, current_actor(), current_community(), need)


@bp.post("/<uuid:need_id>/close")
@bp.input(CloseIn, arg_name="body")
@bp.output(NeedDetailOut)
@allow("needs.triage")
@idempotent
def close_need(need_id: UUID, body: CloseIn) -> NeedDetailOut:
    """Close a need for a reason."""
    with transaction() as session:
        need = service.close(
            session, current_actor(), current_community(), need_id, because=body.because, why=body.why
        )
        return story_out(session, current_actor(), current_community(), need)


@bp.post("/<uuid:need_id>/visited")
@bp.output(NeedDetailOut)
@allow("needs.serve")
@idempotent
def visited_need(need_id: UUID) -> NeedDetailOut:
    """Say that I was there, outside of any wave."""
    with transaction() as session:
        need = service.visited_by_helper(session, current_actor(), current_community(), need_id)
        return story_out(session, current_actor(), current_community(), need)
