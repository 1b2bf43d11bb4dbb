"""Endpoints of claims, for shops and officers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from flask import Response, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from server.kit.db import reading, transaction
from server.kit.http import page
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.ports.photos import Photos
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Claim, Item, Merchant, Order, OrderLine
from server.modules.market.routes.blueprint import bp
from server.modules.market.schemas import ClaimOut, ClaimQuery, ClaimsOut, DecisionIn


@bp.get("/claims")
@bp.input(ClaimQuery, location="query", arg_name="query")
@bp.output(ClaimsOut)
@allow("market.judge")
def list_claims(query: ClaimQuery) -> ClaimsOut:
    """List claims, newest first: an officer sees all, a shop those against it."""
    with reading() as session:
        wanted = service.claims_to_see(session, current_actor(), current_community())
        if query.state is not None:
            wanted = wanted.where(Claim.state == query.state)
        rows, after = page(session, wanted, Claim.id, query.after, query.limit)
        return ClaimsOut(items=claims_out(session, rows), next=after)


@bp.post("/claims/<uuid:claim_id>/decide")
@bp.input(DecisionIn, arg_name="body")
@bp.output(ClaimOut)
@allow("market.judge")
@idempotent
def decide_claim(claim_id: UUID, body: DecisionIn) -> ClaimOut:
    """Grant a claim, or as an officer refuse it."""
    with transaction() as session:
        claim = service.decide_claim(
            session, current_actor(), current_community(), claim_id, granted=body.granted, why=body.why
        )
        return claims_out(session, [claim])[0]


@bp.get("/claims/<uuid:claim_id>/photo")
@allow("market.buy")
def photo_of_claim(claim_id: UUID) -> Response:
    """The photo of a claim, for the home, the shop and officers."""
    with reading() as session:
        ref = service.photo_of_claim(session, current_actor(), current_community(), claim_id)
    photos = cast(Photos, current_app.extensions["linli"].ports["photos"])
    response = Response(photos.get(ref), mimetype="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def claims_out(session: Session, claims: Sequence[Claim]) -> list[ClaimOut]:
    """Turn claims of the current community into answers."""
    about = session.execute(
        select(Claim.id, Merchant.name, Item.name, Item.name_en)
        .join(Order, Order.id == Claim.order_id)
        .join(Merchant, Merchant.id == Order.merchant_id)
        .join(OrderLine, OrderLine.id == Claim.order_line_id)
        .join(Item, Item.id == OrderLine.item_id)
        .where(Claim.id.in_([claim.id for claim in claims]))
    )
    names = {claim_id: found for claim_id, *found in about}
    return [
        ClaimOut(
            about=claim.subject_id,
            id=claim.id,
            order_id=claim.order_id,
            order_code=claim.order_id.hex[-6:].upper(),
            merchant_name=names[claim.id][0],
            item_name=names[claim.id][1],
            item_name_en=names[claim.id][2],
            kind=claim.kind,
            quantity=claim.quantity,
            amount_fen=claim.amount_fen,
            note=claim.note,
            has_photo=claim.photo_id is not None,
            state=claim.state,
            why=claim.why,
            made_at=claim.made_at,
            decided_at=claim.decided_at,
        )
        for claim in claims
    ]
