"""Standing points, hours and the CSV files."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.places.rules.hours import check_hours, is_within
from server.core.places.rules.marks import (
    Junction,
    check_closing,
    check_width,
    propose_standing_points,
)
from server.core.places.rules.tables import read_home_rows, read_lane_rows
from server.kit.csv_files import write_csv
from server.kit.errors import Refused

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # noon in Shanghai
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_carts_stand_beside_doors_rather_than_at_crossings() -> None:
    crossing = Junction("crossing", 0, 0, lanes=4, has_wide_fire_lane=True)
    door = Junction("door", 20, 0, lanes=2, has_wide_fire_lane=True)
    assert propose_standing_points([crossing, door]) == ["door"]


def test_a_crossing_serves_where_there_is_nothing_else() -> None:
    assert propose_standing_points([Junction("crossing", 0, 0, lanes=3, has_wide_fire_lane=True)]) == [
        "crossing"
    ]


def test_nothing_is_proposed_beside_a_point_set_by_hand() -> None:
    doors = [Junction(x, x, 0, lanes=2, has_wide_fire_lane=True) for x in (0, 50)]
    assert propose_standing_points(doors, by_hand=[(10.0, 0.0)]) == [50]


def test_nobody_stands_on_a_lane_that_is_narrow_or_no_fire_lane() -> None:
    assert propose_standing_points([Junction("path", 0, 0, lanes=2, has_wide_fire_lane=False)]) == []


@given(
    st.lists(
        st.tuples(st.floats(-300, 300), st.floats(-300, 300), st.integers(1, 5)), max_size=40, unique=True
    )
)
def test_standing_points_keep_apart_and_none_that_would_fit_is_missing(
    places: list[tuple[float, float, int]],
) -> None:
    junctions = [Junction(i, x, y, lanes, True) for i, (x, y, lanes) in enumerate(places)]
    chosen = [junctions[i] for i in propose_standing_points(junctions)]
    for one in chosen:
        assert all(o is one or math.dist((o.x_m, o.y_m), (one.x_m, one.y_m)) >= 35 for o in chosen)
    for other in junctions:
        assert any(math.dist((o.x_m, o.y_m), (other.x_m, other.y_m)) < 70 for o in chosen)


def test_a_gate_is_open_within_its_hours_of_the_local_day() -> None:
    assert is_within([(6 * 60, 13 * 60)], NOON, SHANGHAI)
    assert not is_within([(6 * 60, 12 * 60)], NOON, SHANGHAI)
    assert is_within([], NOON, SHANGHAI)


@pytest.mark.parametrize(
    "hours", [[(600, 500)], [(0, 1441)], [(-1, 60)], [(0, 600), (600, 700)], [(500, 600), (0, 60)]]
)
def test_hours_that_make_no_sense_are_refused(hours: list[tuple[int, int]]) -> None:
    with pytest.raises(Refused, match=r"places\.bad_hours"):
        check_hours(hours)


@pytest.mark.parametrize("width", [0, 29, 6001, -400])
def test_no_lane_is_as_wide_or_narrow_as_that(width: int) -> None:
    with pytest.raises(Refused, match=r"places\.bad_width"):
        check_width(width)


def test_a_closing_needs_a_reason_and_an_end_ahead() -> None:
    with pytest.raises(Refused, match=r"places\.reason_missing"):
        check_closing("  ", None, now=NOON)
    with pytest.raises(Refused, match=r"places\.until_is_past"):
        check_closing("施工", NOON - timedelta(minutes=1), now=NOON)
    check_closing("施工", NOON + timedelta(minutes=1), now=NOON)


def test_homes_are_read_in_either_language() -> None:
    english = read_home_rows("building,entrance,floor,door\n12,1,3,301\n")
    chinese = read_home_rows("\ufeff楼栋,单元,楼层,房号\n12,1,3,301\n")
    assert english == chinese
    assert (english[0].building, english[0].floor, english[0].line) == ("12", 3, 2)


def test_what_is_written_is_read_back_and_no_cell_is_a_formula() -> None:
    text = write_csv(
        ["building", "entrance", "floor", "door"],
        [{"building": "=1+1", "entrance": "@A", "floor": -1, "door": "01"}],
    )
    assert "'=1+1" in text
    row = read_home_rows(text)[0]
    assert (row.building, row.entrance, row.floor, row.door) == ("=1+1", "@A", -1, "01")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "places.csv_columns_missing"),
        ("building,door\n1,2\n", "places.csv_columns_missing"),
        ("building,entrance,floor,door\n", "places.csv_empty"),
        ("building,entrance,floor,door\n1,1,three,301\n", "places.bad_csv_value"),
        ("building,entrance,floor,door\n1,1,--3,301\n", "places.bad_csv_value"),
        ("building,entrance,floor,door\n1,1,900,301\n", "places.bad_csv_value"),
        ("building,entrance,floor,door\n1,1,3,\n", "places.bad_csv_value"),
        ("building,entrance,floor,door\n1,1,3\n", "places.bad_csv_value"),
        ("building,entrance,floor,door\n1,1,3,301,5\n", "places.bad_csv_value"),
        ("building,entrance,floor,door\n1,1,3,3\x0001\n", "places.bad_csv_value"),
    ],
)
def test_a_bad_table_of_homes_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as caught:
        read_home_rows(text)
    assert caught.value.code == code


def test_lanes_say_only_what_is_filled_in() -> None:
    row = read_lane_rows("ref,is_fire_lane,width_cm,is_oneway,state,reason\nw1.1,是,,no,closed,施工\n")[0]
    assert (row.is_fire_lane, row.width_cm, row.is_oneway, row.state, row.reason) == (
        True,
        None,
        False,
        "closed",
        "施工",
    )


@pytest.mark.parametrize("cells", ["w1,perhaps,,,", "w1,,wide,,", "w1,,5,,", "w1,,,,shut", "w1,,²,,"])
def test_a_bad_table_of_lanes_is_refused_with_its_line(cells: str) -> None:
    with pytest.raises(Refused):
        read_lane_rows(f"ref,is_fire_lane,width_cm,is_oneway,state\n{cells}\n")
