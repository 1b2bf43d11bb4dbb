"""Endpoints of lists: import, preview, review, the two officers' steps."""

from __future__ import annotations

from uuid import UUID

from flask import request

from server.kit.db import reading, transaction
from server.kit.errors import Refused
from server.kit.http import accepts_bytes
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.sheets import BadSheet, text_of
from server.kit.tenancy import current_community
from server.modules.zones import service
from server.modules.zones.routes import views
from server.modules.zones.routes.blueprint import bp
from server.modules.zones.schemas import (
    ReadRowOut,
    ReadRowsOut,
    ReadRowsQuery,
    RowDecisionIn,
    ZoneLiftIn,
    ZoneListIn,
    ZoneListOut,
    ZoneListsOut,
    ZoneProposalIn,
    ZoneUploadQuery,
    ZoneWhyIn,
)

FILE_BYTES = 4 << 20


@bp.get("/lists")
@bp.output(ZoneListsOut)
@allow("zones.decide")
def list_lists() -> ZoneListsOut:
    """List the latest imports, newest first."""
    with reading() as session:
        community = current_community()
        found = service.lists_here(session, community.id)
        return ZoneListsOut(items=views.list_rows_out(session, community, found))


@bp.post("/lists")
@bp.input(ZoneListIn, arg_name="body")
@bp.output(ZoneListOut, status_code=201)
@allow("zones.decide")
@accepts_bytes(FILE_BYTES)
@idempotent
def import_text(body: ZoneListIn) -> ZoneListOut:
    """Import a list as pasted: a table with headings, or one listing a line. Nothing happens to anybody yet."""
    other_names = tuple(body.other_names)
    return _imported(service.NewList(body.name, body.text, body.level, body.year, other_names))


@bp.post("/lists/upload")
@bp.input(ZoneUploadQuery, location="query", arg_name="query")
@bp.output(ZoneListOut, status_code=201)
@allow("zones.decide")
@accepts_bytes(FILE_BYTES)
@idempotent
def upload(query: ZoneUploadQuery) -> ZoneListOut:
    """Import a file as it is: XLSX (its first sheet), CSV or text. The file itself is not kept."""
    other_names = (query.other_name,) if query.other_name else ()
    return _imported(service.NewList(query.name, _text(), query.level, query.year, other_names))


@bp.get("/lists/<uuid:list_id>")
@bp.output(ZoneListOut)
@allow("zones.decide")
def read_list(list_id: UUID) -> ZoneListOut:
    """Read a list: its groups, the doors that it means, its zones."""
    with reading() as session:
        community = current_community()
        return views.list_out(session, community, service.find(session, community.id, list_id))


@bp.get("/lists/<uuid:list_id>/rows")
@bp.input(ReadRowsQuery, location="query", arg_name="query")
@bp.output(ReadRowsOut)
@allow("zones.decide")
def read_rows(list_id: UUID, query: ReadRowsQuery) -> ReadRowsOut:
    """Read a list's rows in one group, in their order."""
    with reading() as session:
        community = current_community()
        found = service.find(session, community.id, list_id)
        rows, after = service.rows_page(session, found, query.group, after=query.after, limit=query.limit)
        return ReadRowsOut(items=views.rows_out(session, community, rows), next=after)


@bp.post("/rows/<uuid:row_id>/decide")
@bp.input(RowDecisionIn, arg_name="body")
@bp.output(ReadRowOut)
@allow("zones.decide")
@idempotent
def decide_row(row_id: UUID, body: RowDecisionIn) -> ReadRowOut:
    """Say what a row means: these entrances, or none of ours."""
    with transaction() as session:
        community = current_community()
        decision = service.Decision(
            frozenset(body.door_ids), body.why, body.level, body.from_on, body.until_on
        )
        row = service.decide_row(session, current_actor(), community, row_id, decision)
        return views.rows_out(session, community, [row])[0]


@bp.post("/lists/<uuid:list_id>/confirm")
@bp.input(ZoneProposalIn, arg_name="body")
@bp.output(ZoneListOut)
@allow("zones.decide")
@idempotent
def confirm(list_id: UUID, body: ZoneProposalIn) -> ZoneListOut:
    """Propose the list to a second officer; refused while rows wait for review."""
    with transaction() as session:
        community = current_community()
        wanted = service.Proposal(body.reason, body.legal_basis, body.until_on)
        found = service.confirm(session, current_actor(), community, list_id, wanted)
        return views.list_out(session, community, found)


@bp.post("/lists/<uuid:list_id>/send-back")
@bp.input(ZoneWhyIn, arg_name="body")
@bp.output(ZoneListOut)
@allow("zones.decide")
@idempotent
def send_back(list_id: UUID, body: ZoneWhyIn) -> ZoneListOut:
    """Send a proposed list back to be looked at again."""
    return _stepped(list_id, "send_back", body)


@bp.post("/lists/<uuid:list_id>/drop")
@bp.input(ZoneWhyIn, arg_name="body")
@bp.output(ZoneListOut)
@allow("zones.decide")
@idempotent
def drop(list_id: UUID, body: ZoneWhyIn) -> ZoneListOut:
    """Drop a draft: nothing comes of it."""
    return _stepped(list_id, "drop", body)


@bp.post("/lists/<uuid:list_id>/approve")
@bp.input(ZoneWhyIn, arg_name="body")
@bp.output(ZoneListOut)
@allow("zones.decide")
@idempotent
def approve(list_id: UUID, body: ZoneWhyIn) -> ZoneListOut:
    """Put a list in force that others have prepared: zones stand, homes are told and marked."""
    with transaction() as session:
        community = current_community()
        found = service.approve(session, current_actor(), community, list_id, body.why)
        return views.list_out(session, community, found)


@bp.post("/lists/<uuid:list_id>/lift")
@bp.input(ZoneLiftIn, arg_name="body")
@bp.output(ZoneListOut)
@allow("zones.decide")
@idempotent
def lift(list_id: UUID, body: ZoneLiftIn) -> ZoneListOut:
    """End zones before their time, some entrances' or all."""
    with transaction() as session:
        community = current_community()
        found = service.lift(
            session, current_actor(), community, list_id, body.why, entrance_ids=body.entrance_ids
        )
        return views.list_out(session, community, found)


def _imported(wanted: service.NewList) -> ZoneListOut:
    with transaction() as session:
        community = current_community()
        found = service.import_list(session, current_actor(), community, wanted)
        return views.list_out(session, community, found)


def _stepped(list_id: UUID, step: str, body: ZoneWhyIn) -> ZoneListOut:
    with transaction() as session:
        community = current_community()
        found = service.step_back(session, current_actor(), community, list_id, step, body.why)
        return views.list_out(session, community, found)


def _text() -> str:
    try:
        return text_of(request.get_data())
    except BadSheet:
        raise Refused("zones.bad_file") from None
