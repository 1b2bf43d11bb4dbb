"""Counts that do not add up: opened where goods change hands, closed by whoever looked into it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.deliveries.events import MismatchFound
from server.core.deliveries.models import Mismatch
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def open_mismatch(
    session: Session,
    actor: Actor,
    community_id: UUID,
    place: str,
    expected: int,
    counted: int,
    *,
    handover_id: UUID | None = None,
    route_id: UUID | None = None,
    unknown_codes: list[str] | None = None,
) -> Mismatch:
    """Open an exception for the officer; while one is open for the same hand-over it is corrected instead."""
    mismatch = session.scalars(
        select(Mismatch).where(
            Mismatch.community_id == community_id,
            Mismatch.closed_at.is_(None),
            Mismatch.handover_id == handover_id if handover_id else Mismatch.handover_id.is_(None),
            Mismatch.route_id == route_id if route_id else Mismatch.route_id.is_(None),
        )
    ).first()
    if mismatch is None or (handover_id is None and route_id is None):
        mismatch = Mismatch(id=new_id(), community_id=community_id, place=place, opened_at=clock.now())
        mismatch.handover_id, mismatch.route_id, mismatch.opened_by = handover_id, route_id, actor.person_id
        session.add(mismatch)
    mismatch.expected, mismatch.counted, mismatch.unknown_codes = expected, counted, unknown_codes or []
    session.flush()
    facts = {"place": place, "expected": expected, "counted": counted, "unknown": len(unknown_codes or [])}
    record(session, actor, community_id, "deliveries.mismatch", ("mismatch", mismatch.id), facts=facts)
    emit(session, MismatchFound(community_id, mismatch_id=mismatch.id, place=place))
    return mismatch


def open_mismatches(session: Session, community_id: UUID) -> list[Mismatch]:
    """Return what nobody has looked into yet, oldest first."""
    wanted = select(Mismatch).where(Mismatch.community_id == community_id, Mismatch.closed_at.is_(None))
    return list(session.scalars(wanted.order_by(Mismatch.id)))


def close_mismatch(
    session: Session, actor: Actor, community: CommunityRef, mismatch_id: UUID, why: str
) -> Mismatch:
    """Close an exception with what came out. Twice is once. Raises NotFound, Refused without a reason."""
    if not why.strip():
        raise Refused("deliveries.why_missing")
    mismatch = session.get(Mismatch, mismatch_id, with_for_update=True)
    if mismatch is None or mismatch.community_id != community.id:
        raise NotFound("deliveries.mismatch_not_found")
    if mismatch.closed_at is None:
        mismatch.closed_at, mismatch.closed_by, mismatch.closed_why = (
            clock.now(),
            actor.person_id,
            why.strip(),
        )
        subject = ("mismatch", mismatch.id)
        record(session, actor, community.id, "deliveries.mismatch_closed", subject, why=why)
    return mismatch
