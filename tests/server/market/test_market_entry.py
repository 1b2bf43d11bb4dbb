"""Many items at once: shown first, then all of it or nothing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from server.kit.db import reading
from server.kit.tenancy import CommunityRef
from server.modules.market.models import Item
from tests.factories.neighbourhood import make_shop
from tests.server.conftest import Api

STOCK = "/api/c/wutong/market/stock"
TABLE = "名称\t单位\t价格\t数量\t类别\n大米\t份\t12.5\t30\t粮油\n面粉\t袋\t9\t5\t粮油\n"


@pytest.fixture
def shop(community: CommunityRef, sign_in: Callable[..., Api]) -> Api:
    return sign_in("merchant", person_id=make_shop(community, {"大米": 10, "鸡蛋": 8})[1])


def preview(shop: Api, text: str) -> Any:
    return shop.post(f"{STOCK}/entry/preview", {"text": text}).get_json()


def stock(shop: Api) -> dict[str, tuple[int, int]]:
    items = shop.get(STOCK).get_json()["items"]
    return {item["name"]: (item["price_fen"], item["on_hand"]) for item in items}


def xlsx(rows: list[list[str]], *, more: str = "") -> bytes:
    cell = '<c t="inlineStr"><is><t>{}</t></is></c>'
    cells = "".join(f"<row>{''.join(cell.format(text) for text in row)}{more}</row>" for row in rows)
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "xl/worksheets/sheet1.xml", f"<worksheet {main}><sheetData>{cells}</sheetData></worksheet>"
        )
    return file.getvalue()


def test_a_table_is_shown_before_anything_changes_and_then_done_in_one_go(shop: Api) -> None:
    shown = preview(shop, TABLE)
    assert stock(shop) == {"大米": (1000, 10), "鸡蛋": (1000, 8)}
    rice, flour = shown["rows"]
    assert (rice["fate"], rice["before"]["on_hand"], rice["values"]["on_hand"]) == ("change", 10, 30)
    assert (flour["fate"], flour["item_id"]) == ("new", None)
    done = shop.post(f"{STOCK}/entry", {"text": shown["table"], "digest": shown["digest"]})
    assert done.get_json()["counts"] == {"new": 1, "change": 1, "same": 0, "wrong": 0}
    assert stock(shop) == {"大米": (1250, 30), "鸡蛋": (1000, 8), "面粉": (900, 5)}
    assert {row["fate"] for row in preview(shop, TABLE)["rows"]} == {"same"}
    rice_id = rice["item_id"]
    last = shop.get(f"{STOCK}/{rice_id}/history").get_json()["changes"][0]
    assert (last["cause"], last["on_hand"], last["price_fen"]) == ("imported", 30, 1250)


def test_what_has_changed_since_it_was_shown_is_shown_again(shop: Api) -> None:
    shown = preview(shop, TABLE)
    shop.patch(f"{STOCK}/{shown['rows'][0]['item_id']}", {"on_hand": 11})
    answer = shop.post(f"{STOCK}/entry", {"text": shown["table"], "digest": shown["digest"]})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "market.entry_moved_on")
    assert stock(shop) == {"大米": (1000, 11), "鸡蛋": (1000, 8)}


def test_wrong_rows_stop_all_of_it_until_somebody_says_to_leave_them_out(shop: Api) -> None:
    text = f"{TABLE}鸡蛋\t份\t三块\t9\t\n白糖\t袋\t\t1\t\n"
    shown = preview(shop, text)
    assert [row["wrong"] for row in shown["rows"][2:]] == [
        [{"column": "price_fen", "code": "unreadable"}],
        [{"column": "price_fen", "code": "missing"}],
    ]
    body = {"text": text, "digest": shown["digest"]}
    answer = shop.post(f"{STOCK}/entry", body)
    assert (answer.status_code, answer.get_json()["facts"]["rows"]) == (422, 2)
    assert "面粉" not in stock(shop)
    assert shop.post(f"{STOCK}/entry", {**body, "skips_wrong": True}).status_code == 200
    assert stock(shop) == {"大米": (1250, 30), "鸡蛋": (1000, 8), "面粉": (900, 5)}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ("大米\t份\t1\t1\t\n大米\t份\t2\t2\t", "twice"),
        ("白糖\t袋\t1\t1\t\n白糖\t袋\t2\t2\t", "twice"),
        ("=1+1\t袋\t1\t1\t", "formula"),
        ("糖\t袋\t1\t1\t甜的", "unreadable"),
    ],
)
def test_what_is_not_clear_is_not_guessed_at(shop: Api, rows: str, code: str) -> None:
    shown = preview(shop, f"名称\t单位\t价格\t数量\t类别\n{rows}")
    assert {problem["code"] for row in shown["rows"] for problem in row["wrong"]} == {code}
    assert shown["counts"]["wrong"] == len(shown["rows"])


def test_a_barcode_finds_its_item_and_another_name_beside_it_is_asked_about(shop: Api) -> None:
    first = preview(shop, "名称,单位,价格,数量,条码\n牛奶,盒,6,9,6901234567892")
    shop.post(f"{STOCK}/entry", {"text": first["table"], "digest": first["digest"]})
    found = preview(shop, "条码,数量\n6901234567892,4")["rows"][0]
    assert (found["fate"], found["name"], found["values"]) == ("change", "牛奶", {"on_hand": 4})
    clash = preview(shop, "名称,单位,条码,数量\n酸奶,盒,6901234567892,4")["rows"][0]
    assert clash["wrong"] == [{"column": "barcode", "code": "another_item"}]


def test_an_xlsx_and_a_csv_of_a_chinese_spreadsheet_are_read_alike(shop: Api) -> None:
    rows = [line.split("\t") for line in TABLE.strip().split("\n")]
    headers = {"Content-Type": "application/octet-stream"}
    csv = "\n".join(",".join(row) for row in rows).encode("gb18030")
    seen = [
        shop.post(f"{STOCK}/entry/upload", data=data, headers=headers).get_json()
        for data in (xlsx(rows), csv)
    ]
    assert [[row["fate"] for row in one["rows"]] for one in seen] == [["change", "new"]] * 2
    assert seen[0]["digest"] == seen[1]["digest"]
    done = shop.post(f"{STOCK}/entry", {"text": seen[0]["table"], "digest": seen[0]["digest"]})
    assert done.status_code == 200


def test_a_formula_counts_as_what_the_spreadsheet_has_shown_and_is_kept_nowhere(shop: Api) -> None:
    more = '<c t="n"><f>1+1*HYPERLINK("x")</f><v>7</v></c>'
    shown = shop.post(
        f"{STOCK}/entry/upload",
        data=xlsx([["糖", "袋", "3"]], more=more),
        headers={"Content-Type": "application/octet-stream"},
    ).get_json()
    assert shown["rows"][0]["values"]["on_hand"] == 7
    assert "HYPERLINK" not in shown["table"]


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * (25 << 20))
    return file.getvalue()


def lying_bomb() -> bytes:
    """Say in the archive's directory that the sheet is small."""
    data, size = bomb(), (25 << 20).to_bytes(4, "little")
    return data.replace(size, (1000).to_bytes(4, "little"))


