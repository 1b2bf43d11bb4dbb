"""The market over HTTP: from a basket to parcels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from server.core.needs import service as needs
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Item
from tests.factories.neighbourhood import make_homes, make_resident, make_shop

NEEDS = "/api/c/wutong/needs"
MARKET = "/api/c/wutong/market"


@pytest.fixture
def resident(community: CommunityRef, sign_in: Callable[..., Any]) -> Any:
    home = make_homes(community, 2)[0]
    return sign_in("resident", person_id=make_resident(community, home))


@pytest.fixture
def shop(community: CommunityRef, sign_in: Callable[..., Any]) -> Any:
    _, keeper = make_shop(community, {"大白菜": 10, "鸡蛋": 2})
    return sign_in("merchant", person_id=keeper)


def order_of(resident: Any, community: CommunityRef, shop: Any, **lines: int) -> tuple[str, dict[str, Any]]:
    """Post groceries, match, and return the need's id and the shop's order."""
    body = {"kind": "groceries", "lines": [{"text": text, "quantity": n} for text, n in lines.items()]}
    need = resident.post(NEEDS, body).get_json()
    needs.match_community(community.id)
    orders = shop.get(f"{MARKET}/orders?state=placed").get_json()["items"]
    return need["id"], next(order for order in orders if order["need_id"] == need["id"])


def stock_of(name: str) -> tuple[int, int]:
    with reading() as session:
        item = session.scalars(select(Item).where(Item.name == name)).one()
        return item.on_hand, item.reserved


def state_of(resident: Any, need_id: str) -> str:
    return str(resident.get(f"{NEEDS}/{need_id}").get_json()["state"])


def test_a_basket_is_reserved_accepted_packed_and_handed_over(
    resident: Any, community: CommunityRef, shop: Any
) -> None:
    need_id, order = order_of(resident, community, shop, 大白菜=7)
    assert stock_of("大白菜") == (10, 7)
    assert shop.post(f"{MARKET}/orders/{order['id']}/accept").get_json()["state"] == "accepted"
    story = resident.get(f"{NEEDS}/{need_id}").get_json()
    assert (story["state"], story["holder"]) == ("sourcing", {"kind": "merchant", "label": "便民超市"})
    packed = shop.post(f"{MARKET}/orders/{order['id']}/pack").get_json()
    assert stock_of("大白菜") == (3, 0)
    assert packed["state"] == "packed"
    assert len(packed["parcel_codes"]) == 2  # 14 kg are more than one parcel holds.
    sent = shop.post(f"{MARKET}/orders/{order['id']}/hand-over").get_json()
    assert "/handover/" in sent["handover_url"]
    assert sent["orders"][0]["state"] == "handed_over"


def test_a_rejected_order_frees_its_stock_and_goes_to_the_next_shop(
    resident: Any, community: CommunityRef, shop: Any, sign_in: Callable[..., Any]
) -> None:
    _, other_keeper = make_shop(community, {"大白菜": 5}, distance_m=2000)
    _, order = order_of(resident, community, shop, 大白菜=3)
    shop.post(f"{MARKET}/orders/{order['id']}/reject", {"why": "今天不开门"})
    needs.match_community(community.id)
    other = sign_in("merchant", person_id=other_keeper)
    assert len(other.get(f"{MARKET}/orders?state=placed").get_json()["items"]) == 1
    with reading() as session:
        assert session.scalars(select(Item.reserved).where(Item.on_hand == 10)).one() == 0


def test_what_the_shop_does_not_have_after_all_goes_on_as_a_need_of_its_own(
    resident: Any, community: CommunityRef, shop: Any
) -> None:
    need_id, order = order_of(resident, community, shop, 大白菜=1, 鸡蛋=2)
    shop.post(f"{MARKET}/orders/{order['id']}/accept")
    eggs = next(line for line in order["lines"] if line["text"] == "鸡蛋")
    answer = shop.post(f"{MARKET}/orders/{order['id']}/lines/{eggs['id']}/out-of-stock").get_json()
    assert [line["is_out_of_stock"] for line in answer["lines"]].count(True) == 1
    assert stock_of("鸡蛋") == (0, 0)
    assert state_of(resident, need_id) == "sourcing"
    mine = resident.get(f"{NEEDS}?mine=true").get_json()["items"]
    rest = next(need for need in mine if need["follow_up_of"] == need_id)
    assert [line["text"] for line in rest["lines"]] == ["鸡蛋"]
    needs.match_community(community.id)
    story = resident.get(f"{NEEDS}/{rest['id']}").get_json()
    assert story["unmatched"]["reason"] == "no_shop_has_it"
    assert shop.post(f"{MARKET}/orders/{order['id']}/pack").status_code == 200


def test_an_order_with_nothing_left_is_rejected(resident: Any, community: CommunityRef, shop: Any) -> None:
    need_id, order = order_of(resident, community, shop, 鸡蛋=1)
    line = order["lines"][0]["id"]
    answer = shop.post(f"{MARKET}/orders/{order['id']}/lines/{line}/out-of-stock").get_json()
    assert answer["state"] == "rejected"
    assert state_of(resident, need_id) == "closed"


def test_a_basket_no_shop_has_in_full_is_split(resident: Any, community: CommunityRef, shop: Any) -> None:
    need_id, order = order_of(resident, community, shop, 大白菜=1, 榴莲=1)
    assert [line["text"] for line in order["lines"]] == ["大白菜"]
    mine = resident.get(f"{NEEDS}?mine=true").get_json()["items"]
    assert [need["follow_up_of"] for need in mine] == [need_id, None]


def test_two_baskets_share_what_there_is_and_the_third_is_told_there_is_none(
    resident: Any, community: CommunityRef, shop: Any
) -> None:
    for _ in range(2):
        order_of(resident, community, shop, 鸡蛋=1)
    body = {"kind": "groceries", "lines": [{"text": "鸡蛋"}]}
    third = resident.post(NEEDS, body).get_json()
    needs.match_community(community.id)
    assert stock_of("鸡蛋") == (2, 2)
    assert resident.get(f"{NEEDS}/{third['id']}").get_json()["unmatched"]["reason"] == "no_shop_has_it"


def test_a_cancelled_need_frees_its_stock_until_it_is_packed(
    resident: Any, community: CommunityRef, shop: Any
) -> None:
    need_id, _ = order_of(resident, community, shop, 大白菜=2)
    assert resident.post(f"{NEEDS}/{need_id}/cancel").get_json()["state"] == "cancelled"
    assert stock_of("大白菜") == (10, 0)
    need_id, order = order_of(resident, community, shop, 大白菜=2)
    shop.post(f"{MARKET}/orders/{order['id']}/accept")
    shop.post(f"{MARKET}/orders/{order['id']}/pack")
    late = resident.post(f"{NEEDS}/{need_id}/cancel")
    assert (late.status_code, late.get_json()["code"]) == (422, "market.already_packed")
    assert state_of(resident, need_id) == "sourcing"


def test_what_a_home_refuses_at_the_door_is_closed_though_the_shop_had_packed_it(
    resident: Any, community: CommunityRef, shop: Any, sign_in: Callable[..., Any]
) -> None:
    need_id, order = order_of(resident, community, shop, 大白菜=2)
    shop.post(f"{MARKET}/orders/{order['id']}/accept")
    shop.post(f"{MARKET}/orders/{order['id']}/pack")
    with transaction() as session:
        for state in ("at_gate", "batched", "unreachable"):
            needs.move_lines(session, community.id, UUID(need_id), state)
    officer = sign_in("officer")
    closed = officer.post(f"{NEEDS}/{need_id}/close", {"because": "not_wanted", "why": "住户拒收"})
    assert (closed.status_code, closed.get_json()["state"]) == (200, "closed")
    assert stock_of("大白菜") == (8, 0)


def test_an_order_nobody_answers_goes_elsewhere(
    resident: Any, community: CommunityRef, shop: Any, clock: SettableClock
) -> None:
    need_id, order = order_of(resident, community, shop, 大白菜=2)
    clock.advance(minutes=21)
    late = shop.post(f"{MARKET}/orders/{order['id']}/accept")
    assert (late.status_code, late.get_json()["code"]) == (409, "needs.offer_expired")
    needs.match_community(community.id)
    assert stock_of("大白菜") == (10, 0)
    assert resident.get(f"{NEEDS}/{need_id}").get_json()["unmatched"]["reason"] == "shops_said_no"


def test_a_keeper_cannot_touch_another_shops_orders_or_stock(
    resident: Any, community: CommunityRef, shop: Any, sign_in: Callable[..., Any]
) -> None:
    _, order = order_of(resident, community, shop, 大白菜=1)
    item = shop.get(f"{MARKET}/stock").get_json()["items"][0]
    _, keeper = make_shop(community, {})
    rival = sign_in("merchant", person_id=keeper)
    for answer in (
        rival.post(f"{MARKET}/orders/{order['id']}/accept"),
        rival.post(f"{MARKET}/orders/{order['id']}/reject", {"why": "x"}),
        rival.patch(f"{MARKET}/stock/{item['id']}", {"on_hand": 0}),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (403, "market.not_your_shop")


def test_stock_cannot_be_counted_below_what_is_kept_for_orders(
    resident: Any, community: CommunityRef, shop: Any
) -> None:
    order_of(resident, community, shop, 大白菜=4)
    item = next(i for i in shop.get(f"{MARKET}/stock").get_json()["items"] if i["name"] == "大白菜")
    answer = shop.patch(f"{MARKET}/stock/{item['id']}", {"on_hand": 3})
    assert (answer.status_code, answer.get_json()["facts"]["reserved"]) == (422, 4)
    assert shop.patch(f"{MARKET}/stock/{item['id']}", {"on_hand": 4}).get_json()["on_hand"] == 4


def test_buyers_see_what_is_free_and_how_fresh_the_number_is(
    resident: Any, community: CommunityRef, shop: Any
) -> None:
    order_of(resident, community, shop, 大白菜=4)
    found = resident.get(f"{MARKET}/items?query=白菜").get_json()["items"]
    assert [(item["name"], item["available"]) for item in found] == [("大白菜", 6)]
    assert found[0]["as_of"].endswith("Z")
    assert resident.get(f"{MARKET}/items?query=%25").get_json()["items"] == []


def test_an_officer_registers_a_shop_and_its_keeper(
    community: CommunityRef, sign_in: Callable[..., Any]
) -> None:
    body = {"name": "老王蔬果", "keeper_phone": "13900000001", "keeper_name": "老王"}
    assert sign_in("officer").post(f"{MARKET}/merchants", body).status_code == 201
    assert sign_in("resident").post(f"{MARKET}/merchants", body).status_code == 403


def test_a_shop_packs_an_order_once(resident: Any, community: CommunityRef, shop: Any) -> None:
    _, order = order_of(resident, community, shop, 大白菜=1)
    shop.post(f"{MARKET}/orders/{order['id']}/accept")
    codes = [shop.post(f"{MARKET}/orders/{order['id']}/pack").get_json()["parcel_codes"] for _ in range(2)]
    assert codes[0] == codes[1]
    assert stock_of("大白菜") == (9, 0)


def test_orders_of_another_community_are_not_there(
    resident: Any,
    community: CommunityRef,
    shop: Any,
    other_community: CommunityRef,
    sign_in: Callable[..., Any],
) -> None:
    _, order = order_of(resident, community, shop, 大白菜=1)
    _, keeper = make_shop(other_community, {"大白菜": 1})
    stranger = sign_in("merchant", at=other_community, person_id=keeper)
    assert stranger.post(f"/api/c/guihua/market/orders/{order['id']}/accept").status_code == 404
    assert stranger.get(f"{MARKET}/items").status_code == 404
    assert UUID(order["id"])
