"""Retention: what was measured is kept until 28 days after the isolation ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from server.kit import clock
from server.modules.quarantine.models import Check, Order, Referral

KEPT_FOR = timedelta(days=28)


@dataclass(frozen=True)
class Forgotten:
    """How many checks lost their readings, and how many referrals are gone."""

    readings: int
    referrals: int


def forget_readings(session: Session, community_id: UUID) -> Forgotten:
    """Delete readings, symptoms and what follows from them; that a check was done, and when, stays.

    A referral that nobody has closed stays too: somebody may still wait for a clinician.
    """
    over = select(Order.id).where(Order.community_id == community_id, Order.ended_at < clock.now() - KEPT_FOR)
    measured = or_(
        Check.__table__.c.temperature.is_not(None),
        Check.__table__.c.symptoms.is_not(None),
        Check.is_alarming.is_not(None),
    )
    readings = session.scalars(
        select(Check).where(Check.community_id == community_id, Check.order_id.in_(over), measured)
    ).all()
    for check in readings:
        check.temperature = check.symptoms = check.is_alarming = check.device_at = None
    closed = session.scalars(
        select(Referral).where(
            Referral.community_id == community_id,
            Referral.order_id.in_(over),
            Referral.closed_at.is_not(None),
        )
    ).all()
    for referral in closed:
        session.delete(referral)
    session.flush()
    return Forgotten(len(readings), len(closed))
