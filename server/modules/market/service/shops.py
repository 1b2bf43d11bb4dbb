"""Shops and the people who keep them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Forbidden, NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Keeper, Merchant

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
        is_open=True,
        registered_at=clock.now(),
    )
    session.add(shop)
    session.flush()
    session.add(Keeper(community_id=community.id, merchant_id=shop.id, person_id=keeper_id))
    people.grant_role(session, keeper_id, "merchant", community_id=community.id)
    session.flush()
    record(session, actor, community.id, "market.merchant_registered", ("merchant", shop.id))
    return shop


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
