"""Offers: made by the matching, answered by helpers and shops, expiring by themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.helpers import service as helpers
from server.core.needs.events import LinesUnavailable, OfferEnded, OfferMade, VisitScheduled
from server.core.needs.models import Line, Need, Offer, Unmatched, Visit
from server.core.needs.rules.kinds import Flow, NeedKind
from server.core.needs.rules.lifecycle import ClosedBecause, Party, State, Step
from server.core.needs.rules.suppliers import Basket, BasketLine
from server.core.needs.rules.urgency import offer_ends
from server.core.needs.service.posting import split_off
from server.core.needs.service.steps import BY_SYSTEM, By, find_need, lines_of, take_step, watchers
from server.core.needs.service.suppliers import supplier_named
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id, touched
from server.kit.errors import Conflict, Forbidden, NotFound, Problem, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef

LIVE = ("offered", "accepted")


def basket_of(need: Need, lines: list[Line]) -> Basket:
    """Return the need's live lines as a basket."""
    live = [line for line in lines if State(line.state) not in (State.CLOSED, State.CANCELLED)]
    return Basket(
        need.id, need.subject_id, tuple(BasketLine(li.id, li.text, li.quantity, li.item_ref) for li in live)
    )


def offer_to_helper(session: Session, need: Need, helper_id: UUID, *, score: int) -> Offer:
    """Offer a triaged need to a helper. Raises Conflict if it is not triaged any more."""
    take_step(session, need, Step.OFFER, BY_SYSTEM)
    helper = helpers.helper(session, need.community_id, helper_id)
    return _add_offer(session, need, score=score, helper_id=helper_id, person_id=helper.person_id)


def offer_to_shop(
    session: Session, need: Need, supplier: str, ref: UUID, label: str, *, score: int
) -> Offer | None:
    """Put a triaged need to a shop, which keeps its stock for it.

    None if the shop cannot serve it any more.
    """
    found = supplier_named(session, need.community_id, supplier)
    if found is None:
        return None
    basket = basket_of(need, lines_of(session, [need.id])[need.id])
    try:
        with session.begin_nested():
            take_step(session, need, Step.OFFER, BY_SYSTEM)
            offer = _add_offer(
                session, need, score=score, supplier=supplier, supplier_ref=ref, supplier_label=label
            )
            found.place(session, need.community_id, offer.id, ref, basket)
    except Refused:
        # Somebody bought the last one since the plan was made. The next matching looks elsewhere.
        return None
    return offer


def accept_as_helper(session: Session, actor: Actor, community: CommunityRef, offer_id: UUID) -> Offer:
    """Take what was offered to the actor. Raises Conflict if it is gone, Forbidden if it was not theirs."""
    offer = _own_offer(session, actor, community, offer_id)
    need = _accept(session, offer, By(actor, Party.SERVER, "volunteer"))
    scheduled_at = max(clock.now(), need.wanted_from)
    session.add(
        Visit(
            community_id=community.id, need_id=need.id, helper_id=offer.helper_id, scheduled_at=scheduled_at
        )
    )
    take_step(session, need, Step.SCHEDULE, By(actor, Party.SERVER, "volunteer"))
    if offer.helper_id is not None:
        emit(
            session,
            VisitScheduled(community.id, need.id, helper_id=offer.helper_id, scheduled_at=scheduled_at),
        )
    return offer


def decline_as_helper(
    session: Session, actor: Actor, community: CommunityRef, offer_id: UUID, *, why: str | None
) -> Offer:
    """Say no to an offer, or give back what was accepted; the need is offered to others again."""
    offer = _locked(session, _own_offer(session, actor, community, offer_id))
    if offer.state not in LIVE:
        raise Conflict("needs.offer_gone", state=offer.state)
    give_back(session, offer, By(actor, Party.SERVER, "volunteer", why=why), to="declined")
    return offer


def visited_by_helper(session: Session, actor: Actor, community: CommunityRef, need_id: UUID) -> Need:
    """Say that the visit was made.

    Twice is once. Raises Forbidden unless the need is in the actor's hands.
    """
    mine = own_helper(session, actor, community)
    need = find_need(session, community.id, need_id, for_update=True)
    held = select(Offer.id).where(
        Offer.need_id == need.id, Offer.helper_id == mine.id, Offer.state == "accepted"
    )
    if session.scalar(held) is None:
        raise Forbidden("needs.not_yours")
    if State(need.state) is not State.VISITED:
        take_step(session, need, Step.VISIT, By(actor, Party.SERVER, mine.kind))
    return need


def own_helper(session: Session, actor: Actor, community: CommunityRef) -> helpers.Helper:
    """Return the actor's active helper. Raises Forbidden for somebody who is none."""
    return helpers.active_helper(session, actor, community)


