"""What couriers who reach for the same bag do. Each function opens its own transaction and says how it went."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from server.core.deliveries.models import Custody, Parcel
from server.core.deliveries.rules import Custodian
from server.core.deliveries.service.parcels import hand
from server.kit import clock
from server.kit.db import transaction
from server.kit.errors import Problem
from server.kit.permissions import Actor


def take(parcel_id: UUID, courier_id: UUID) -> str:
    """Take the parcel from the gate as a courier does; return "taken" or the code of the refusal."""
    try:
        with transaction() as session:
            parcel = session.get_one(Parcel, parcel_id)
            hand(session, Actor(courier_id), parcel, Custodian.COURIER, courier_id, how="loaded")
    except Problem as problem:
        return problem.code
    return "taken"


def take_blindly(community_id: UUID, parcel_id: UUID, courier_id: UUID, seen_step: int) -> str:
    """Take it as a service would that trusts what it read a while ago: only the constraint can stop it."""
    try:
        with transaction() as session:
            session.add(
                Custody(
                    community_id=community_id,
                    parcel_id=parcel_id,
                    step=seen_step + 1,
                    taker_kind=Custodian.COURIER,
                    taker_id=courier_id,
                    how="loaded",
                    at=clock.now(),
                )
            )
            session.execute(
                update(Parcel)
                .where(Parcel.id == parcel_id)
                .values(custodian_kind=Custodian.COURIER, custodian_id=courier_id, steps=seen_step + 1)
            )
    except IntegrityError:
        return "stopped"
    return "taken"
