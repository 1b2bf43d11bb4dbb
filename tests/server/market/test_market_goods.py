"""What goods are, over HTTP: allergens, codes, photos, weights, history; and that all of it is the shop's own."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.core.needs import service as needs
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Item, OrderLine
from tests.factories.neighbourhood import make_homes, make_resident, make_shop
from tests.server.conftest import Api

NEEDS, MARKET = "/api/c/wutong/needs", "/api/c/wutong/market"
PORK = {
    "name": "五花肉",
    "name_en": "Pork belly",
    "unit": "斤",
    "price_fen": 1500,
    "on_hand": 20,
    "weight_g": 500,
    "category": "meat",
    "storage": "chilled",
    "tolerance_percent": 10,
}
MILK = {
    "name": "牛奶",
    "name_en": "Milk",
    "unit": "盒",
    "price_fen": 600,
    "on_hand": 20,
    "barcode": "6901234567892",
    "category": "eggs_dairy",
    "allergens": ["milk"],
    "storage": "chilled",
}


@pytest.fixture
def resident(community: CommunityRef, sign_in: Callable[..., Api]) -> Api:
    return sign_in("resident", person_id=make_resident(community, make_homes(community, 1)[0]))


@pytest.fixture
def shop(community: CommunityRef, sign_in: Callable[..., Api]) -> Api:
    return sign_in("merchant", person_id=make_shop(community, {})[1])


@pytest.fixture
def rival(community: CommunityRef, sign_in: Callable[..., Api]) -> Api:
    return sign_in("merchant", person_id=make_shop(community, {})[1])


def ordered(resident: Api, community: CommunityRef, shop: Api, text: str, quantity: int = 1) -> Any:
    resident.post(NEEDS, {"kind": "groceries", "lines": [{"text": text, "quantity": quantity}]})
    needs.match_community(community.id)
    order = shop.get(f"{MARKET}/orders?state=placed").get_json()["items"][0]
    return shop.post(f"{MARKET}/orders/{order['id']}/accept").get_json()


def picture() -> io.BytesIO:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(file, "PNG")
    file.seek(0)
    return file


def test_a_line_sold_by_weight_costs_what_was_picked(
    resident: Api, community: CommunityRef, shop: Api
) -> None:
    shop.post(f"{MARKET}/stock", PORK)
    order = ordered(resident, community, shop, "五花肉", 2)
    assert (order["total_fen"], order["most_fen"], order["lines"][0]["unit_g"]) == (3000, 3300, 500)
    path = f"{MARKET}/orders/{order['id']}"
    early = shop.post(f"{path}/pack")
    assert (early.status_code, early.get_json()["code"]) == (422, "market.weigh_first")
    weigh = f"{path}/lines/{order['lines'][0]['id']}/weigh"
    heavy = shop.post(weigh, {"picked_g": 1101})
    assert (heavy.status_code, heavy.get_json()["facts"]) == (422, {"most_g": 1100})
    assert shop.post(weigh, {"picked_g": 1100}).get_json()["total_fen"] == 3300
    weighed = shop.post(weigh, {"picked_g": 940}).get_json()
    assert (weighed["total_fen"], weighed["lines"][0]["picked_g"]) == (2820, 940)
    assert shop.post(f"{path}/pack").get_json()["state"] == "packed"
    late = shop.post(weigh, {"picked_g": 900})
    assert (late.status_code, late.get_json()["code"]) == (409, "market.not_now")


def test_a_price_by_weight_never_exceeds_what_was_stated_whoever_writes_it(
    resident: Api, community: CommunityRef, shop: Api
) -> None:
    shop.post(f"{MARKET}/stock", PORK)
    ordered(resident, community, shop, "五花肉", 2)
    with pytest.raises(IntegrityError), transaction() as session:
        line = session.scalars(select(OrderLine)).one()
        line.picked_g, line.settled_fen = 1200, 3301


def test_goods_by_the_piece_are_not_weighed_and_their_price_stands(
    resident: Api, community: CommunityRef, shop: Api
) -> None:
    shop.post(f"{MARKET}/stock", MILK)
    order = ordered(resident, community, shop, "牛奶", 2)
    path = f"{MARKET}/orders/{order['id']}"
    answer = shop.post(f"{path}/lines/{order['lines'][0]['id']}/weigh", {"picked_g": 1})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "market.not_weighed")
    packed = shop.post(f"{path}/pack").get_json()
    assert (packed["total_fen"], packed["most_fen"]) == (1200, 1200)


def test_another_shop_weighs_nothing_of_mine(
    resident: Api, community: CommunityRef, shop: Api, rival: Api
) -> None:
    shop.post(f"{MARKET}/stock", PORK)
    order = ordered(resident, community, shop, "五花肉")
    answer = rival.post(
        f"{MARKET}/orders/{order['id']}/lines/{order['lines'][0]['id']}/weigh", {"picked_g": 500}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (403, "market.not_your_shop")


def test_buyers_see_what_goods_are(resident: Api, community: CommunityRef, shop: Api) -> None:
    shop.post(f"{MARKET}/stock", MILK)
    shop.post(f"{MARKET}/stock", PORK)
    milk = resident.get(f"{MARKET}/items?query=MILK").get_json()["items"][0]
    assert (milk["allergens"], milk["storage"], milk["is_exact"]) == (["milk"], "chilled", True)
    assert (milk["left_for_home"], milk["tolerance_percent"]) == (None, None)
    for query, names in {
        "query=6901234567892": ["牛奶"],
        "query=pork 五花": ["五花肉"],
        "query=ＰＯＲＫ": ["五花肉"],
        "query=pork 牛奶": [],
        "category=meat": ["五花肉"],
        "query=_": [],
    }.items():
        found = resident.get(f"{MARKET}/items?{query}").get_json()["items"]
        assert [item["name"] for item in found] == names, query


def test_medicine_is_not_replaced_by_something_whose_name_is_in_the_words(
    resident: Api, community: CommunityRef, shop: Api
) -> None:
    drug = {"name": "布洛芬", "unit": "盒", "price_fen": 900, "on_hand": 5, "category": "medicine"}
    shop.post(f"{MARKET}/stock", drug)
    for kind in ("groceries", "medicine"):
        need = resident.post(NEEDS, {"kind": kind, "lines": [{"text": "布洛芬混悬液"}]}).get_json()
        needs.match_community(community.id)
        story = resident.get(f"{NEEDS}/{need['id']}").get_json()
        assert story["unmatched"]["reason"] == "no_shop_has_it", kind
    resident.post(NEEDS, {"kind": "medicine", "lines": [{"text": "布洛芬"}]})
    needs.match_community(community.id)
    assert len(shop.get(f"{MARKET}/orders?state=placed").get_json()["items"]) == 1


def test_infant_formula_picked_at_one_shop_is_not_had_from_another_under_the_same_name(
    resident: Api, community: CommunityRef, shop: Api, rival: Api
) -> None:
    formula = {"name": "奶粉", "unit": "罐", "price_fen": 900, "on_hand": 1, "category": "infant_formula"}
    picked = shop.post(f"{MARKET}/stock", {**formula, "barcode": "6901234567892"}).get_json()
    rival.post(f"{MARKET}/stock", {**formula, "barcode": "96385074"})
    line = {"text": "奶粉", "quantity": 1, "item_id": picked["id"]}
    shop.patch(f"{MARKET}/stock/{picked['id']}", {"on_hand": 0})
    need = resident.post(NEEDS, {"kind": "groceries", "lines": [line]}).get_json()
    needs.match_community(community.id)
    story = resident.get(f"{NEEDS}/{need['id']}").get_json()
    assert story["unmatched"]["reason"] == "no_shop_has_it"
    assert rival.get(f"{MARKET}/orders").get_json()["items"] == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"barcode": "6901234567893"}, "market.bad_barcode"),
        ({"name": "=HYPERLINK(1)"}, "market.formula"),
        ({"name_en": "+1"}, "market.formula"),
        ({"tolerance_percent": 5, "weight_g": 0}, "market.unit_weighs_nothing"),
        ({"tolerance_percent": 31}, "http.invalid"),
        ({"limit_most": 2}, "http.invalid"),
        ({"allergens": ["cats"]}, "http.invalid"),
    ],
)
def test_goods_that_cannot_be_are_refused(shop: Api, change: dict[str, Any], code: str) -> None:
    answer = shop.post(f"{MARKET}/stock", {**MILK, **change})
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_a_barcode_is_there_once_in_a_shop_and_again_in_another(shop: Api, rival: Api) -> None:
    shop.post(f"{MARKET}/stock", MILK)
    twin = shop.post(f"{MARKET}/stock", {**MILK, "name": "鲜牛奶"})
    assert (twin.status_code, twin.get_json()["code"]) == (409, "market.item_exists")
    assert rival.post(f"{MARKET}/stock", MILK).status_code == 201
    other = shop.post(f"{MARKET}/stock", {**PORK, "barcode": None}).get_json()
    clash = shop.patch(f"{MARKET}/stock/{other['id']}", {"barcode": MILK["barcode"]})
    assert (clash.status_code, clash.get_json()["code"]) == (409, "market.item_exists")


def test_a_shop_changes_what_goods_are_and_clears_what_may_be_cleared(shop: Api) -> None:
    item = shop.post(f"{MARKET}/stock", {**MILK, "tolerance_percent": 5}).get_json()
    path = f"{MARKET}/stock/{item['id']}"
    changed = shop.patch(path, {"barcode": None, "tolerance_percent": None, "category": None}).get_json()
    assert (changed["barcode"], changed["tolerance_percent"], changed["category"]) == (
        None,
        None,
        "eggs_dairy",
    )
    assert shop.patch(path, {"name_en": "Fresh milk"}).get_json()["name_en"] == "Fresh milk"
    found = shop.get(f"{MARKET}/items?query=fresh").get_json()["items"]
    assert [item["name"] for item in found] == ["牛奶"]


def test_a_photo_is_the_shops_own_and_takes_the_place_of_the_one_before(
    app: APIFlask, resident: Api, shop: Api, rival: Api
) -> None:
    item = shop.post(f"{MARKET}/stock", MILK).get_json()
    path = f"{MARKET}/stock/{item['id']}/photo"
    assert resident.get(f"{MARKET}/items/{item['id']}/photo").status_code == 404
    stolen = rival.post(path, data={"file": (picture(), "x.png")})
    assert (stolen.status_code, stolen.get_json()["code"]) == (403, "market.not_your_shop")
    files = app.extensions["linli"].ports["photos"]
    names: list[str] = []
    for _ in range(2):
        assert shop.post(path, data={"file": (picture(), "x.png")}).get_json()["has_photo"]
        with reading() as session:
            names.append(str(session.scalars(select(Item.photo_ref)).one()))
    seen = resident.get(f"{MARKET}/items/{item['id']}/photo")
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")
    with pytest.raises(Exception, match="photo_not_found"):
        files.get(names[0])
    assert shop.post(path, data={"file": (io.BytesIO(b"PK"), "x.png")}).status_code == 422


def test_every_change_of_price_and_count_is_in_the_history_with_its_days(
    resident: Api, community: CommunityRef, shop: Api, clock: SettableClock
) -> None:
    item = shop.post(f"{MARKET}/stock", MILK).get_json()
    path = f"{MARKET}/stock/{item['id']}"
    clock.advance(days=1)
    shop.patch(path, {"price_fen": 700})
    order = ordered(resident, community, shop, "牛奶", 5)
    shop.post(f"{MARKET}/orders/{order['id']}/pack")
    shop.patch(path, {"on_hand": 30})
    shop.patch(path, {"is_listed": True})
    clock.advance(days=1)
    order = ordered(resident, community, shop, "牛奶", 2)
    shop.post(f"{MARKET}/orders/{order['id']}/lines/{order['lines'][0]['id']}/out-of-stock")
    story = shop.get(f"{path}/history?days=7").get_json()
    told = [(c["cause"], c["on_hand"], c["price_fen"]) for c in reversed(story["changes"])]
    assert told == [
        ("stocked", 20, 600),
        ("priced", 20, 700),
        ("packed", 15, 700),
        ("counted", 30, 700),
        ("gone", 0, 700),
    ]
    days = [(d["on_hand"], d["low"], d["price_fen"]) for d in story["days"]]
    assert days == [(20, 20, 600), (30, 15, 700), (0, 0, 700)]
    prices = resident.get(f"{MARKET}/items/{item['id']}/prices?days=7").get_json()["items"]
    assert [price["price_fen"] for price in prices] == [600, 700]


def test_history_and_prices_stay_within_their_shop_and_community(
    resident: Api,
    shop: Api,
    rival: Api,
    other_community: CommunityRef,
    sign_in: Callable[..., Api],
) -> None:
    item = shop.post(f"{MARKET}/stock", MILK).get_json()
    assert rival.get(f"{MARKET}/stock/{item['id']}/history").status_code == 403
    assert resident.get(f"{MARKET}/stock/{item['id']}/history").status_code == 403
    stranger = sign_in("merchant", at=other_community)
    theirs = "/api/c/guihua/market"
    assert stranger.get(f"{theirs}/stock/{item['id']}/history").status_code == 404
    assert stranger.get(f"{theirs}/items/{item['id']}/prices").status_code == 404
    assert stranger.get(f"{theirs}/items/{item['id']}/photo").status_code == 404
    assert stranger.patch(f"{theirs}/stock/{item['id']}", {"on_hand": 0}).status_code == 404
    assert stranger.get(f"{MARKET}/items").status_code == 404
    assert UUID(item["id"])
