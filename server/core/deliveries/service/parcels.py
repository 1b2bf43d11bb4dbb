"""Parcels: born at the shop, handed from one custodian to the next, never to two at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from server.core.deliveries import rules
from server.core.deliveries.events import ParcelMoved
from server.core.deliveries.models import Custody, Drop, Parcel
from server.core.deliveries.rules import Custodian
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id, touched
from server.kit.errors import Conflict, NotFound
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor

TRIES_FOR_A_CODE = 20


def create_parcel(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    need_id: UUID,
    home_id: UUID,
    load_g: int,
    volume_ml: int,
    order_ref: UUID | None = None,
    merchant_id: UUID | None = None,
) -> Parcel:
    """Create a parcel that the merchant holds. Raises NotFound for a home of no such community."""
    places.home(session, community_id, home_id)
    parcel = Parcel(
        id=new_id(),
        community_id=community_id,
        code=_free_code(session, community_id),
        need_id=need_id,
        home_id=home_id,
        order_ref=order_ref,
        merchant_id=merchant_id,
        load_g=load_g,
        volume_ml=volume_ml,
        custodian_kind=Custodian.MERCHANT,
        custodian_id=merchant_id,
        created_at=clock.now(),
    )
    session.add(parcel)
    session.flush()
    session.add(
        Custody(
            community_id=community_id,
            parcel_id=parcel.id,
            step=0,
            taker_kind=Custodian.MERCHANT,
            taker_id=merchant_id,
            how="packed",
            actor_id=actor.person_id,
            at=clock.now(),
        )
    )
    record(session, actor, community_id, "deliveries.parcel_packed", ("parcel", parcel.id))
    return parcel


def hand(
    session: Session,
    actor: Actor,
    parcel: Parcel,
    taker: Custodian,
    taker_id: UUID | None,
    *,
    how: str,
    device_at: datetime | None = None,
) -> None:
    """Hand a parcel to its next custodian. Raises Conflict if it may not go there, or somebody was quicker."""
    giver, giver_id, step = Custodian(parcel.custodian_kind), parcel.custodian_id, parcel.steps
    rules.check_handover(giver, taker)
    # Two may take the last bag at once; the counter picks one.
    moved = session.execute(
        update(Parcel)
        .where(Parcel.id == parcel.id, Parcel.steps == step)
        .values(custodian_kind=taker, custodian_id=taker_id, steps=step + 1)
        .execution_options(synchronize_session=False)
    )
    if touched(moved) != 1:
        raise Conflict("deliveries.parcel_moved_on", parcel=parcel.code)
    session.refresh(parcel)
    session.add(
        Custody(
            community_id=parcel.community_id,
            parcel_id=parcel.id,
            step=step + 1,
            giver_kind=giver,
            giver_id=giver_id,
            taker_kind=taker,
            taker_id=taker_id,
            how=how,
            actor_id=actor.person_id,
            at=clock.now(),
            device_at=device_at,
        )
    )
    facts = {"from": giver, "to": taker, "how": how}
    record(
        session,
        actor,
        parcel.community_id,
        "deliveries.parcel_moved",
        ("parcel", parcel.id),
        facts=facts,
        device_at=device_at,
    )
    emit(
        session,
        ParcelMoved(
            parcel.community_id,
            parcel_id=parcel.id,
            need_id=parcel.need_id,
            custodian_kind=taker,
            merchant_id=parcel.merchant_id,
            watchers=people.members_of_home(session, parcel.community_id, parcel.home_id),
        ),
    )


def confirm_parcels(session: Session, community_id: UUID, need_id: UUID) -> None:
    """Hand what lies at the drop point to the household, which said that it has it. Twice is once."""
    parcels = parcels_of_need(session, community_id, need_id)
    for parcel in parcels:
        if parcel.custodian_kind == Custodian.DROP_POINT:
            hand(session, SYSTEM, parcel, Custodian.HOUSEHOLD, parcel.home_id, how="confirmed")
    session.execute(
        update(Drop)
        .where(Drop.parcel_id.in_([p.id for p in parcels]), Drop.confirmed_at.is_(None))
        .values(confirmed_at=clock.now())
    )


def parcels_of_need(session: Session, community_id: UUID, need_id: UUID) -> list[Parcel]:
    """Return the need's parcels."""
    wanted = select(Parcel).where(Parcel.community_id == community_id, Parcel.need_id == need_id)
    return list(session.scalars(wanted.order_by(Parcel.id)))


def parcels_of_orders(
    session: Session, community_id: UUID, order_ids: Iterable[UUID]
) -> dict[UUID, list[Parcel]]:
    """Return the parcels of each order; orders without any are left out."""
    wanted = select(Parcel).where(Parcel.community_id == community_id, Parcel.order_ref.in_(list(order_ids)))
    found: dict[UUID, list[Parcel]] = {}
    for parcel in session.scalars(wanted.order_by(Parcel.id).execution_options(populate_existing=True)):
        if parcel.order_ref is not None:
            found.setdefault(parcel.order_ref, []).append(parcel)
    return found


def find_parcel(session: Session, community_id: UUID, code: str) -> Parcel:
    """Return the parcel with this code. Raises NotFound."""
    wanted = select(Parcel).where(Parcel.community_id == community_id, Parcel.code == code.strip().upper())
    parcel = session.scalars(wanted).one_or_none()
    if parcel is None:
        raise NotFound("deliveries.parcel_not_found")
    return parcel


def custody_of(session: Session, parcel: Parcel) -> list[Custody]:
    """Return the parcel's hand-overs from the first on."""
    return list(session.scalars(select(Custody).where(Custody.parcel_id == parcel.id).order_by(Custody.step)))


def codes_of_orders(session: Session, community_id: UUID, order_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """Return the parcel codes of each order, for the shop's labels."""
    found = parcels_of_orders(session, community_id, order_ids)
    return {order_ref: [parcel.code for parcel in parcels] for order_ref, parcels in found.items()}


def _free_code(session: Session, community_id: UUID) -> str:
    for _ in range(TRIES_FOR_A_CODE):
        code = rules.new_parcel_code()
        taken = select(Parcel.id).where(Parcel.community_id == community_id, Parcel.code == code)
        if session.scalar(taken) is None:
            return code
    raise Conflict("deliveries.no_code_free")
