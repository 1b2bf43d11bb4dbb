"""At most so much for one home in so many days, whoever of the home orders and however often."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from server.core.needs import service as needs
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.permissions import SYSTEM
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Allowance, Item, OrderLine
from server.modules.market.service import stock
from tests.factories import market_racers
from tests.factories.neighbourhood import make_homes, make_resident, make_shop
from tests.factories.racing import race
from tests.server.conftest import Api

NEEDS, MARKET = "/api/c/wutong/needs", "/api/c/wutong/market"


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 2)


@pytest.fixture
def shop(community: CommunityRef, sign_in: Callable[..., Api]) -> Api:
    """A shop that sells two masks to a home in three days, and as much rice as it has."""
    _, keeper = make_shop(community, {"口罩": 40, "大米": 40})
    limit("口罩", 2, 3)
    return sign_in("merchant", person_id=keeper)


def limit(name: str, most: int, days: int) -> UUID:
    with transaction() as session:
        item = session.scalars(select(Item).where(Item.name == name)).one()
        stock.change_item(session, SYSTEM, item, limit_most=most, limit_days=days)
        return item.id


def post(api: Api, **lines: int) -> str:
    body = {"kind": "groceries", "lines": [{"text": text, "quantity": n} for text, n in lines.items()]}
    return str(api.post(NEEDS, body).get_json()["id"])


def taken() -> list[int]:
    with reading() as session:
        return list(session.scalars(select(Allowance.taken).order_by(Allowance.id)))


def why(api: Api, need_id: str) -> str | None:
    unmatched = api.get(f"{NEEDS}/{need_id}").get_json()["unmatched"]
    return None if unmatched is None else str(unmatched["reason"])


def test_a_home_that_has_had_its_share_is_not_offered_more_and_is_told_why(
    community: CommunityRef, homes: list[UUID], shop: Api, sign_in: Callable[..., Api]
) -> None:
    mother, father = (sign_in("resident", person_id=make_resident(community, homes[0])) for _ in range(2))
    neighbour = sign_in("resident", person_id=make_resident(community, homes[1]))
    post(mother, 口罩=2)
    needs.match_community(community.id)
    late, other = post(father, 口罩=1), post(neighbour, 口罩=2)
    needs.match_community(community.id)
    assert taken() == [2, 2]
    assert (why(father, late), why(neighbour, other)) == ("household_limit", None)
    found = father.get(f"{MARKET}/items?query=口罩").get_json()["items"][0]
    assert (found["limit_most"], found["limit_days"], found["left_for_home"]) == (2, 3, 0)


def test_two_lines_of_one_basket_count_together_and_the_rest_of_the_basket_is_served(
    community: CommunityRef, homes: list[UUID], shop: Api, sign_in: Callable[..., Api]
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    lines = [{"text": "口罩", "quantity": 2}, {"text": "大米"}, {"text": " 口罩 "}]
    resident.post(NEEDS, {"kind": "groceries", "lines": lines})
    needs.match_community(community.id)
    order = shop.get(f"{MARKET}/orders").get_json()["items"][0]
    assert [(line["text"], line["quantity"]) for line in order["lines"]] == [("口罩", 2), ("大米", 1)]
    assert taken() == [2]


def test_what_is_called_off_refused_or_out_of_stock_may_be_had_again(
    community: CommunityRef, homes: list[UUID], shop: Api, sign_in: Callable[..., Api]
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    for give_up in ("cancel", "reject", "out_of_stock"):
        need_id = post(resident, 口罩=2)
        needs.match_community(community.id)
        assert taken() == [2], give_up
        order = shop.get(f"{MARKET}/orders?state=placed").get_json()["items"][0]
        path = f"{MARKET}/orders/{order['id']}"
        if give_up == "cancel":
            resident.post(f"{NEEDS}/{need_id}/cancel")
        elif give_up == "reject":
            shop.post(f"{path}/reject", {"why": "x"})
            resident.post(f"{NEEDS}/{need_id}/cancel")
        else:
            shop.post(f"{path}/lines/{order['lines'][0]['id']}/out-of-stock")
        assert taken() == [0], give_up


def test_what_was_packed_stays_taken_until_the_next_window(
    community: CommunityRef, homes: list[UUID], shop: Api, sign_in: Callable[..., Api], clock: SettableClock
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    post(resident, 口罩=2)
    needs.match_community(community.id)
    order = shop.get(f"{MARKET}/orders").get_json()["items"][0]
    for step in ("accept", "pack"):
        assert shop.post(f"{MARKET}/orders/{order['id']}/{step}").status_code == 200
    clock.advance(days=3)
    again = post(resident, 口罩=1)
    needs.match_community(community.id)
    assert why(resident, again) is None
    assert taken() == [2, 1]


def test_a_limit_that_is_lowered_holds_at_once_and_takes_nothing_back(
    community: CommunityRef, homes: list[UUID], shop: Api, sign_in: Callable[..., Api]
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    post(resident, 口罩=2)
    needs.match_community(community.id)
    limit("口罩", 1, 3)
    refused = post(resident, 口罩=1)
    needs.match_community(community.id)
    assert (why(resident, refused), taken()) == ("household_limit", [2])
    order = shop.get(f"{MARKET}/orders").get_json()["items"][0]
    shop.post(f"{MARKET}/orders/{order['id']}/reject", {"why": "x"})
    assert taken() == [0]


def test_a_shop_sets_a_limit_and_clears_it(shop: Api, community: CommunityRef) -> None:
    item = next(i for i in shop.get(f"{MARKET}/stock").get_json()["items"] if i["name"] == "大米")
    path = f"{MARKET}/stock/{item['id']}"
    assert shop.patch(path, {"limit_most": 3}).status_code == 422
    assert shop.patch(path, {"limit_most": 3, "limit_days": 7}).get_json()["limit_most"] == 3
    assert shop.patch(path, {"price_fen": 900}).get_json()["limit_most"] == 3
    assert shop.patch(path, {"limit_most": None, "limit_days": None}).get_json()["limit_most"] is None


def test_members_of_one_home_who_order_at_once_get_what_the_limit_allows(
    community: CommunityRef, homes: list[UUID], clock: SettableClock, database_url: str
) -> None:
    make_shop(community, {"口罩": 40})
    item_id = limit("口罩", 7, 3)
    call = (community.id, homes[0], item_id, 10)
    assert sum(race(database_url, clock.now(), market_racers.buy_for_home, [call] * 4)) == 7
    with reading() as session:
        assert session.get_one(Item, item_id).reserved == 7
    assert taken() == [7]


def test_members_of_one_home_whose_needs_are_matched_at_once_keep_to_the_limit(
    community: CommunityRef, homes: list[UUID], clock: SettableClock, database_url: str
) -> None:
    make_shop(community, {"口罩": 40})
    limit("口罩", 3, 3)
    members = [make_resident(community, homes[0]) for _ in range(4)]
    race(
        database_url,
        clock.now(),
        market_racers.order_as,
        [(community.id, member, "口罩", 3) for member in members],
    )
    needs.match_community(community.id)
    with reading() as session:
        kept = session.scalar(select(func.sum(OrderLine.quantity)).where(OrderLine.is_kept))
        reserved = session.scalars(select(Item.reserved)).one()
    assert (kept, reserved, taken()) == (3, 3, [3])


def test_looking_first_and_writing_later_would_give_a_home_too_much(
    community: CommunityRef, homes: list[UUID], clock: SettableClock, database_url: str
) -> None:
    """The tests above would notice: here is what the obvious program does under the same race."""
    make_shop(community, {"口罩": 40})
    item_id = limit("口罩", 7, 3)
    market_racers.buy_for_home(community.id, homes[0], item_id, 1)
    call = (community.id, homes[0], item_id, 10)
    kept = race(database_url, clock.now(), market_racers.buy_for_home_naively, [call] * 4)
    assert sum(kept) > 6


@pytest.mark.parametrize("taken", [-1, 3])
def test_the_database_itself_refuses_to_count_beyond_the_limit(
    community: CommunityRef, homes: list[UUID], taken: int
) -> None:
    make_shop(community, {"口罩": 40})
    item_id = limit("口罩", 2, 3)
    market_racers.buy_for_home(community.id, homes[0], item_id, 1)
    with pytest.raises(IntegrityError), transaction() as session:
        session.scalars(select(Allowance)).one().taken = taken


def test_the_limit_of_another_community_is_not_ours(
    community: CommunityRef, other_community: CommunityRef, homes: list[UUID]
) -> None:
    make_shop(other_community, {"口罩": 40})
    item_id = limit("口罩", 2, 3)
    with pytest.raises(IntegrityError):
        market_racers.buy_for_home(community.id, homes[0], item_id, 1)