def accept_as_shop(session: Session, actor: Actor, community_id: UUID, offer_id: UUID) -> Offer:
    """A shop takes the order behind the offer; the supplier has checked who acts.

    Raises Conflict if it is gone.
    """
    offer = find_offer(session, community_id, offer_id)
    by = By(actor, Party.SERVER, "merchant", facts={"shop": offer.supplier_label})
    need = _accept(session, offer, by)
    take_step(session, need, Step.SOURCE, By(actor, Party.SERVER, "merchant"))
    return offer


def decline_as_shop(
    session: Session, actor: Actor, community_id: UUID, offer_id: UUID, *, why: str | None
) -> Offer:
    """A shop says no, before or after it had said yes; the supplier frees its own stock."""
    offer = _locked(session, find_offer(session, community_id, offer_id))
    if offer.state not in LIVE:
        raise Conflict("needs.offer_gone", state=offer.state)
    give_back(
        session, offer, By(actor, Party.SERVER, "merchant", why=why), to="declined", tell_supplier=False
    )
    return offer


def lines_unavailable(
    session: Session, actor: Actor, community_id: UUID, offer_id: UUID, line_ids: list[UUID]
) -> Need:
    """A shop does not have some lines after all: they go on as a need of their own, offered to others.

    Returns the new need; the home is told by the event.
    """
    offer = find_offer(session, community_id, offer_id)
    need = find_need(session, community_id, offer.need_id, for_update=True)
    gone = [line for line in lines_of(session, [need.id])[need.id] if line.id in set(line_ids)]
    if len(gone) != len(set(line_ids)):
        raise NotFound("needs.line_not_found")
    rest = split_off(session, actor, need, gone)
    by = By(actor, Party.SERVER, "merchant", facts={"unavailable": len(gone), "follow_up_id": str(rest.id)})
    take_step(session, need, Step.CLOSE, by, line_ids=line_ids, closed_because=ClosedBecause.OUT_OF_SCOPE)
    if State(need.state) is not State.CLOSED:
        need.closed_because = None
    else:
        _end(session, offer, "declined")
    emit(
        session,
        LinesUnavailable(
            community_id, need.id, line_ids=line_ids, follow_up_id=rest.id, watchers=watchers(session, need)
        ),
    )
    return rest


def give_back(session: Session, offer: Offer, by: By, *, to: str, tell_supplier: bool = True) -> None:
    """End a live offer and let its need be offered to others. ``to``: declined, expired or withdrawn."""
    need = find_need(session, offer.community_id, offer.need_id, for_update=True)
    end_offer(session, offer, to, why=by.why or to, tell_supplier=tell_supplier)
    others = session.scalars(select(Offer.id).where(Offer.need_id == need.id, Offer.state.in_(LIVE))).all()
    if not others:
        take_step(session, need, Step.GIVE_BACK, by)


def end_offer(session: Session, offer: Offer, to: str, *, why: str, tell_supplier: bool = True) -> None:
    """End an offer and all that hangs on it: the shop's order, the helper's visit."""
    if tell_supplier and offer.supplier is not None:
        supplier = supplier_named(session, offer.community_id, offer.supplier)
        if supplier is not None:
            supplier.withdraw(session, offer.community_id, offer.id, why)
    if offer.state == "accepted":
        session.execute(
            update(Visit)
            .where(Visit.need_id == offer.need_id, Visit.ended_at.is_(None), Visit.visited_at.is_(None))
            .values(ended_at=clock.now())
        )
    _end(session, offer, to)


def end_live_offers(session: Session, need: Need, *, why: str, to: str = "withdrawn") -> None:
    """End every live offer of a need that is cancelled, held, closed or taken back.

    ``to``: "declined" keeps the need from being offered to the same helper or shop again.
    """
    live = session.scalars(select(Offer).where(Offer.need_id == need.id, Offer.state.in_(LIVE))).all()
    for offer in live:
        end_offer(session, offer, to, why=why)


def take_back_from_helper(session: Session, community_id: UUID, helper_id: UUID, *, why: str) -> int:
    """Offer to others what a helper who is no longer one was offered or had accepted.

    Return how many needs.
    """
    held = session.scalars(
        select(Offer)
        .join(Need, Need.id == Offer.need_id)
        .where(
            Offer.community_id == community_id,
            Offer.helper_id == helper_id,
            Offer.state.in_(LIVE),
            Need.state.in_((State.OFFERED, State.ACCEPTED, State.SCHEDULED)),
        )
    ).all()
    for offer in held:
        give_back(session, offer, By(BY_SYSTEM.actor, Party.SYSTEM, "system", why=why), to="withdrawn")
    return len(held)


def due_offers(session: Session, community_id: UUID, now: datetime) -> list[UUID]:
    """Return the offers that nobody answered in time."""
    return list(
        session.scalars(
            select(Offer.id).where(
                Offer.community_id == community_id, Offer.state == "offered", Offer.expires_at <= now
            )
        )
    )


