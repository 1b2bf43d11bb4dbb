"""HTTP: flags."""

from __future__ import annotations

from uuid import UUID

from server.core.flags import service
from server.core.flags.schemas import EndIn, FlagIn, FlagOut, FlagsOut, FlagsQuery
from server.kit.db import reading, transaction
from server.kit.http import area_blueprint
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community

bp = area_blueprint("flags", __name__)


@bp.get("")
@bp.input(FlagsQuery, location="query", arg_name="query")
@bp.output(FlagsOut)
@allow("flags.manage")
def list_flags(query: FlagsQuery) -> FlagsOut:
    """Flags that hold or will hold."""
    with reading() as session:
        flags = service.flags_here(session, current_community().id, query.home_id)
        return FlagsOut(items=[FlagOut.model_validate(flag) for flag in flags])


@bp.post("")
@bp.input(FlagIn, arg_name="body")
@bp.output(FlagOut, status_code=201)
@allow("flags.manage")
@idempotent
def raise_flag(body: FlagIn) -> FlagOut:
    """Raise a flag on a home; a ground is demanded."""
    with transaction() as session:
        flag = service.raise_flag(
            session,
            current_actor(),
            current_community().id,
            home_id=body.home_id,
            kind=body.kind,
            ground=body.ground,
            until_at=body.until_at,
        )
        return FlagOut.model_validate(flag)


@bp.post("/<uuid:flag_id>/end")
@bp.input(EndIn, arg_name="body")
@bp.output(FlagOut)
@allow("flags.manage")
@idempotent
def end_flag(flag_id: UUID, body: EndIn) -> FlagOut:
    """End a flag before its time; a reason is demanded."""
    with transaction() as session:
        flag = service.end_flag(session, current_actor(), current_community().id, flag_id, body.why)
        return FlagOut.model_validate(flag)
