"""What a round was, what a fair share is, and how many go and come in an hour."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.deliveries import rules
from server.core.deliveries.rules import Reached

SECONDS = st.integers(0, 200_000)


def test_a_way_is_as_long_as_its_corners_say() -> None:
    assert rules.way_m([[0, 0], [30, 40], [30, 50]]) == 60
    assert rules.way_m([[5, 5]]) == rules.way_m([]) == 0


def test_work_is_the_way_and_the_doors_and_nothing_for_who_reached_nobody() -> None:
    reached = [Reached(120, 60), Reached(0, 100)]
    assert rules.effort_s(reached, 240, 1.2) == 300 + 160
    assert rules.effort_s([], 240, 1.2) == 0


def test_who_has_done_least_is_filled_up_first() -> None:
    # 100 and 200 first: 100 up to the second, then 300 for both together; the third is above.
    assert rules.fair_level_s([1000, 100, 200], 400) == 350
    assert rules.fair_level_s([0, 0], 600) == 300
    assert rules.fair_level_s([500], 100) == 600
    assert rules.fair_level_s([], 100) == 0


@given(st.lists(SECONDS, min_size=1, max_size=20), SECONDS)
def test_the_level_takes_just_the_work_there_is(before_s: list[int], work_s: int) -> None:
    level = rules.fair_level_s(before_s, work_s)
    room = sum(max(0, level - before) for before in before_s)
    assert work_s <= room <= work_s + len(before_s)


def test_the_expected_way_grows_with_stops_couriers_and_distance() -> None:
    near = [(10.0, 0.0), (0.0, 10.0)]
    far = [(x + 500, y) for x, y in near]
    gate = (0.0, 0.0)
    assert rules.expected_way_m([], gate, 3) == 0
    assert rules.expected_way_m([(100.0, 0.0)], gate, 5) == pytest.approx(260)
    assert rules.expected_way_m(near, gate, 1) < rules.expected_way_m(far, gate, 1)
    assert rules.expected_way_m(far, gate, 1) < rules.expected_way_m(far, gate, 2)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 1000), max_size=30), st.integers(0, 500))
def test_shares_add_up_and_none_is_off_by_one(counts: dict[str, int], total: int) -> None:
    shares = rules.shared_out(counts, total)
    whole = sum(counts.values())
    assert sum(shares.values()) == (total if whole else 0)
    for key, share in shares.items():
        exact = total * counts[key] / whole if whole else 0
        assert abs(share - exact) < 1


def test_an_hour_is_as_counted_or_as_usual() -> None:
    assert rules.an_hour(420, 7, 1000) == 10
    # Half of a hundred homes a day, within six hours.
    assert rules.an_hour(0, 7, 100) == 9
    assert rules.an_hour(0, 7, 0) == 0
