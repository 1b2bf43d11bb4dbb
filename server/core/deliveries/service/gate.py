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
    session: Session, actor: Actor, community_id: UUID, *, merchant_id: UUID, order_refs: list[UUID]
) -> str:
    """Put the orders' parcels on one delivery to the gate; return the link's path, shown this once.

    Raises Refused if the orders have no parcels.
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


def find_handover(session: Session, token: str) -> Handover:
    """Return what a link opens. Raises NotFound for an unknown or expired one."""
    handover = session.scalars(select(Handover).where(Handover.token_hash == _hash(token))).first()
    if handover is None or handover.expires_at < clock.now():
        raise NotFound("deliveries.link_unknown")
    return handover


def arrive(session: Session, token: str, count: int) -> Handover:
    """Whoever brings the goods says how many there are; telling it again corrects it until they are in."""
    handover = find_handover(session, token)
    if handover.state == "received":
        return handover
    handover.state, handover.brought = "arrived", count
    handover.has_mismatch = count != handover.expected
    facts = {"count": count, "expected": handover.expected}
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
    """Take parcels in, by their codes or all of a delivery; return (taken, unknown codes, is there a mismatch).

    A mismatch opens an exception and takes nothing back: what stands there is in. Taking in twice is once.
    """
    gate = places.goods_gate(session, community.id)
    handover = session.get(Handover, handover_id) if handover_id else None
    if handover_id and (handover is None or handover.community_id != community.id):
        raise NotFound("deliveries.link_unknown")
    wanted = {code.strip().upper() for code in codes}
    query = select(Parcel).where(Parcel.community_id == community.id)
    if handover is not None and not wanted:
        query = query.where(Parcel.handover_id == handover.id)
    else:
        query = query.where(Parcel.code.in_(wanted))
    parcels = list(session.scalars(query.order_by(Parcel.id)))
    unknown = sorted(wanted - {parcel.code for parcel in parcels})
    for parcel in parcels:
        if parcel.custodian_kind == Custodian.MERCHANT:
            hand(session, actor, parcel, Custodian.GATE, gate.id, how="received")
    session.flush()
    for need_id in sorted({parcel.need_id for parcel in parcels}):
        _bring_to_gate(session, actor, community.id, need_id)
    mismatch = bool(unknown) or (counted is not None and counted != len(parcels))
    for delivery in _deliveries_of(session, parcels, handover):
        _close_delivery(session, actor, delivery, mismatch)
    return parcels, unknown, mismatch


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


def _close_delivery(session: Session, actor: Actor, handover: Handover, mismatch: bool) -> None:
    taken = [p for p in parcels_of(session, handover) if p.custodian_kind != Custodian.MERCHANT]
    handover.received = len(taken)
    if mismatch:
        handover.has_mismatch = True
        facts = {"expected": handover.expected, "brought": handover.brought, "received": len(taken)}
        record(
            session,
            actor,
            handover.community_id,
            "deliveries.mismatch",
            ("handover", handover.id),
            facts=facts,
        )
    if len(taken) >= handover.expected:
        handover.state = "received"
    _tell(session, handover)


def mismatches(session: Session, community_id: UUID) -> int:
    """Return how many deliveries of the last day did not add up."""
    since = clock.now() - LINK_LIVES
    found = session.scalars(
        select(Handover.id).where(
            Handover.community_id == community_id, Handover.has_mismatch, Handover.created_at > since
        )
    )
    return len(found.all())


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
