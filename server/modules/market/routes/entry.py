"""Endpoints for many items at once: paste or upload, look at what it would do, do it."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from server.kit.db import reading, transaction
from server.kit.errors import Refused
from server.kit.http import accepts_bytes
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.sheets import BadSheet, text_of
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.routes.blueprint import bp
from server.modules.market.rules.entry import MOST_CHARS, EntryFate
from server.modules.market.schemas import (
    EntryConfirmIn,
    EntryDoneOut,
    EntryIn,
    EntryOut,
    EntryRowOut,
    EntryWrongOut,
)

FILE_BYTES = 2 << 20


@bp.post("/stock/entry/preview")
@bp.input(EntryIn, arg_name="body")
@bp.output(EntryOut)
@allow("market.sell")
def preview_entry(body: EntryIn) -> EntryOut:
    """Show what a pasted table would do to my stock; nothing is changed."""
    return _previewed(body.text)


@bp.post("/stock/entry/upload")
@bp.output(EntryOut)
@bp.doc(
    description="The file as it is: XLSX (its first sheet), CSV or text, at most 2 MB. It is not kept, and what its "
    "formulas say is not looked at: a cell counts as the spreadsheet has shown it."
)
@allow("market.sell")
@accepts_bytes(FILE_BYTES)
def upload_entry() -> EntryOut:
    """Show what an uploaded table would do to my stock; nothing is changed."""
    try:
        text = text_of(request.get_data())
    except BadSheet:
        raise Refused("market.entry_bad_file") from None
    if len(text) > MOST_CHARS or "\x00" in text:
        raise Refused("market.entry_bad_file")
    return _previewed(text)


@bp.post("/stock/entry")
@bp.input(EntryConfirmIn, arg_name="body")
@bp.output(EntryDoneOut)
@allow("market.sell")
@idempotent
def confirm_entry(body: EntryConfirmIn) -> EntryDoneOut:
    """Do what was shown, all of it or nothing."""
    actor, community = current_actor(), current_community()
    with transaction() as session:
        shop = service.own_merchant(session, actor, community)
        done = service.enter(
            session, actor, community, shop.id, body.text, body.digest, skips_wrong=body.skips_wrong
        )
        return EntryDoneOut(counts=_counts(done.count))


def _previewed(text: str) -> EntryOut:
    with reading() as session:
        community = current_community()
        shop = service.own_merchant(session, current_actor(), community)
        plan = service.plan_entry(session, community, shop.id, text)
        return EntryOut(
            table=text,
            digest=plan.digest,
            counts=_counts(plan.count),
            rows=[
                EntryRowOut(
                    line=row.line,
                    fate=row.fate,
                    item_id=row.item.id if row.item else None,
                    name=row.item.name if row.item else row.said.get("name", ""),
                    unit=row.item.unit if row.item else row.said.get("unit", ""),
                    values=row.said if row.fate in (EntryFate.NEW, EntryFate.WRONG) else row.changes,
                    before=row.before,
                    wrong=[EntryWrongOut(column=one.column, code=one.code) for one in row.wrong],
                )
                for row in plan.rows
            ],
        )


def _counts(count: Callable[[EntryFate], int]) -> dict[EntryFate, int]:
    return {fate: count(fate) for fate in EntryFate}