def entities(encoding: str) -> bytes:
    file = io.BytesIO()
    sheet = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE a [<!ENTITY x "yyyy">]><worksheet>&x;</worksheet>'
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", sheet.encode(encoding))
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [bomb(), lying_bomb(), entities("utf-8"), entities("utf-16"), b"PK\x03\x04x", b"\xff\xff\xff", b"a\x00b"],
    ids=["bomb", "lying bomb", "entities", "entities in UTF-16", "no archive", "no text", "NUL"],
)
def test_files_that_would_fill_the_memory_or_are_none_are_refused(shop: Api, data: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    answer = shop.post(f"{STOCK}/entry/upload", data=data, headers=headers)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "market.entry_bad_file")


def test_a_file_above_two_megabytes_is_not_read(shop: Api) -> None:
    headers = {"Content-Type": "application/octet-stream"}
    assert shop.post(f"{STOCK}/entry/upload", data=b"x" * (3 << 20), headers=headers).status_code == 413


def test_a_table_changes_no_other_shops_stock(
    community: CommunityRef, shop: Api, sign_in: Callable[..., Api], other_community: CommunityRef
) -> None:
    rival = sign_in("merchant", person_id=make_shop(community, {"大米": 1})[1])
    shown = preview(shop, TABLE)
    answer = rival.post(f"{STOCK}/entry", {"text": TABLE, "digest": shown["digest"]})
    assert (answer.status_code, answer.get_json()["code"]) == (409, "market.entry_moved_on")
    shop.post(f"{STOCK}/entry", {"text": TABLE, "digest": shown["digest"]})
    assert stock(rival) == {"大米": (1000, 1)}
    for role in ("resident", "officer"):
        assert sign_in(role).post(f"{STOCK}/entry/preview", {"text": TABLE}).status_code == 403
    stranger = sign_in("merchant", at=other_community)
    theirs = "/api/c/guihua/market/stock/entry"
    assert stranger.post(f"{theirs}/preview", {"text": TABLE}).status_code == 404
    with reading() as session:
        assert len(session.scalars(select(Item.id)).all()) == 4


def test_the_same_confirmation_sent_twice_happens_once(shop: Api) -> None:
    shown = preview(shop, "糖\t袋\t1\t1")
    body = {"text": shown["table"], "digest": shown["digest"]}
    answers = [shop.post(f"{STOCK}/entry", body, key="the same key") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert stock(shop)["糖"] == (100, 1)
