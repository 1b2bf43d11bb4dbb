"""Orders, baskets and parcels."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Conflict
from server.modules.market.rules.limits import StockedItem
from server.modules.market.rules.orders import (
    PARCEL_MOST_G,
    AskedLine,
    OrderState,
    OrderStep,
    after,
    cover,
    parcels_of,
)

CABBAGE = StockedItem(UUID(int=1), "大白菜", "Cabbage", 300, 10)
ORGANIC_CABBAGE = StockedItem(UUID(int=2), "有机大白菜", "Organic cabbage", 900, 10)
EGGS = StockedItem(UUID(int=3), "鸡蛋", "Eggs", 1200, 2)
SHELF = [CABBAGE, ORGANIC_CABBAGE, EGGS]


def line(n: int, text: str, quantity: int = 1, item: StockedItem | None = None) -> AskedLine:
    return AskedLine(UUID(int=100 + n), text, quantity, item.id if item else None)


def test_the_item_that_was_picked_serves_its_line() -> None:
    asked = line(1, "大白菜", item=ORGANIC_CABBAGE)
    assert cover([asked], SHELF) == {asked.line_id: ORGANIC_CABBAGE.id}


def test_words_find_the_item_of_that_name_in_either_language() -> None:
    asked = [line(1, " 大白菜 "), line(2, "EGGS")]
    assert cover(asked, SHELF) == {asked[0].line_id: CABBAGE.id, asked[1].line_id: EGGS.id}


def test_an_item_picked_at_another_shop_is_found_by_its_name() -> None:
    elsewhere = StockedItem(UUID(int=77), "鸡蛋", "Eggs", 1, 1)
    asked = line(1, "鸡蛋", item=elsewhere)
    assert cover([asked], SHELF) == {asked.line_id: EGGS.id}


def test_two_lines_do_not_count_the_same_eggs_twice() -> None:
    asked = [line(1, "鸡蛋", 2), line(2, "鸡蛋", 1)]
    assert cover(asked, SHELF) == {asked[0].line_id: EGGS.id}


def test_nothing_similar_is_sold_in_place_of_what_was_asked() -> None:
    assert cover([line(1, "菜")], SHELF) == {}
    assert cover([line(1, "")], SHELF) == {}


@given(
    st.lists(st.tuples(st.sampled_from(["大白菜", "鸡蛋", "x"]), st.integers(1, 6)), max_size=8),
    st.integers(0, 12),
)
def test_a_basket_never_takes_more_than_is_free(wanted: list[tuple[str, int]], free: int) -> None:
    items = [StockedItem(UUID(int=1), "大白菜", "", 300, free), StockedItem(UUID(int=3), "鸡蛋", "", 9, 2)]
    asked = [line(n, text, quantity) for n, (text, quantity) in enumerate(wanted)]
    chosen = cover(asked, items)
    for item in items:
        assert sum(li.quantity for li in asked if chosen.get(li.line_id) == item.id) <= item.free


def test_an_order_is_packed_only_once_it_is_accepted() -> None:
    assert after(OrderState.ACCEPTED, OrderStep.PACK) is OrderState.PACKED
    with pytest.raises(Conflict, match=r"market\.not_now"):
        after(OrderState.PLACED, OrderStep.PACK)


@pytest.mark.parametrize("state", [OrderState.REJECTED, OrderState.CANCELLED, OrderState.HANDED_OVER])
@pytest.mark.parametrize("step", list(OrderStep))
def test_an_order_that_is_over_stays_as_it_is(state: OrderState, step: OrderStep) -> None:
    with pytest.raises(Conflict):
        after(state, step)


@given(st.integers(0, 180_000), st.integers(0, 800_000))
def test_parcels_hold_all_goods_and_none_is_too_heavy(load_g: int, volume_ml: int) -> None:
    parcels = parcels_of(load_g, volume_ml)
    assert sum(g for g, _ in parcels) == load_g
    assert sum(ml for _, ml in parcels) == volume_ml
    assert max(g for g, _ in parcels) <= PARCEL_MOST_G
    assert len(parcels) >= 1
