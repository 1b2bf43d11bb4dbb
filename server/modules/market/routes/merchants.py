"""Endpoints of shops: applied, checked, open."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import current_community
from server.modules.market import service
from server.modules.market.models import Merchant
from server.modules.market.routes.blueprint import bp
from server.modules.market.rules.merchants import MerchantState, MerchantStep
from server.modules.market.schemas import (
    MerchantApplyIn,
    MerchantIn,
    MerchantOut,
    MerchantRowOut,
    MerchantsOut,
    MerchantWhyIn,
)


@bp.get("/merchants")
@bp.output(MerchantsOut)
@allow("market.buy")
def list_merchants() -> MerchantsOut:
    """List the shops: those that are checked, my own, and for officers all."""
    with reading() as session:
        shops = service.visible_merchants(session, current_actor(), current_community())
        return MerchantsOut(items=_rows_out(session, shops), next=None)


@bp.post("/merchants")
@bp.input(MerchantIn, arg_name="body")
@bp.output(MerchantOut, status_code=201)
@allow("market.register")
@idempotent
def register_merchant(body: MerchantIn) -> MerchantOut:
    """Register a shop and who keeps it; whoever registers it has checked it."""
    with transaction() as session:
        keeper = people.person_by_phone(session, body.keeper_phone, body.keeper_name or body.name)
        shop = service.register_merchant(
            session,
            current_actor(),
            current_community(),
            name=body.name,
            name_en=body.name_en,
            keeper_id=keeper.id,
            distance_m=body.distance_m,
        )
        return MerchantOut.model_validate(shop)


@bp.post("/merchants/apply")
@bp.input(MerchantApplyIn, arg_name="body")
@bp.output(MerchantRowOut, status_code=201)
@allow("market.buy")
@idempotent
def apply_as_merchant(body: MerchantApplyIn) -> MerchantRowOut:
    """Ask to sell here. An officer checks the shop before it may open."""
    with transaction() as session:
        shop = service.apply_as_merchant(session, current_actor(), current_community(), **body.model_dump())
        return _rows_out(session, [shop])[0]


@bp.post("/merchants/<uuid:merchant_id>/apply")
@bp.output(MerchantRowOut)
@allow("market.buy")
@idempotent
def apply_again(merchant_id: UUID) -> MerchantRowOut:
    """Ask again after a refusal."""
    return _stepped(merchant_id, MerchantStep.APPLY)


@bp.post("/merchants/<uuid:merchant_id>/check")
@bp.output(MerchantRowOut)
@allow("market.register")
@idempotent
def check_merchant(merchant_id: UUID) -> MerchantRowOut:
    """Say that a shop was checked: its keepers may sell."""
    return _stepped(merchant_id, MerchantStep.CHECK)


@bp.post("/merchants/<uuid:merchant_id>/refuse")
@bp.input(MerchantWhyIn, arg_name="body")
@bp.output(MerchantRowOut)
@allow("market.register")
@idempotent
def refuse_merchant(merchant_id: UUID, body: MerchantWhyIn) -> MerchantRowOut:
    """Say no to an application, and why."""
    return _stepped(merchant_id, MerchantStep.REFUSE, body.why)


@bp.post("/merchants/<uuid:merchant_id>/suspend")
@bp.input(MerchantWhyIn, arg_name="body")
@bp.output(MerchantRowOut)
@allow("market.register")
@idempotent
def suspend_merchant(merchant_id: UUID, body: MerchantWhyIn) -> MerchantRowOut:
    """Let a shop sell no more until it is checked again."""
    return _stepped(merchant_id, MerchantStep.SUSPEND, body.why)


@bp.post("/merchants/<uuid:merchant_id>/open")
@bp.output(MerchantRowOut)
@allow("market.sell")
@idempotent
def open_shop(merchant_id: UUID) -> MerchantRowOut:
    """Open my shop."""
    return _stepped(merchant_id, MerchantStep.OPEN)


@bp.post("/merchants/<uuid:merchant_id>/close")
@bp.output(MerchantRowOut)
@allow("market.sell")
@idempotent
def close_shop(merchant_id: UUID) -> MerchantRowOut:
    """Close my shop for now: it gets no more orders."""
    return _stepped(merchant_id, MerchantStep.CLOSE)


@bp.get("/shop")
@bp.output(MerchantRowOut)
@allow("market.sell")
def my_shop() -> MerchantRowOut:
    """Return the shop I keep."""
    with reading() as session:
        shop = service.own_merchant(session, current_actor(), current_community())
        return _rows_out(session, [shop])[0]


def _stepped(merchant_id: UUID, step: MerchantStep, why: str | None = None) -> MerchantRowOut:
    with transaction() as session:
        shop = service.step_merchant(
            session, current_actor(), current_community(), merchant_id, step, why=why
        )
        return _rows_out(session, [shop])[0]


def _rows_out(session: Session, shops: Sequence[Merchant]) -> list[MerchantRowOut]:
    actor, community = current_actor(), current_community()
    mine = service.kept_by(session, community.id, actor.id)
    is_officer = actor.has("officer", community)
    return [
        MerchantRowOut(
            id=shop.id,
            name=shop.name,
            name_en=shop.name_en,
            is_open=shop.is_open,
            distance_m=shop.distance_m,
            state=MerchantState(shop.state),
            is_mine=shop.id in mine,
            licence=shop.licence if is_officer or shop.id in mine else None,
            why=shop.why if is_officer or shop.id in mine else None,
        )
        for shop in shops
    ]
