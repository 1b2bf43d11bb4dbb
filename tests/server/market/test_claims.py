"""What is missing or damaged at the door: claimed once, given back by rule, decided by somebody else."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.market import service as market
from server.modules.market.models import Order, OrderLine
from tests.factories import claim_racers as racers
from tests.factories.bought import Corner, make_corner
from tests.factories.money import balances, columns, transfers
from tests.factories.neighbourhood import make_resident, make_shop
from tests.factories.racing import race


@pytest.fixture
def corner(community: CommunityRef, sign_in: Callable[..., Any], drain: Callable[[], None]) -> Corner:
    return make_corner(community, sign_in, drain)


def claim(corner: Corner, order_id: str, quantity: int, by: Any = None, **more: Any) -> Any:
    line = corner.bought(order_id)["lines"][0]["id"]
    body = {"line_id": line, "kind": "missing", "quantity": quantity, **more}
    made = (by or corner.buyer).post(f"{corner.api}/orders/{order_id}/claims", body)
    corner.drain()
    return made


def photo(by: Any) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(picture, "JPEG")
    picture.seek(0)
    sent = by.post("/api/c/wutong/deliveries/photos", data={"file": (picture, "damage.jpg")})
    assert sent.status_code == 201, sent.get_json()
    return str(sent.get_json()["id"])


def test_a_small_sum_is_given_back_at_once(corner: Corner) -> None:
    order = corner.delivered(大白菜=5)
    made = claim(corner, order, 2)
    assert (made.status_code, made.get_json()["state"]) == (201, "granted")
    assert transfers(corner.payment(order))[-1] == ("refund", 2_000)
    assert balances(corner.community)["wallet"] == 17_000


def test_a_large_sum_waits_for_an_officer_and_the_shop_is_not_paid_meanwhile(
    corner: Corner, sign_in: Callable[..., Any], clock: SettableClock
) -> None:
    order = corner.delivered(大白菜=5)
    made = claim(corner, order, 4).get_json()
    assert made["state"] == "open"
    clock.advance(hours=30)
    with transaction() as session:
        market.settle(session, corner.community.id, UUID(order))
    assert balances(corner.community)["held"] == 5_000
    officer = sign_in("officer")
    assert [one["id"] for one in officer.get(f"{corner.api}/claims?state=open").get_json()["items"]] == [
        made["id"]
    ]
    decided = officer.post(f"{corner.api}/claims/{made['id']}/decide", {"granted": True, "why": "照片属实"})
    assert decided.get_json()["state"] == "granted"
    corner.drain()
    assert columns(corner.payment(order))["refunded_fen"] == 4_000
    assert columns(corner.payment(order))["paid_out_fen"] == 1_000
    again = officer.post(f"{corner.api}/claims/{made['id']}/decide", {"granted": False})
    assert again.get_json()["code"] == "market.claim_decided"


def test_a_refused_claim_may_be_made_again_and_a_granted_piece_not(
    corner: Corner, sign_in: Callable[..., Any]
) -> None:
    order = corner.delivered(大白菜=5)
    made = claim(corner, order, 4).get_json()
    refused = sign_in("officer").post(
        f"{corner.api}/claims/{made['id']}/decide", {"granted": False, "why": "x"}
    )
    assert refused.get_json()["state"] == "refused"
    assert claim(corner, order, 3).status_code == 201
    assert claim(corner, order, 3).get_json()["code"] == "market.claimed_already"
    assert claim(corner, order, 2).status_code == 201


def test_the_shop_may_grant_but_not_refuse_and_no_other_shop_sees_it(
    corner: Corner, sign_in: Callable[..., Any], community: CommunityRef
) -> None:
    order = corner.delivered(大白菜=5)
    made = claim(corner, order, 4).get_json()
    path = f"{corner.api}/claims/{made['id']}/decide"
    _, other = make_shop(community, {"盐": 1})
    rival = sign_in("merchant", person_id=other)
    assert rival.get(f"{corner.api}/claims").get_json()["items"] == []
    assert rival.post(path, {"granted": True}).status_code == 403
    assert corner.shop.post(path, {"granted": False}).get_json()["code"] == "market.officer_refuses"
    assert corner.shop.post(path, {"granted": True}).get_json()["state"] == "granted"


def test_nobody_decides_on_a_claim_of_the_own_home(
    corner: Corner, sign_in: Callable[..., Any], community: CommunityRef
) -> None:
    order = corner.delivered(大白菜=5)
    made = claim(corner, order, 4).get_json()
    flatmate = sign_in("officer", person_id=make_resident(community, corner.home_id))
    refused = flatmate.post(f"{corner.api}/claims/{made['id']}/decide", {"granted": True})
    assert refused.get_json()["code"] == "market.own_claim"


def test_claims_have_their_time(corner: Corner, clock: SettableClock) -> None:
    order = corner.order(大白菜=2)
    assert claim(corner, order, 1).get_json()["code"] == "market.not_delivered"
    corner.pack(order)
    corner.carry(order)
    clock.advance(hours=24)
    assert claim(corner, order, 1).get_json()["code"] == "market.claim_too_late"


def test_damage_needs_a_photo_that_the_home_the_shop_and_officers_see(
    corner: Corner, sign_in: Callable[..., Any]
) -> None:
    order = corner.delivered(大白菜=2)
    assert claim(corner, order, 1, kind="damaged").get_json()["code"] == "market.photo_wanted"
    stranger = sign_in("resident")
    taken = photo(stranger)
    assert claim(corner, order, 1, kind="damaged", photo_id=taken).status_code == 404
    made = claim(corner, order, 1, kind="damaged", photo_id=photo(corner.buyer)).get_json()
    assert made["has_photo"]
    path = f"{corner.api}/claims/{made['id']}/photo"
    seen = [who.get(path).status_code for who in (corner.buyer, corner.shop, sign_in("officer"), stranger)]
    assert seen == [200, 200, 200, 404]


def test_an_order_of_another_home_cannot_be_claimed(corner: Corner, sign_in: Callable[..., Any]) -> None:
    order = corner.delivered(大白菜=2)
    assert claim(corner, order, 1, by=sign_in("resident")).status_code == 404


def test_what_is_found_missing_after_the_shop_was_paid_is_taken_back_from_it(
    corner: Corner, clock: SettableClock, sign_in: Callable[..., Any]
) -> None:
    order = corner.delivered(大白菜=5)
    made = claim(corner, order, 4).get_json()
    with transaction() as session:
        # The bank's dispute was settled the other way: the shop has the money already.
        line = session.scalars(select(OrderLine).where(OrderLine.order_id == UUID(order))).one()
        assert line.claimed == 4
    from server.kit.permissions import SYSTEM
    from server.modules.money import service as money

    with transaction() as session:
        money.ask(
            session, SYSTEM, corner.community, corner.payment(order), money.Step.PAY_OUT, 5_000, key="early"
        )
    sign_in("officer").post(f"{corner.api}/claims/{made['id']}/decide", {"granted": True})
    corner.drain()
    found = columns(corner.payment(order))
    assert (found["refunded_fen"], found["paid_out_fen"]) == (4_000, 1_000)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 19_000, "payee": 1_000}


def test_a_piece_is_claimed_once_by_all_who_live_there(
    corner: Corner, community: CommunityRef, clock: SettableClock, database_url: str
) -> None:
    order = corner.delivered(大白菜=3)
    line = corner.bought(order)["lines"][0]["id"]
    people = [corner.buyer_id, *(make_resident(community, corner.home_id) for _ in range(3))]
    calls = [(community.id, who, UUID(order), UUID(line), 3) for who in people]
    done = race(database_url, clock.now(), racers.claim_again_and_again, calls)
    corner.drain()
    assert sum(done) == 3
    assert columns(corner.payment(order))["refunded_fen"] == 3_000


def test_claiming_by_a_look_first_would_claim_too_much(
    corner: Corner, clock: SettableClock, database_url: str
) -> None:
    """The test above would notice: here is what the obvious program does, and what the table makes of it."""
    order = corner.delivered(大白菜=3)
    line = UUID(corner.bought(order)["lines"][0]["id"])
    done = race(database_url, clock.now(), racers.claim_naively, [(line,)] * 4)
    with reading() as session:
        assert session.get_one(OrderLine, line).claimed < sum(done)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(update(OrderLine).where(OrderLine.id == line).values(claimed=4))


def test_settling_at_once_in_many_processes_takes_the_money_once(
    corner: Corner, clock: SettableClock, database_url: str
) -> None:
    order = corner.delivered(大白菜=3)
    clock.advance(hours=25)
    calls = [(corner.community.id, UUID(order), 5)] * 4
    assert set(race(database_url, clock.now(), racers.settle_again_and_again, calls)) == {"done"}
    assert transfers(corner.payment(order)) == [("authorise", 3_000), ("capture", 3_000), ("pay_out", 3_000)]
    with reading() as session:
        assert session.get_one(Order, UUID(order)).settled_at is not None
