"""Tables of goods, read cell by cell."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Refused
from server.modules.market.rules.entry import MOST_ROWS, Wrong, read_entry

HEAD = "名称\t单位\t价格\t数量"


def said(text: str) -> dict[str, Any]:
    [row] = read_entry(text)
    assert row.wrong == ()
    return row.said


def wrong(text: str) -> tuple[Wrong, ...]:
    [row] = read_entry(text)
    return row.wrong


def test_headings_in_either_language_and_any_order_name_the_columns() -> None:
    text = "Count,NAME,Price,英文名,条码,类别,过敏原\n12,牛奶,6.5,Milk,6901234567892,蛋奶,奶、大豆"
    assert said(text) == {
        "on_hand": 12,
        "name": "牛奶",
        "price_fen": 650,
        "name_en": "Milk",
        "barcode": "6901234567892",
        "category": "eggs_dairy",
        "allergens": ["milk", "soy"],
    }


def test_four_plain_columns_need_no_headings_and_other_numbers_of_columns_do() -> None:
    assert said("大米\t袋\t39.9\t20") == {"name": "大米", "unit": "袋", "price_fen": 3990, "on_hand": 20}
    with pytest.raises(Refused, match=r"market\.entry_headings"):
        read_entry("大米\t袋\t39.9")


@pytest.mark.parametrize("head", ["名称\t单位\t价格\t颜色", "名称\t名称\t价格\t数量"])
def test_headings_that_nobody_knows_or_that_come_twice_are_named(head: str) -> None:
    with pytest.raises(Refused) as refused:
        read_entry(f"{head}\n大米\t袋\t1\t1")
    assert refused.value.facts["unknown"] == ["颜色"] or refused.value.facts["twice"] == ["名称", "名称"]


def test_an_empty_cell_says_nothing() -> None:
    assert said(f"{HEAD}\n大米\t袋\t\t20") == {"name": "大米", "unit": "袋", "on_hand": 20}


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("3.5", 350),
        ("¥3.50", 350),
        ("￥３．５", 350),
        ("3.5元", 350),
        ("3.4999999999999996", 350),
        ("1.2E1", 1200),
    ],
)
def test_prices_are_yuan_as_people_and_spreadsheets_write_them(typed: str, fen: int) -> None:
    assert said(f"{HEAD}\n大米\t袋\t{typed}\t1")["price_fen"] == fen


@pytest.mark.parametrize(
    "typed", ["3.505", "-1", "1,5", "三块", "1e9", "NaN", "3.5/斤", "9" * 40, "1e99", "0x1"]
)
def test_a_price_that_is_none_is_not_guessed_at(typed: str) -> None:
    assert wrong(f"{HEAD}\n大米\t袋\t{typed}\t1") == (Wrong("price_fen", "unreadable"),)


@pytest.mark.parametrize("typed", ["1.5", "-1", "十", "1000001"])
def test_a_count_is_a_whole_number(typed: str) -> None:
    assert wrong(f"{HEAD}\n大米\t袋\t1\t{typed}") == (Wrong("on_hand", "unreadable"),)


def test_a_barcode_that_a_spreadsheet_took_for_a_number_is_read_and_a_wrong_one_is_not() -> None:
    head = "名称\t条码"
    assert said(f"{head}\n奶\t6.901234567892E12")["barcode"] == "6901234567892"
    assert wrong(f"{head}\n奶\t6901234567893") == (Wrong("barcode", "bad_barcode"),)


@pytest.mark.parametrize("name", ["=1+1", "+SUM(A1)", "@x", "-x"])
def test_what_a_spreadsheet_would_run_is_no_name(name: str) -> None:
    assert wrong(f"{HEAD}\n{name}\t袋\t1\t1") == (Wrong("name", "formula"),)


def test_cells_beyond_the_headings_are_not_dropped_in_silence() -> None:
    assert wrong(f"{HEAD}\n大米\t袋\t1\t1\t7") == (Wrong("", "more_cells"),)


def test_a_limit_has_its_days() -> None:
    head = f"{HEAD}\t限购\t限购天数"
    assert said(f"{head}\n口罩\t包\t1\t1\t2\t3")["limit_days"] == 3
    assert wrong(f"{head}\n口罩\t包\t1\t1\t2\t") == (Wrong("limit_most", "limit_half"),)


def test_too_many_rows_and_none_at_all_are_refused() -> None:
    with pytest.raises(Refused, match=r"market\.entry_too_long"):
        read_entry("\n".join(["大米\t袋\t1\t1"] * (MOST_ROWS + 1)))
    for text in ("", " \n\t\n", HEAD):
        with pytest.raises(Refused, match=r"market\.entry_empty"):
            read_entry(text)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused(text: str) -> None:
    try:
        rows = read_entry(text)
    except Refused:
        return
    assert rows
