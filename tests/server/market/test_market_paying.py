"""An order's money: set aside, taken for what was dropped, given back for what was not, paid to the shop in the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask
from sqlalchemy import select

from server.core.deliveries.rules import Custodian
from server.core.needs.models import Need
from server.core.notices.models import Notice
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM, Actor
from server.kit.ports.fake_stripe import FakeStripe
from server.kit.ports.payments.by_stripe import StripePayments
from server.kit.tenancy import CommunityRef
from server.modules.market import service as market
from server.modules.market.models import Order
from server.modules.money import service as money
from server.modules.money.models import Payee, Payment
from server.modules.money.rules.fund import Rule
from server.modules.money.service.looking import look as look_at
from tests.factories.bought import Corner, make_corner
from tests.factories.money import balances, columns, transfers


@pytest.fixture
def corner(community: CommunityRef, sign_in: Callable[..., Any], drain: Callable[[], None]) -> Corner:
    return make_corner(community, sign_in, drain)


def settle_all(corner: Corner) -> None:
    with reading() as session:
        waiting = market.unsettled(session, corner.community.id)
    for order_id in waiting:
        with transaction() as session:
            market.settle(session, corner.community.id, order_id)
    corner.drain()


def told(corner: Corner, kind: str) -> int:
    with reading() as session:
        return len(session.scalars(select(Notice).where(Notice.kind == kind)).all())


def test_vouchers_are_set_aside_taken_at_the_drop_and_paid_to_the_shop_a_day_later(
    corner: Corner, clock: SettableClock
) -> None:
    order = corner.order(大白菜=3)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 17_000, "authorised": 3_000}
    corner.pack(order)
    corner.carry(order, Custodian.GATE, Custodian.COURIER)
    assert balances(corner.community)["authorised"] == 3_000
    corner.carry(order, Custodian.DROP_POINT)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 17_000, "held": 3_000}
    seen = corner.bought(order)
    assert (seen["pays_by"], seen["payment_state"], seen["taken_fen"]) == ("wallet", "captured", 3_000)
    settle_all(corner)
    assert balances(corner.community)["held"] == 3_000
    clock.advance(hours=25)
    settle_all(corner)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 17_000, "payee": 3_000}
    with reading() as session:
        assert session.get_one(Order, UUID(order)).settled_at is not None
        assert market.unsettled(session, corner.community.id) == []


def test_of_goods_by_weight_the_most_is_set_aside_and_what_was_picked_is_taken(corner: Corner) -> None:
    item = next(
        i for i in corner.shop.get(f"{corner.api}/stock").get_json()["items"] if i["name"] == "大白菜"
    )
    corner.shop.patch(f"{corner.api}/stock/{item['id']}", {"tolerance_percent": 10})
    order = corner.order(大白菜=3)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 16_700, "authorised": 3_300}
    corner.shop.post(f"{corner.api}/orders/{order}/accept")
    line = corner.shop.get(f"{corner.api}/orders").get_json()["items"][0]["lines"][0]
    weighed = corner.shop.post(f"{corner.api}/orders/{order}/lines/{line['id']}/weigh", {"picked_g": 5_600})
    assert weighed.get_json()["total_fen"] == 2_800
    for step in ("pack", "hand-over"):
        assert corner.shop.post(f"{corner.api}/orders/{order}/{step}").status_code == 200
    corner.drain()
    corner.carry(order)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 17_200, "held": 2_800}
    assert corner.bought(order)["total_fen"] == 2_800


def test_vouchers_that_do_not_cover_it_leave_the_order_to_be_paid_at_the_shop(corner: Corner) -> None:
    order = corner.order(大白菜=21)
    assert corner.bought(order)["pays_by"] == "shop"
    assert told(corner, "order_not_covered") == 1
    assert balances(corner.community) == {"issued": -20_000, "wallet": 20_000}
    corner.pack(order)
    corner.carry(order)
    assert balances(corner.community) == {"issued": -20_000, "wallet": 20_000}


def test_the_fund_pays_by_its_rule_and_only_then(corner: Corner) -> None:
    with transaction() as session:
        money.give_vouchers(session, Actor(corner.buyer_id), corner.community, 10_000, "gift")
    assert corner.bought(corner.order("fund", 大白菜=1))["pays_by"] == "shop"
    with transaction() as session:
        money.set_rule(session, Actor(corner.buyer_id), corner.community, Rule(True, (), 5_000, 4_000))
    assert corner.bought(corner.order("fund", 大白菜=4))["pays_by"] == "fund"
    assert corner.bought(corner.order("fund", 大白菜=4))["pays_by"] == "shop"
    assert balances(corner.community)["fund"] == 6_000


def test_what_the_shop_does_not_have_is_not_taken(corner: Corner) -> None:
    order = corner.order(大白菜=2, 鸡蛋=3)
    corner.shop.post(f"{corner.api}/orders/{order}/accept")
    eggs = next(li for li in corner.bought(order)["lines"] if li["item_name"] == "鸡蛋")
    corner.shop.post(f"{corner.api}/orders/{order}/lines/{eggs['id']}/out-of-stock")
    for step in ("pack", "hand-over"):
        corner.shop.post(f"{corner.api}/orders/{order}/{step}")
    corner.carry(order)
    assert transfers(corner.payment(order)) == [("authorise", 5_000), ("capture", 2_000), ("release", 3_000)]


@pytest.mark.parametrize("way", ["reject", "cancel"])
def test_an_order_that_ends_before_it_is_packed_gives_everything_back(corner: Corner, way: str) -> None:
    order = corner.order(大白菜=2)
    if way == "reject":
        corner.shop.post(f"{corner.api}/orders/{order}/reject", {"why": "今天不开门"})
    else:
        with reading() as session:
            need_id = session.get_one(Order, UUID(order)).need_id
        corner.buyer.post(f"/api/c/wutong/needs/{need_id}/cancel", {"why": "不用了"})
    corner.drain()
    assert balances(corner.community) == {"issued": -20_000, "wallet": 20_000}
    assert columns(corner.payment(order))["state"] == "released"


def test_a_drop_that_is_undone_and_never_made_good_is_given_back(corner: Corner) -> None:
    order = corner.order(大白菜=14)
    corner.pack(order)
    corner.carry(order)
    corner.carry(order, Custodian.COURIER, Custodian.GATE, only=2)
    assert balances(corner.community)["held"] == 14_000
    with transaction() as session:
        need_id = session.get_one(Order, UUID(order)).need_id
        session.get_one(Need, need_id).state = "closed"
        market.settle(session, corner.community.id, UUID(order))
    # One of three parcels stayed at the door.
    assert columns(corner.payment(order))["refunded_fen"] == 14_000 - 14_000 // 3


def test_a_fact_heard_many_times_moves_money_once(corner: Corner) -> None:
    order = corner.delivered(大白菜=3)
    for _ in range(5):
        with transaction() as session:
            market.settle(session, corner.community.id, UUID(order))
    assert transfers(corner.payment(order)) == [("authorise", 3_000), ("capture", 3_000)]


@pytest.fixture
def fake(app: APIFlask, monkeypatch: pytest.MonkeyPatch, corner: Corner) -> Any:
    made = FakeStripe().start()
    adapter = StripePayments(made.key, made.secret, made.url, retries=0)
    monkeypatch.setitem(app.extensions["linli"].ports, "payments", adapter)
    account = made.books.create_account({})["id"]
    with transaction() as session:
        money.register_payee(session, SYSTEM, corner.community, corner.shop_id, label="便民超市")
        session.get_one(Payee, corner.shop_id).provider_account = account
    yield made
    made.stop()


def look(corner: Corner, fake: FakeStripe, payment_id: UUID) -> None:
    look_at(corner.community.id, payment_id, StripePayments(fake.key, fake.secret, fake.url, retries=0))
    corner.drain()


def test_alipay_is_agreed_to_first_packed_then_and_what_was_not_dropped_comes_back(
    corner: Corner, fake: FakeStripe, clock: SettableClock
) -> None:
    order = corner.order("alipay", 大白菜=2, 鸡蛋=1)
    corner.shop.post(f"{corner.api}/orders/{order}/accept")
    refused = corner.shop.post(f"{corner.api}/orders/{order}/pack")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "market.not_paid_yet")
    paid = corner.buyer.post(f"{corner.api}/orders/{order}/pay", {"pays_by": "alipay"})
    assert paid.status_code == 200, paid.get_json()
    corner.drain()
    payment = corner.payment(order)
    where = corner.buyer.get(f"/api/c/wutong/money/payments/{payment}/next").get_json()["next_url"]
    assert where.startswith("https://payer.invalid/")
    assert corner.shop.post(f"{corner.api}/orders/{order}/pack").status_code == 409
    fake.books.agree(where.rsplit("/", 1)[1])
    look(corner, fake, payment)
    eggs = next(li for li in corner.bought(order)["lines"] if li["item_name"] == "鸡蛋")
    corner.shop.post(f"{corner.api}/orders/{order}/lines/{eggs['id']}/out-of-stock")
    for step in ("pack", "hand-over"):
        assert corner.shop.post(f"{corner.api}/orders/{order}/{step}").status_code == 200
    corner.carry(order)
    assert columns(payment)["refunded_fen"] == 1_000
    clock.advance(hours=25)
    settle_all(corner)
    assert balances(corner.community) == {
        "issued": -20_000,
        "wallet": 20_000,
        "outside": -2_000,
        "payee": 2_000,
    }


def test_a_payment_that_the_payer_declines_leaves_the_order_to_be_paid_at_the_shop(
    corner: Corner, fake: FakeStripe
) -> None:
    order = corner.order("wechat_pay", 大白菜=2)
    corner.buyer.post(f"{corner.api}/orders/{order}/pay", {"pays_by": "wechat_pay"})
    corner.drain()
    payment = corner.payment(order)
    with reading() as session:
        ref = session.get_one(Payment, payment).provider_ref
    fake.books.agree(str(ref), agrees=False)
    look(corner, fake, payment)
    assert corner.bought(order)["pays_by"] == "shop"
    assert told(corner, "order_not_covered") == 1
    # Another way is still open.
    again = corner.buyer.post(f"{corner.api}/orders/{order}/pay", {"pays_by": "wallet"})
    assert again.get_json()["pays_by"] == "wallet"


def test_nobody_pays_or_sees_for_another_home(
    corner: Corner, sign_in: Callable[..., Any], other_community: CommunityRef
) -> None:
    order = corner.order(大白菜=1)
    stranger = sign_in("resident")
    with reading() as session:
        need_id = session.get_one(Order, UUID(order)).need_id
    assert stranger.get(f"{corner.api}/needs/{need_id}/orders").status_code == 403
    assert stranger.post(f"{corner.api}/orders/{order}/pay", {"pays_by": "wallet"}).status_code == 404
    elsewhere = sign_in("officer", at=other_community)
    away = f"/api/c/{other_community.slug}/market"
    assert elsewhere.get(f"{away}/needs/{need_id}/orders").status_code == 404
    assert elsewhere.post(f"{away}/orders/{order}/pay", {"pays_by": "wallet"}).status_code == 404
