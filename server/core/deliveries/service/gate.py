"""The gate: what is coming, what is in, and links for couriers without an account."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries.events import HandoverChanged
from server.core.deliveries.models import Handover, Parcel
from server.core.deliveries.rules import Custodian
from server.core.deliveries.service.mismatches import open_mismatch
from server.core.deliveries.service.parcels import hand
from server.core.needs import service as needs
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef

LINK_LIVES = timedelta(hours=24)


def create_handover(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    merchant_id: UUID,
    order_refs: list[UUID],
    sender: str = "",
) -> str:
    """Put the orders' parcels on one delivery to the gate; return the link's path, shown this once.

    ``sender``: the shop's name, as the link shows it. Raises Refused if the orders have no parcels.
    """
    parcels = session.scalars(
        select(Parcel).where(
            Parcel.community_id == community_id,
            Parcel.order_ref.in_(order_refs),
            Parcel.custodian_kind == Custodian.MERCHANT,
        )
    ).all()
    if not parcels:
        raise Refused("deliveries.nothing_to_hand_over")
    token, now = secrets.token_urlsafe(16), clock.now()
    handover = Handover(
        id=new_id(),
        community_id=community_id,
        merchant_id=merchant_id,
        sender=sender,
        token_hash=_hash(token),
        expected=len(parcels),
        created_at=now,
        expires_at=now + LINK_LIVES,
    )
    session.add(handover)
    session.flush()
    for parcel in parcels:
        parcel.handover_id = handover.id
    record(session, actor, community_id, "deliveries.handover_created", ("handover", handover.id))
    _tell(session, handover)
    return f"/handover/{token}"


def find_handover(session: Session, token: str, *, for_update: bool = False) -> Handover:
    """Return what a link opens. Raises NotFound for an unknown or expired one."""
    wanted = select(Handover).where(Handover.token_hash == _hash(token))
    handover = session.scalars(wanted.with_for_update() if for_update else wanted).first()
    if handover is None or handover.expires_at < clock.now():
        raise NotFound("deliveries.link_unknown")
    return handover


def arrive(session: Session, token: str, count: int) -> Handover:
    """Whoever brings the goods says how many there are; telling it again corrects it until they are in."""
    handover = find_handover(session, token, for_update=True)
    if handover.state == "received" or (handover.state == "arrived" and handover.brought == count):
        return handover
    handover.state, handover.brought = "arrived", count
    handover.has_mismatch = count != handover.expected
    facts = {"count": count, "expected": handover.expected}
    if handover.has_mismatch:
        open_mismatch(
            session,
            SYSTEM,
            handover.community_id,
            "gate",
            handover.expected,
            count,
            handover_id=handover.id,
        )
    record(
        session, SYSTEM, handover.community_id, "deliveries.arrived", ("handover", handover.id), facts=facts
    )
    _tell(session, handover)
    return handover


def expected(session: Session, community_id: UUID) -> list[Handover]:
    """Return the deliveries that are on the way or stand at the gate, those that have arrived first."""
    return list(
        session.scalars(
            select(Handover)
            .where(Handover.community_id == community_id, Handover.state != "received")
            .order_by(Handover.state, Handover.id)
        )
    )


def on_shelf(session: Session, community_id: UUID) -> list[Parcel]:
    """Return what the gate holds."""
    return list(
        session.scalars(
            select(Parcel)
            .where(Parcel.community_id == community_id, Parcel.custodian_kind == Custodian.GATE)
            .order_by(Parcel.id)
        )
    )


def parcels_of(session: Session, handover: Handover) -> list[Parcel]:
    """Return the parcels of a delivery."""
    return list(
        session.scalars(select(Parcel).where(Parcel.handover_id == handover.id).order_by(Parcel.code))
    )


def receive(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    codes: list[str],
    counted: int | None,
    handover_id: UUID | None,
) -> tuple[list[Parcel], list[str], bool]:
    """Take parcels in, by their codes or a whole delivery by its count; return (taken, unknown codes, mismatch?).

    Whatever was scanned is in, also when a count does not add up: that opens an exception. A count alone that does
    not add up takes nothing in, for nobody knows which ones are missing. Taking in twice is once.
    """
    gate = places.goods_gate(session, community.id)
    named = _find_delivery(session, community.id, handover_id) if handover_id else None
    wanted = {code.strip().upper() for code in codes}
    query = select(Parcel).where(Parcel.community_id == community.id)
    if named is not None and not wanted:
        query = query.where(Parcel.handover_id == named.id)
    else:
        query = query.where(Parcel.code.in_(wanted))
    parcels = list(session.scalars(query.order_by(Parcel.id)))
    unknown = sorted(wanted - {parcel.code for parcel in parcels})
    mismatch = bool(unknown) or (counted is not None and counted != len(parcels))
    is_in_doubt = mismatch and not wanted
    coming = [] if is_in_doubt else [p for p in parcels if p.custodian_kind == Custodian.MERCHANT]
    for parcel in coming:
        hand(session, actor, parcel, Custodian.GATE, gate.id, how="scanned" if wanted else "counted")
    session.flush()
    for need_id in sorted({parcel.need_id for parcel in coming}):
        _bring_to_gate(session, actor, community.id, need_id)
    deliveries = _deliveries_of(session, parcels, named)
    if mismatch:
        count = len(wanted) if counted is None else counted
        of_one = deliveries[0] if len(deliveries) == 1 else None
        open_mismatch(
            session,
            actor,
            community.id,
            "gate",
            len(parcels),
            count,
            handover_id=of_one.id if of_one else None,
            unknown_codes=unknown,
        )
    for delivery in deliveries:
        _note_received(session, delivery, mismatch)
    return ([] if is_in_doubt else parcels), unknown, mismatch


def _find_delivery(session: Session, community_id: UUID, handover_id: UUID) -> Handover:
    handover = session.get(Handover, handover_id, with_for_update=True)
    if handover is None or handover.community_id != community_id:
        raise NotFound("deliveries.handover_not_found")
    return handover


def _bring_to_gate(session: Session, actor: Actor, community_id: UUID, need_id: UUID) -> None:
    waiting = select(Parcel.id).where(
        Parcel.community_id == community_id,
        Parcel.need_id == need_id,
        Parcel.custodian_kind == Custodian.MERCHANT,
    )
    if session.scalar(waiting.limit(1)) is None:
        needs.move_lines(session, community_id, need_id, "at_gate", actor=actor, who_role="guard")


def _deliveries_of(session: Session, parcels: list[Parcel], named: Handover | None) -> list[Handover]:
    ids = {parcel.handover_id for parcel in parcels if parcel.handover_id} | ({named.id} if named else set())
    return list(session.scalars(select(Handover).where(Handover.id.in_(ids)).order_by(Handover.id)))


def _note_received(session: Session, handover: Handover, mismatch: bool) -> None:
    taken = [p for p in parcels_of(session, handover) if p.custodian_kind != Custodian.MERCHANT]
    handover.received = len(taken)
    handover.has_mismatch = mismatch
    if len(taken) >= handover.expected:
        handover.state = "received"
    _tell(session, handover)


def _tell(session: Session, handover: Handover) -> None:
    emit(
        session,
        HandoverChanged(
            handover.community_id,
            handover_id=handover.id,
            state=handover.state,
            has_mismatch=handover.has_mismatch,
        ),
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
