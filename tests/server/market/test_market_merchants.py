"""The life of a shop over HTTP: every state × step × role; who may not is told so, and nothing has moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from server.core.needs import service as needs
from server.core.people import service as people
from server.kit import clock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Keeper, Merchant
from server.modules.market.rules.merchants import (
    GOOD,
    MERCHANT_STEPS,
    OFFICERS,
    WITH_REASON,
    MerchantState,
    MerchantStep,
)
from tests.factories.neighbourhood import make_homes, make_resident, make_shop
from tests.server.conftest import Api

MARKET = "/api/c/wutong/market"
ROLES = ("resident", "volunteer", "courier", "merchant", "guard", "grid_worker", "clinic")
APPLICATION = {"name": "老王蔬果", "name_en": "Wang's greens", "licence": "91310000MA1FL0AA0X"}


@pytest.fixture
def keeper(sign_in: Callable[..., Api]) -> Api:
    """Somebody who has the role of a merchant."""
    return sign_in("merchant")


def shop_in(community: CommunityRef, keeper: Api, state: MerchantState) -> UUID:
    """Make a shop that stands there."""
    with transaction() as session:
        checked_at = clock.now() if state in GOOD else None
        shop = Merchant(
            community_id=community.id,
            name="老王蔬果",
            name_en="",
            distance_m=1,
            most_open_orders=9,
            state=state,
            checked_at=checked_at,
            registered_at=clock.now(),
        )
        session.add(shop)
        session.flush()
        session.add(Keeper(community_id=community.id, merchant_id=shop.id, person_id=keeper.person_id))
        return shop.id


def state_of(merchant_id: UUID) -> str:
    with reading() as session:
        return session.get_one(Merchant, merchant_id).state


def take(api: Api, merchant_id: UUID, step: MerchantStep) -> Any:
    body = {"why": "证照过期"} if step in WITH_REASON else {}
    return api.post(f"{MARKET}/merchants/{merchant_id}/{step}", body)


@pytest.mark.parametrize("state", list(MerchantState))
def test_a_step_is_taken_where_the_table_has_it_by_those_whose_it_is(
    state: MerchantState, community: CommunityRef, keeper: Api, sign_in: Callable[..., Api]
) -> None:
    officer = sign_in("officer")
    others = {role: sign_in(role) for role in ROLES}
    merchant_id = shop_in(community, keeper, state)
    for step in MerchantStep:
        mine, theirs = (officer, keeper) if step in OFFICERS else (keeper, officer)
        for role, api in {**others, "the wrong one": theirs}.items():
            assert take(api, merchant_id, step).status_code == 403, (role, step)
            assert state_of(merchant_id) == state
        if (state, step) not in MERCHANT_STEPS:
            answer = take(mine, merchant_id, step)
            assert (answer.status_code, answer.get_json()["code"]) == (409, "market.shop_moved_on"), step
            assert state_of(merchant_id) == state
    for (before, step), after in MERCHANT_STEPS.items():
        if before is state:
            with transaction() as session:
                checked_at = clock.now() if state in GOOD else None
                session.execute(update(Merchant).values(state=state, checked_at=checked_at))
            answer = take(officer if step in OFFICERS else keeper, merchant_id, step)
            assert (answer.status_code, answer.get_json()["state"]) == (200, after), step


def test_an_applicant_sells_nothing_until_an_officer_has_checked_the_shop(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    officer, applicant, neighbour = sign_in("officer"), sign_in("resident"), sign_in("resident")
    shop = applicant.post(f"{MARKET}/merchants/apply", APPLICATION).get_json()
    assert (shop["state"], shop["is_mine"], shop["licence"]) == ("applied", True, APPLICATION["licence"])
    stock = {"name": "大米", "unit": "袋", "price_fen": 100, "on_hand": 9}
    assert applicant.post(f"{MARKET}/stock", stock).status_code == 403
    assert neighbour.get(f"{MARKET}/merchants").get_json()["items"] == []
    assert officer.get(f"{MARKET}/merchants").get_json()["items"][0]["licence"] == APPLICATION["licence"]
    assert take(officer, shop["id"], MerchantStep.CHECK).get_json()["state"] == "checked"
    assert applicant.post(f"{MARKET}/stock", stock).status_code == 201
    assert neighbour.get(f"{MARKET}/items").get_json()["items"] == []
    assert take(applicant, shop["id"], MerchantStep.OPEN).get_json()["is_open"]
    assert [item["name"] for item in neighbour.get(f"{MARKET}/items").get_json()["items"]] == ["大米"]
    seen = neighbour.get(f"{MARKET}/merchants").get_json()["items"][0]
    assert (seen["licence"], seen["why"], seen["is_mine"]) == (None, None, False)


def test_a_person_applies_once(community: CommunityRef, sign_in: Callable[..., Api]) -> None:
    applicant = sign_in("resident")
    assert applicant.post(f"{MARKET}/merchants/apply", APPLICATION).status_code == 201
    again = applicant.post(f"{MARKET}/merchants/apply", APPLICATION)
    assert (again.status_code, again.get_json()["code"]) == (409, "market.has_shop")


def test_an_officer_does_not_check_a_shop_of_their_own(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    officer = sign_in("officer")
    shop = officer.post(f"{MARKET}/merchants/apply", APPLICATION).get_json()
    answer = take(officer, shop["id"], MerchantStep.CHECK)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "market.own_shop")
    assert take(sign_in("officer"), shop["id"], MerchantStep.CHECK).status_code == 200


def test_a_suspended_shop_gets_no_orders_and_is_out_of_the_list(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    merchant_id, _ = make_shop(community, {"大米": 9})
    resident = sign_in("resident", person_id=make_resident(community, make_homes(community, 1)[0]))
    assert take(sign_in("officer"), merchant_id, MerchantStep.SUSPEND).status_code == 200
    need = resident.post("/api/c/wutong/needs", {"kind": "groceries", "lines": [{"text": "大米"}]}).get_json()
    needs.match_community(community.id)
    story = resident.get(f"/api/c/wutong/needs/{need['id']}").get_json()
    assert story["unmatched"]["reason"] == "no_shop_open"
    assert resident.get(f"{MARKET}/items").get_json()["items"] == []


@pytest.mark.parametrize("state", [MerchantState.OPEN, MerchantState.CHECKED])
def test_the_database_itself_refuses_a_shop_that_sells_unchecked(
    community: CommunityRef, keeper: Api, state: MerchantState
) -> None:
    merchant_id = shop_in(community, keeper, MerchantState.APPLIED)
    with pytest.raises(IntegrityError), transaction() as session:
        session.get_one(Merchant, merchant_id).state = state


def test_a_shop_of_another_community_is_not_there(
    community: CommunityRef, other_community: CommunityRef, keeper: Api, sign_in: Callable[..., Api]
) -> None:
    merchant_id = shop_in(community, keeper, MerchantState.APPLIED)
    for role in ("officer", "merchant"):
        stranger = sign_in(role, at=other_community)
        for step in MerchantStep:
            body = {"why": "x"} if step in WITH_REASON else {}
            answer = stranger.post(f"/api/c/guihua/market/merchants/{merchant_id}/{step}", body)
            assert answer.status_code in (403, 404), (role, step)
        assert stranger.get("/api/c/guihua/market/merchants").get_json()["items"] == []
    assert state_of(merchant_id) == "applied"


def test_whoever_lost_the_role_of_a_merchant_opens_nothing(
    community: CommunityRef, sign_in: Callable[..., Api]
) -> None:
    resident = sign_in("resident")
    merchant_id = shop_in(community, resident, MerchantState.CHECKED)
    assert take(resident, merchant_id, MerchantStep.OPEN).status_code == 403
    with reading() as session:
        assert people.roles_at(session, UUID(str(resident.person_id)), community.id) == ["resident"]
        assert session.scalars(select(Merchant.state)).one() == "checked"