def expire_offer(session: Session, community_id: UUID, offer_id: UUID) -> None:
    """Take back an offer that nobody answered; does nothing to one that was."""
    offer = _locked(session, find_offer(session, community_id, offer_id))
    if offer.state == "offered" and offer.expires_at <= clock.now():
        give_back(session, offer, By(BY_SYSTEM.actor, Party.SYSTEM, "system"), to="expired")


def find_offer(session: Session, community_id: UUID, offer_id: UUID) -> Offer:
    """Return the offer. Raises NotFound, also for another community's."""
    offer = session.get(Offer, offer_id)
    if offer is None or offer.community_id != community_id:
        raise NotFound("needs.offer_not_found")
    return offer


def expiries_of_offers(
    session: Session, community_id: UUID, offer_ids: Collection[UUID]
) -> dict[UUID, datetime]:
    """Return until when each offer may be answered."""
    rows = session.execute(
        select(Offer.id, Offer.expires_at).where(Offer.community_id == community_id, Offer.id.in_(offer_ids))
    )
    return dict(rows.all())


def _own_offer(session: Session, actor: Actor, community: CommunityRef, offer_id: UUID) -> Offer:
    mine = own_helper(session, actor, community)
    offer = find_offer(session, community.id, offer_id)
    if offer.helper_id != mine.id:
        raise Forbidden("needs.offer_not_yours")
    return offer


def _locked(session: Session, offer: Offer) -> Offer:
    """Lock the offer's need, and read the offer again.

    Everybody locks the need first and its offers and orders after it: two who lock in another order would wait for
    each other for ever.
    """
    find_need(session, offer.community_id, offer.need_id, for_update=True)
    session.refresh(offer)
    return offer


def _accept(session: Session, offer: Offer, by: By) -> Need:
    now = clock.now()
    _locked(session, offer)
    try:
        taken = session.execute(
            update(Offer)
            .where(Offer.id == offer.id, Offer.state == "offered", Offer.expires_at > now)
            .values(state="accepted", answered_at=now)
        )
    except IntegrityError:
        # The partial unique index: somebody else's acceptance of the same need was first.
        raise Conflict("needs.already_taken") from None
    session.refresh(offer)
    if touched(taken) != 1:
        raise _gone(offer, now)
    need = find_need(session, offer.community_id, offer.need_id, for_update=True)
    take_step(session, need, Step.ACCEPT, by)
    rivals = select(Offer).where(Offer.need_id == need.id, Offer.id != offer.id, Offer.state == "offered")
    for rival in session.scalars(rivals).all():
        end_offer(session, rival, "withdrawn", why="taken")
    record(session, by.actor, need.community_id, "needs.offer_accepted", ("offer", offer.id))
    _announce_end(session, offer)
    return need


def _gone(offer: Offer, now: datetime) -> Problem:
    if offer.state == "offered" and offer.expires_at <= now:
        return Conflict("needs.offer_expired", expired_at=offer.expires_at.isoformat())
    if offer.state == "withdrawn":
        return Conflict("needs.already_taken")
    return Conflict("needs.offer_gone", state=offer.state)


def _end(session: Session, offer: Offer, to: str) -> None:
    offer.state = to
    offer.answered_at = clock.now()
    session.flush()
    _announce_end(session, offer)


def _announce_end(session: Session, offer: Offer) -> None:
    emit(
        session,
        OfferEnded(
            offer.community_id,
            offer.need_id,
            offer_id=offer.id,
            state=offer.state,
            helper_id=offer.helper_id,
            person_id=_person_of(session, offer),
            supplier_ref=offer.supplier_ref,
        ),
    )


def _person_of(session: Session, offer: Offer) -> UUID | None:
    return helpers.helper(session, offer.community_id, offer.helper_id).person_id if offer.helper_id else None


def _add_offer(
    session: Session,
    need: Need,
    *,
    score: int,
    helper_id: UUID | None = None,
    person_id: UUID | None = None,
    supplier: str | None = None,
    supplier_ref: UUID | None = None,
    supplier_label: str | None = None,
) -> Offer:
    now = clock.now()
    is_shop = Flow(need.flow) is Flow.GOODS
    offer = Offer(
        id=new_id(),
        community_id=need.community_id,
        need_id=need.id,
        helper_id=helper_id,
        supplier=supplier,
        supplier_ref=supplier_ref,
        supplier_label=supplier_label,
        state="offered",
        score=score,
        made_at=now,
        expires_at=offer_ends(now, NeedKind(need.kind), is_shop=is_shop),
    )
    session.add(offer)
    gone = session.scalars(select(Unmatched).where(Unmatched.need_id == need.id)).one_or_none()
    if gone is not None:
        session.delete(gone)
    session.flush()
    emit(
        session,
        OfferMade(
            need.community_id,
            need.id,
            offer_id=offer.id,
            helper_id=helper_id,
            person_id=person_id,
            supplier_ref=supplier_ref,
            expires_at=offer.expires_at,
        ),
    )
    return offer
