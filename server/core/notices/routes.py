"""HTTP: notices."""

from __future__ import annotations

from flask import request

from server.core.notices import service
from server.core.notices.rules import text_of
from server.core.notices.schemas import NoticeOut, NoticesOut, NoticesQuery, ReadIn, UnreadOut
from server.kit.db import reading, transaction
from server.kit.http import area_blueprint
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community

bp = area_blueprint("notices", __name__)


@bp.get("")
@bp.input(NoticesQuery, location="query", arg_name="query")
@bp.output(NoticesOut)
@allow("notices.own")
def list_notices(query: NoticesQuery) -> NoticesOut:
    """One's own notices, newest first, in the language that the request accepts."""
    community, me = current_community(), current_actor()
    in_english = request.accept_languages.best_match(["zh", "en"], default="zh") == "en"
    with reading() as session:
        rows, following = service.mine(
            session, community.id, me.id, only_unread=query.unread, after=query.after, limit=query.limit
        )
        items = [
            NoticeOut(
                id=row.id,
                kind=row.kind,
                text=text_of(row.kind, in_english=in_english),
                subject_kind=row.subject_kind,
                subject_id=row.subject_id,
                facts=row.facts,
                at=row.at,
                read_at=row.read_at,
            )
            for row in rows
        ]
        return NoticesOut(items=items, next=following, unread=service.unread(session, community.id, me.id))


@bp.post("/read")
@bp.input(ReadIn, arg_name="body")
@bp.output(UnreadOut)
@allow("notices.own")
@idempotent
def read_notices(body: ReadIn) -> UnreadOut:
    """Mark notices as read."""
    community, me = current_community(), current_actor()
    with transaction() as session:
        service.mark_read(session, community.id, me.id, body.ids)
        return UnreadOut(unread=service.unread(session, community.id, me.id))
