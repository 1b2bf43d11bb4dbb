"""Claims: a home says that something is missing or damaged, and gets its price back by rule or by decision."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from server.core.deliveries import service as deliveries
from server.core.notices import service as notices
from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id, touched
from server.kit.errors import Conflict, Forbidden, NotFound, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Claim, Order, OrderLine
from server.modules.market.rules.paying import check_may_claim, is_granted_at_once
from server.modules.market.service.paying import announce, locked
from server.modules.market.service.shops import check_keeps, keepers_of, shops_kept


@dataclass(frozen=True)
class Complaint:
    """What a home says: so many pieces of a line are ``kind`` ("missing" or "damaged"); ``photo_id`` shows it."""

    order_line_id: UUID
    kind: str
    quantity: int
    note: str = ""
    photo_id: UUID | None = None


def make_claim(
    session: Session, actor: Actor, community: CommunityRef, order_id: UUID, said: Complaint
) -> Claim:
    """Claim pieces of a line for one's own home; small sums are granted at once, more is for an officer.

    Raises NotFound for another home's order, Conflict before the drop or after the time for claims, Refused for more
    pieces than came, or damage without a photo.
    """
    order = locked(session, community.id, order_id)
    if not people.is_member(session, community.id, order.home_id, actor.id):
        raise NotFound("market.order_not_found")
    check_may_claim(order.delivered_at, clock.now())
    _check_photo(session, actor, community, said)
    line = _count(session, order, said)
    amount = line.amount_fen * said.quantity // line.quantity
    claim = Claim(
        id=new_id(),
        community_id=community.id,
        order_id=order.id,
        order_line_id=line.id,
        kind=said.kind,
        quantity=said.quantity,
        amount_fen=amount,
        subject_id=actor.id,
        note=said.note,
        photo_id=said.photo_id,
        state="open",
        made_at=clock.now(),
    )
    if is_granted_at_once(amount, _granted_fen(session, order.id)):
        claim.state, claim.decided_at = "granted", clock.now()
    session.add(claim)
    session.flush()
    facts = {"order_id": order.id, "quantity": said.quantity, "amount_fen": amount, "state": claim.state}
    record(session, actor, community.id, "market.claimed", ("claim", claim.id), facts=facts)
    kind = notices.NoticeKind.CLAIM_MADE
    notices.tell(session, community.id, keepers_of(session, order.merchant_id), kind, ("order", order.id))
    if claim.state == "open":
        notices.tell_workers(session, community.id, kind, ("order", order.id), roles=("officer",))
    announce(session, order)
    return claim


def decide_claim(
    session: Session, actor: Actor, community: CommunityRef, claim_id: UUID, *, granted: bool, why: str
) -> Claim:
    """Grant or refuse a claim. The shop itself may grant it, but not refuse; nobody decides on a claim of their own.

    Raises NotFound, Forbidden, Conflict if it is decided already.
    """
    claim = session.get(Claim, claim_id)
    if claim is None or claim.community_id != community.id:
        raise NotFound("market.claim_not_found")
    order = locked(session, community.id, claim.order_id)
    session.refresh(claim, with_for_update=True)
    _check_may_decide(session, actor, community, order, claim, granted=granted)
    if claim.state != "open":
        raise Conflict("market.claim_decided")
    claim.state = "granted" if granted else "refused"
    claim.why, claim.decided_at, claim.decided_by = why, clock.now(), actor.id
    if not granted:
        session.execute(
            update(OrderLine)
            .where(OrderLine.id == claim.order_line_id)
            .values(claimed=OrderLine.claimed - claim.quantity)
        )
    session.flush()
    facts = {"state": claim.state, "amount_fen": claim.amount_fen}
    record(session, actor, community.id, "market.claim_decided", ("claim", claim.id), facts=facts, why=why)
    members = people.members_of_home(session, community.id, order.home_id)
    kind = notices.NoticeKind.CLAIM_DECIDED
    notices.tell(session, community.id, members, kind, ("need", order.need_id))
    announce(session, order)
    return claim


def claims_of(session: Session, order_ids: list[UUID]) -> dict[UUID, list[Claim]]:
    """Return each order's claims, oldest first."""
    found: dict[UUID, list[Claim]] = {order_id: [] for order_id in order_ids}
    for claim in session.scalars(select(Claim).where(Claim.order_id.in_(order_ids)).order_by(Claim.id)):
        found[claim.order_id].append(claim)
    return found


def claims_to_see(session: Session, actor: Actor, community: CommunityRef) -> Select[Claim]:
    """Return the query of claims for an officer: all; for a shop's keeper: those against the shop."""
    wanted = select(Claim).where(Claim.community_id == community.id)
    if actor.has("officer", community):
        return wanted
    return wanted.join(Order, Order.id == Claim.order_id).where(
        Order.merchant_id.in_(shops_kept(actor, community.id))
    )


def photo_of_claim(session: Session, actor: Actor, community: CommunityRef, claim_id: UUID) -> str:
    """Return the photo's name at the port, for the home, the shop and officers. Raises NotFound for others."""
    claim = session.get(Claim, claim_id)
    if claim is None or claim.community_id != community.id or claim.photo_id is None:
        raise NotFound("market.claim_not_found")
    order = session.get_one(Order, claim.order_id)
    is_home = people.is_member(session, community.id, order.home_id, actor.id)
    if not (is_home or actor.has("officer", community)):
        try:
            check_keeps(session, actor, community.id, order.merchant_id)
        except Forbidden:
            raise NotFound("market.claim_not_found") from None
    return deliveries.find_photo(session, community.id, claim.photo_id).ref


def _check_photo(session: Session, actor: Actor, community: CommunityRef, said: Complaint) -> None:
    if said.photo_id is None:
        if said.kind == "damaged":
            raise Refused("market.photo_wanted")
        return
    if deliveries.find_photo(session, community.id, said.photo_id).uploaded_by != actor.id:
        raise NotFound("deliveries.photo_not_found")


def _count(session: Session, order: Order, said: Complaint) -> OrderLine:
    """Count the pieces against the line: together never more than it has. One statement decides."""
    line = session.get(OrderLine, said.order_line_id)
    if line is None or line.order_id != order.id or line.is_out_of_stock:
        raise NotFound("market.line_not_found")
    counted = session.execute(
        update(OrderLine)
        .where(OrderLine.id == line.id, OrderLine.claimed + said.quantity <= OrderLine.quantity)
        .values(claimed=OrderLine.claimed + said.quantity)
    )
    if not touched(counted):
        raise Refused("market.claimed_already", quantity=line.quantity, claimed=line.claimed)
    return line


def _granted_fen(session: Session, order_id: UUID) -> int:
    wanted = select(func.sum(Claim.amount_fen)).where(Claim.order_id == order_id, Claim.state == "granted")
    return session.scalar(wanted) or 0


def _check_may_decide(
    session: Session, actor: Actor, community: CommunityRef, order: Order, claim: Claim, *, granted: bool
) -> None:
    if people.is_member(session, community.id, order.home_id, actor.id) or claim.subject_id == actor.id:
        raise Forbidden("market.own_claim")
    if actor.has("officer", community):
        return
    check_keeps(session, actor, community.id, order.merchant_id)
    if not granted:
        raise Forbidden("market.officer_refuses")
