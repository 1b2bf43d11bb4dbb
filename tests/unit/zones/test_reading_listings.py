"""What joins two numbers, what only looks like it, and whose compound is meant: each rule both ways."""

from __future__ import annotations

from datetime import date

import pytest

from server.modules.zones.rules.dates import Run
from server.modules.zones.rules.reading import read
from server.modules.zones.rules.resolving import Claim, may_be_near, resolve_all
from server.modules.zones.rules.sheet import read_rows
from server.modules.zones.rules.structure import ANYWHERE, Compound, Level, Resolved, Unclear, Within
from tests.factories.zone_texts import compound, door_id

BARE = compound(buildings=7, doors=2)
HERE = Compound(BARE.names, BARE.areas, BARE.doors, frozenset(["东丽区"]))
CONJUNCTIONS = ("以及", "、以及", "，以及", "和", "及", "与", "暨", "、")


def resolve(text: str, within: Within = ANYWHERE) -> Resolved:
    [found] = resolve_all([Claim(read(text), Level.HIGH, within=within)], HERE)
    return found


def buildings(text: str) -> list[int]:
    found = resolve(text)
    assert found.doubts == (), (text, found.doubts)
    return [one for one in range(1, 8) if {door_id(one, 1), door_id(one, 2)} <= found.doors]


@pytest.mark.parametrize("word", CONJUNCTIONS)
@pytest.mark.parametrize(
    "text",
    [
        "梧桐里除1号楼{}3号楼外其他区域",
        "梧桐里（除1号楼{}3号楼）",
        "梧桐里（1号楼{}3号楼除外）",
        "梧桐里除１号楼{}３号楼以外区域",
        "梧桐里除一号楼{}三号楼之外",
        "梧桐里除1{}3号楼外",
    ],
)
def test_every_conjunction_joins_what_is_excepted(text: str, word: str) -> None:
    assert buildings(text.format(word)) == [2, 4, 5, 6, 7]


@pytest.mark.parametrize("word", CONJUNCTIONS)
@pytest.mark.parametrize("text", ["梧桐里1号楼{}3号楼", "梧桐里1{}3号楼", "青石街道梧桐里１{}３号楼"])
def test_every_conjunction_joins_what_is_named(text: str, word: str) -> None:
    assert buildings(text.format(word)) == [1, 3]


@pytest.mark.parametrize("word", ["至", "到", "-", "—", "~", "～"])
@pytest.mark.parametrize(
    "text", ["梧桐里1{}3号楼", "梧桐里１{}３号楼", "梧桐里除4{}7号楼外", "梧桐里一{}三号楼"]
)
def test_every_range_is_a_range(text: str, word: str) -> None:
    assert buildings(text.format(word)) == [1, 2, 3]


def test_numerals_share_their_unit_as_digits_do() -> None:
    assert buildings("梧桐里一、三号楼") == [1, 3]
    assert buildings("梧桐里除一、三号楼以及五至七号楼外") == [2, 4]


@pytest.mark.parametrize("word", ["以及", "和", "及", "与"])
def test_levels_are_joined_too(word: str) -> None:
    [part] = read(f"梧桐里除高风险区{word}中风险区外其他区域").parts
    assert part.except_levels == {Level.HIGH, Level.MID}


@pytest.mark.parametrize(
    "text",
    [
        "梧桐里除高风险区以及1号楼外",
        "梧桐里除1号楼以及桂花园3号楼外",
        "梧桐里除1号楼以及3号楼",
        "梧桐里1号楼及以西区域",
        "梧桐里除3号楼及底商外",
        "梧桐里不包括1号楼",
        "梧桐里（不含1号楼）",
        "梧桐里①②号楼",
        "梧桐里1①号楼",
        "梧桐里壹号楼",
        "梧桐里廿一号楼",
        "梧桐里奇数号楼",
        "梧桐里1.3号楼",
        "梧桐里1&3号楼",
    ],
)
def test_what_may_mean_something_else_goes_to_a_person(text: str) -> None:
    assert resolve(text).doubts, text


@pytest.mark.parametrize("name", ["和平里", "与海苑"])
def test_a_conjunction_in_a_name_stays_there(name: str) -> None:
    [part] = read(f"{name}1号楼").parts
    assert part.name == name


@pytest.mark.parametrize(
    "text", ["梧桐里1号楼", "青石街道梧桐里1号楼", "青石街梧桐里1号楼", "天津市东丽区青石街道梧桐里1号楼"]
)
def test_a_row_that_agrees_with_where_we_are_is_ours(text: str) -> None:
    assert buildings(text) == [1]


@pytest.mark.parametrize(
    "text", ["天津市西青区梧桐里1号楼", "天津市西青区杨柳青镇梧桐里1号楼", "天津市西青区青石街道梧桐里"]
)
def test_a_namesake_in_another_district_is_not_ours(text: str) -> None:
    assert resolve(text) == Resolved(is_elsewhere=True)


@pytest.mark.parametrize(
    "text", ["杨柳青镇梧桐里1号楼", "天津市东丽区新立街梧桐里", "杨柳青镇桂花园1号楼、梧桐里2号楼"]
)
def test_a_namesake_in_another_street_is_looked_at(text: str) -> None:
    assert [doubt.why for doubt in resolve(text).doubts] == [Unclear.NAMESAKE]


def test_a_district_in_a_column_of_its_own_counts() -> None:
    assert resolve("梧桐里1号楼", Within("西青区", is_sure=True)).is_elsewhere
    assert resolve("梧桐里1号楼", Within("东丽区", "青石街", is_sure=True)).doors
    assert resolve("梧桐里1号楼", Within("", "杨柳青镇", is_sure=True)).doubts
    [row] = read_rows("区,街道,地点,等级\n西青区,杨柳青镇,梧桐里1号楼,高风险", usual=None, year=2022)
    assert row.within == Within("西青区", "杨柳青镇", is_sure=True)


def test_who_does_not_know_its_own_district_asks_when_a_row_names_one() -> None:
    bare = Compound(BARE.names, frozenset(), BARE.doors)
    [found] = resolve_all([Claim(read("天津市西青区梧桐里1号楼"), Level.HIGH)], bare)
    assert [doubt.why for doubt in found.doubts] == [Unclear.NAMESAKE]


@pytest.mark.parametrize("text", ["东丽区", "全区", "天津市", "青石街道", "东丽区除高风险区外"])
def test_an_area_that_holds_us_is_looked_at(text: str) -> None:
    found = resolve(text)
    assert found.doubts and not found.is_elsewhere


def test_what_is_not_understood_is_near_only_if_it_may_be_about_us() -> None:
    assert may_be_near("青石街道某处平房", HERE) and may_be_near("东至某路，西至某路", HERE)
    assert may_be_near("东丽区其他地区", HERE) and may_be_near("全市各小区", HERE)
    assert not may_be_near("杨柳青镇某处平房", HERE)


def test_a_day_under_until_alone_is_the_last_one() -> None:
    head = "地点,等级,开始日期,结束日期"
    rows = read_rows(
        f"{head}\n甲,高,,7月5日\n乙,高,7月5日,\n丙,高,7月5日,7月7日\n丁,高,,7日", usual=None, year=2022
    )
    assert [row.run for row in rows] == [
        Run(None, date(2022, 7, 5)),
        Run(date(2022, 7, 5), None),
        Run(date(2022, 7, 5), date(2022, 7, 7)),
        None,
    ]
    assert [doubt.why for doubt in rows[3].doubts] == [Unclear.DATES]
