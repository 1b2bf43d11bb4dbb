"""Shops and the people who keep them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import insert_once
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.events import MerchantMoved
from server.modules.market.models import Keeper, Merchant
from server.modules.market.rules.merchants import (
    GOOD,
    OFFICERS,
    MerchantState,
    MerchantStep,
    merchant_after,
)
from server.modules.market.rules.products import checked_words

USUAL_OPEN_ORDERS = 200


def register_merchant(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    name: str,
    name_en: str = "",
    keeper_id: UUID,
    distance_m: int = 500,
    most_open_orders: int = USUAL_OPEN_ORDERS,
) -> Merchant:
    """Register a shop with the person who keeps it; that person gets the role of a merchant here."""
    shop = Merchant(
        community_id=community.id,
        name=name,
        name_en=name_en,
        distance_m=distance_m,
        most_open_orders=most_open_orders,
        state=MerchantState.OPEN,
        checked_by=actor.person_id,
        checked_at=clock.now(),
        registered_at=clock.now(),
    )
    session.add(shop)
    session.flush()
    session.add(Keeper(community_id=community.id, merchant_id=shop.id, person_id=keeper_id))
    people.grant_role(session, keeper_id, "merchant", community_id=community.id)
    session.flush()
    record(session, actor, community.id, "market.merchant_registered", ("merchant", shop.id))
    return shop


def apply_as_merchant(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    *,
    name: str,
    name_en: str = "",
    licence: str,
    distance_m: int = 500,
) -> Merchant:
    """Ask to sell here: an officer has to check the shop first. Raises Conflict for whoever keeps a shop already."""
    checked_words(name, name_en, licence)
    if merchant_of_person(session, community.id, actor.id) is not None:
        raise Conflict("market.has_shop")
    values = {
        "community_id": community.id,
        "name": name,
        "name_en": name_en,
        "licence": licence,
        "distance_m": distance_m,
        "most_open_orders": USUAL_OPEN_ORDERS,
        "state": MerchantState.APPLIED,
        "applied_by": actor.id,
        "registered_at": clock.now(),
    }
    # Tapped twice, or on two phones: the table knows one application of a person.
    shop_id = insert_once(session, Merchant, values, unless=("community_id", "applied_by"))
    if shop_id is None:
        raise Conflict("market.has_shop")
    session.add(Keeper(community_id=community.id, merchant_id=shop_id, person_id=actor.id))
    session.flush()
    record(session, actor, community.id, "market.merchant_applied", ("merchant", shop_id))
    return session.get_one(Merchant, shop_id)


def step_merchant(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    merchant_id: UUID,
    step: MerchantStep,
    *,
    why: str | None = None,
) -> Merchant:
    """Take a step of a shop's life: officers check, refuse and suspend, its keepers open and close it.

    Raises Forbidden for anybody else, and for an officer who would check a shop of their own; Conflict where the step
    leads nowhere.
    """
    shop = session.get(Merchant, merchant_id)
    if shop is None or shop.community_id != community.id:
        raise NotFound("market.shop_not_found")
    keepers = keepers_of(session, merchant_id)
    if step in OFFICERS:
        if not actor.has("officer", community):
            raise Forbidden("auth.forbidden")
        if actor.person_id in keepers:
            raise Forbidden("market.own_shop")
    else:
        check_keeps(session, actor, community.id, merchant_id)
    session.refresh(shop, with_for_update=True)
    before = MerchantState(shop.state)
    after = merchant_after(before, step)
    is_good = after in GOOD
    shop.state, shop.why = after, why
    if step is MerchantStep.CHECK:
        shop.checked_by = actor.person_id
    shop.checked_at = (shop.checked_at or clock.now()) if is_good else None
    session.flush()
    if step is MerchantStep.CHECK:
        for keeper_id in keepers:
            people.grant_role(session, keeper_id, "merchant", community_id=community.id)
    facts = {"from": before, "to": after}
    record(session, actor, community.id, "market.merchant_moved", ("merchant", shop.id), facts=facts, why=why)
    emit(session, MerchantMoved(community.id, merchant_id=shop.id, state=after, keepers=keepers))
    return shop


def visible_merchants(session: Session, actor: Actor, community: CommunityRef) -> list[Merchant]:
    """Return the shops that the actor may know of: those that are checked, their own, and for officers all."""
    wanted = select(Merchant).where(Merchant.community_id == community.id).order_by(Merchant.id)
    if not actor.has("officer", community):
        mine = kept_by(session, community.id, actor.id)
        wanted = wanted.where(Merchant.state.in_(GOOD) | Merchant.id.in_(mine))
    return list(session.scalars(wanted))


def kept_by(session: Session, community_id: UUID, person_id: UUID) -> set[UUID]:
    """Return the shops that a person keeps in a community."""
    return set(
        session.scalars(
            select(Keeper.merchant_id).where(
                Keeper.community_id == community_id, Keeper.person_id == person_id
            )
        )
    )


def merchants(session: Session, community_id: UUID) -> list[Merchant]:
    """Return the community's shops."""
    return list(
        session.scalars(select(Merchant).where(Merchant.community_id == community_id).order_by(Merchant.id))
    )


def merchant_of_person(session: Session, community_id: UUID, person_id: UUID) -> Merchant | None:
    """Return the shop that a person keeps in a community, if any; the first of several."""
    return session.scalars(
        select(Merchant)
        .join(Keeper, Keeper.merchant_id == Merchant.id)
        .where(Keeper.community_id == community_id, Keeper.person_id == person_id)
        .order_by(Merchant.id)
        .limit(1)
    ).first()


def merchant_id_of(session: Session, community_id: UUID, person_id: UUID) -> UUID | None:
    """Return the id of the shop that a person keeps, for whoever knows people but not shops."""
    shop = merchant_of_person(session, community_id, person_id)
    return shop.id if shop else None


def own_merchant(session: Session, actor: Actor, community: CommunityRef) -> Merchant:
    """Return the actor's shop. Raises NotFound for somebody who keeps none."""
    shop = merchant_of_person(session, community.id, actor.id)
    if shop is None:
        raise NotFound("market.no_shop")
    return shop


def check_keeps(session: Session, actor: Actor, community_id: UUID, merchant_id: UUID) -> None:
    """Raise Forbidden unless the actor keeps that shop (the system always does)."""
    if actor.is_system:
        return
    kept = select(Keeper.id).where(
        Keeper.community_id == community_id, Keeper.merchant_id == merchant_id, Keeper.person_id == actor.id
    )
    if session.scalar(kept) is None:
        raise Forbidden("market.not_your_shop")


def shops_kept(actor: Actor, community_id: UUID) -> Select[UUID]:
    """Return the query of the ids of the shops that the actor keeps."""
    return select(Keeper.merchant_id).where(Keeper.community_id == community_id, Keeper.person_id == actor.id)


def keepers_of(session: Session, merchant_id: UUID) -> list[UUID]:
    """Return the people who keep the shop."""
    return list(session.scalars(select(Keeper.person_id).where(Keeper.merchant_id == merchant_id)))
