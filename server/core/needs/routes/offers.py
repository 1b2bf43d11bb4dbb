"""Endpoints of offers and of the matching."""

from __future__ import annotations

from uuid import UUID

from server.core.needs import service
from server.core.needs.routes.blueprint import bp
from server.core.needs.routes.views import offers_out, open_needs_out, unmatched_out
from server.core.needs.schemas import (
    MatchStartedOut,
    OfferOut,
    OffersOut,
    OpenNeedsOut,
    UnmatchedListOut,
    WhyIn,
)
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.jobs import enqueue
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community


@bp.get("/offers")
@bp.output(OffersOut)
@allow("needs.serve")
def my_offers() -> OffersOut:
    """List what I am offered and what I have in hand."""
    with reading() as session:
        return OffersOut(items=offers_out(session, current_actor(), current_community()), next=None)


@bp.post("/offers/<uuid:offer_id>/accept")
@bp.output(OfferOut)
@allow("needs.serve")
@idempotent
def accept_offer(offer_id: UUID) -> OfferOut:
    """Take what I am offered."""
    with transaction() as session:
        service.accept_as_helper(session, current_actor(), current_community(), offer_id)
        return offers_out(session, current_actor(), current_community(), only=offer_id)[0]


@bp.post("/offers/<uuid:offer_id>/decline")
@bp.input(WhyIn, arg_name="body")
@bp.output(OffersOut)
@allow("needs.serve")
@idempotent
def decline_offer(offer_id: UUID, body: WhyIn) -> OffersOut:
    """Say no, or give back what I had taken; returns what is left."""
    with transaction() as session:
        service.decline_as_helper(session, current_actor(), current_community(), offer_id, why=body.why)
        return OffersOut(items=offers_out(session, current_actor(), current_community()), next=None)


@bp.get("/open")
@bp.output(OpenNeedsOut)
@allow("needs.serve")
def list_open_needs() -> OpenNeedsOut:
    """List the visits that wait for somebody with my skills: kind, entrance and time, no more."""
    with reading() as session:
        needs = service.open_needs(session, current_actor(), current_community())
        return OpenNeedsOut(items=open_needs_out(session, current_community(), needs), next=None)


@bp.post("/<uuid:need_id>/claim")
@bp.output(OfferOut)
@allow("needs.serve")
@idempotent
def claim_need(need_id: UUID) -> OfferOut:
    """Take a need that waits for somebody, without having been asked."""
    with transaction() as session:
        offer = service.claim(session, current_actor(), current_community(), need_id)
        return offers_out(session, current_actor(), current_community(), only=offer.id)[0]


@bp.post("/match")
@bp.output(MatchStartedOut, status_code=202)
@allow("needs.triage")
@idempotent
def match_now() -> MatchStartedOut:
    """Match at once instead of at the next turn."""
    with transaction() as session:
        return MatchStartedOut(job_id=enqueue(session, "needs.match", current_community().id))


@bp.get("/unmatched")
@bp.output(UnmatchedListOut)
@allow("needs.triage")
def list_unmatched() -> UnmatchedListOut:
    """List the needs nobody could be found for, each with its reason and the smallest change."""
    with reading() as session:
        return UnmatchedListOut(items=unmatched_out(session, current_actor(), current_community()), next=None)
