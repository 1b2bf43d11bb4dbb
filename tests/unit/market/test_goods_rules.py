"""What goods are, what may stand in for them, what a home may take of them, what they cost by weight."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Conflict, Refused
from server.modules.market.rules.history import Known, by_day
from server.modules.market.rules.limits import StockedItem, window_of, within
from server.modules.market.rules.merchants import MERCHANT_STEPS, MerchantState, MerchantStep, merchant_after
from server.modules.market.rules.orders import AskedLine, cover
from server.modules.market.rules.products import (
    Category,
    checked_barcode,
    checked_words,
    is_exact,
    plain,
    search_text,
)
from server.modules.market.rules.weighing import most_fen, settled_fen

MILK = StockedItem(UUID(int=1), "牛奶", "Milk", 600, 10, barcode="6901234567892", is_exact=True)
OATS = StockedItem(UUID(int=2), "燕麦", "Oats", 500, 10)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def asked(text: str, **more: object) -> AskedLine:
    return AskedLine(UUID(int=100), text, 1, None, **more)  # type: ignore[arg-type]  # a shorthand of the tests


def serves(line: AskedLine, *items: StockedItem) -> UUID | None:
    return cover([line], items).get(line.line_id)


@pytest.mark.parametrize("category", [Category.MEDICINE, Category.INFANT_FORMULA])
def test_medicine_and_infant_formula_are_exact_and_so_is_what_holds_an_allergen(category: Category) -> None:
    assert is_exact(category, [])
    assert is_exact(Category.SNACKS, ["peanuts"])
    assert not is_exact(Category.SNACKS, [])


def test_words_that_only_contain_the_name_of_exact_goods_do_not_get_them() -> None:
    assert serves(asked("无乳糖牛奶"), MILK) is None
    assert serves(asked("牛奶"), MILK) == MILK.id
    assert serves(asked("一袋燕麦"), OATS) == OATS.id


def test_exact_lines_get_what_bears_that_very_name_and_nothing_like_it() -> None:
    syrup = StockedItem(UUID(int=3), "布洛芬", "Ibuprofen", 900, 5)
    assert serves(asked("布洛芬混悬液", is_exact=True), syrup) is None
    assert serves(asked("IBUPROFEN ", is_exact=True), syrup) == syrup.id


def test_exact_goods_picked_at_another_shop_are_served_by_the_same_barcode_alone() -> None:
    picked = AskedLine(UUID(int=1), "牛奶", 1, UUID(int=77), barcode="6901234567892", is_exact=True)
    same_name = StockedItem(UUID(int=5), "牛奶", "Milk", 100, 9, is_exact=True)
    assert serves(picked, same_name) is None
    assert serves(picked, same_name, MILK) == MILK.id


def test_what_was_picked_elsewhere_is_not_replaced_by_something_to_be_careful_about() -> None:
    picked = AskedLine(UUID(int=1), "饼干", 1, UUID(int=77))
    with_nuts = StockedItem(UUID(int=5), "饼干", "Biscuits", 100, 9, is_exact=True)
    plain_ones = StockedItem(UUID(int=6), "饼干", "Biscuits", 300, 9)
    assert serves(picked, with_nuts) is None
    assert serves(picked, with_nuts, plain_ones) == plain_ones.id


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("6901234567892", "6901234567892"),
        (" 69012345 67892 ", "6901234567892"),
        ("036000291452", "0036000291452"),
        ("96385074", "96385074"),
        ("", None),
        (None, None),
    ],
)
def test_a_barcode_is_kept_as_its_thirteen_digits(typed: str | None, kept: str | None) -> None:
    assert checked_barcode(typed) == kept


@pytest.mark.parametrize("typed", ["6901234567893", "123", "69012345678x2", "六九〇一二三四五", "6.901E12"])
def test_a_barcode_whose_check_digit_does_not_fit_is_none(typed: str) -> None:
    with pytest.raises(Refused, match=r"market\.bad_barcode"):
        checked_barcode(typed)


@pytest.mark.parametrize("words", ["=1+1", "+86", "-2", "@SUM(A1)", " =1", "a\tb", "a\x07"])
def test_words_that_a_spreadsheet_would_run_are_refused(words: str) -> None:
    with pytest.raises(Refused, match=r"market\.formula"):
        checked_words("大米", words)


def test_full_width_and_capital_letters_are_found_like_the_others() -> None:
    assert plain("Ａｂｃ　DEF") == "abc def"
    assert search_text("大米", "RICE 5kg", None) == "大米 rice 5kg"


def test_windows_are_the_same_for_everybody_and_follow_each_other() -> None:
    first, until = window_of(date(2026, 3, 2), 3)
    assert first <= date(2026, 3, 2) < until == first + timedelta(days=3)
    assert window_of(until, 3)[0] == until
    assert window_of(date(2026, 3, 2), 1) == (date(2026, 3, 2), date(2026, 3, 3))


def test_no_more_is_free_for_a_home_than_its_limit_leaves() -> None:
    masks = StockedItem(UUID(int=1), "口罩", "", 1, 10, limit=(5, 3))
    assert [item.free for item in within([masks, OATS], {masks.id: 3})] == [2, 10]
    assert [item.free for item in within([masks], {masks.id: 7})] == [0]


def test_a_weight_costs_its_share_of_the_price_and_half_a_fen_is_rounded_up() -> None:
    assert settled_fen(1500, 500, 480, at_most=1650) == 1440
    assert settled_fen(999, 500, 250, at_most=9999) == 500
    assert most_fen(1500, 2, 10) == 3300
    assert most_fen(1500, 2, None) == 3000


def test_more_than_the_tolerance_is_refused_with_the_most_that_fits() -> None:
    with pytest.raises(Refused) as refused:
        settled_fen(1500, 500, 560, at_most=1650)
    most_g = refused.value.facts["most_g"]
    assert settled_fen(1500, 500, most_g, at_most=1650) == 1650
    with pytest.raises(Refused):
        settled_fen(1500, 500, most_g + 1, at_most=1650)


@given(
    st.integers(0, 10_000_000),
    st.integers(1, 999),
    st.integers(0, 30),
    st.integers(1, 200_000),
    st.integers(1, 1_000_000),
)
def test_no_weight_costs_more_than_was_stated(
    price: int, quantity: int, tolerance: int, unit_g: int, picked_g: int
) -> None:
    at_most = most_fen(price, quantity, tolerance)
    try:
        fen = settled_fen(price, unit_g, picked_g, at_most=at_most)
    except Refused as refused:
        assert refused.facts["most_g"] < picked_g
    else:
        assert 0 <= fen <= at_most
        assert abs(fen - price * picked_g / unit_g) <= 0.5


@pytest.mark.parametrize("state", list(MerchantState))
@pytest.mark.parametrize("step", list(MerchantStep))
def test_a_shop_opens_only_after_it_was_checked(state: MerchantState, step: MerchantStep) -> None:
    if (state, step) not in MERCHANT_STEPS:
        with pytest.raises(Conflict, match=r"market\.shop_moved_on"):
            merchant_after(state, step)
    elif merchant_after(state, step) is MerchantState.OPEN:
        assert state is MerchantState.CHECKED


def test_days_show_what_there_was_at_their_end_and_the_least_in_between() -> None:
    def at(day: int, hour: int, on_hand: int, price: int = 100) -> Known:
        return Known(datetime(2026, 3, day, hour, tzinfo=UTC), price, on_hand)

    known = [at(1, 1, 9), at(2, 2, 4), at(2, 3, 12, 120), at(4, 20, 5)]
    days = by_day(known, SHANGHAI, date(2026, 3, 1), date(2026, 3, 5))
    assert [(d.day.day, d.on_hand, d.low, d.price_fen) for d in days] == [
        (1, 9, 9, 100),
        (2, 12, 4, 120),
        (3, 12, 12, 120),
        (4, 12, 12, 120),
        (5, 5, 5, 100),
    ]


def test_days_before_the_first_count_are_left_out_and_the_state_before_them_is_carried_on() -> None:
    known = [Known(datetime(2026, 2, 1, tzinfo=UTC), 100, 3)]
    days = by_day(known, SHANGHAI, date(2026, 3, 1), date(2026, 3, 2))
    assert [(d.on_hand, d.low) for d in days] == [(3, 3), (3, 3)]
    assert by_day([], SHANGHAI, date(2026, 3, 1), date(2026, 3, 2)) == []
