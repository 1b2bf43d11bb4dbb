"""Capacities and shifts of helpers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.core.helpers.rules import (
    Capacity,
    Rest,
    Vehicle,
    capacity_of,
    check_rest,
    check_shift,
    hours_between,
)
from server.kit.errors import Refused

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def at(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def test_a_stated_capacity_counts_and_the_rest_is_the_vehicles_usual_one() -> None:
    assert capacity_of(Vehicle.CART, load_g=0, volume_ml=None, parcels=9) == Capacity(0, 500_000, 9)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (2, 1, "helpers.shift_ends_before_it_starts"),
        (-3, -1, "helpers.shift_is_over"),
        (1, 14, "helpers.shift_too_long"),
        (4, 6, "helpers.shift_overlaps"),
    ],
)
def test_a_shift_that_cannot_be_is_refused(start: float, end: float, code: str) -> None:
    with pytest.raises(Refused, match=code):
        check_shift(at(start), at(end), [(at(5), at(7))], now=NOON)


def test_a_shift_may_begin_the_moment_another_ends() -> None:
    check_shift(at(7), at(9), [(at(5), at(7))], now=NOON)


def test_only_hours_that_have_passed_count() -> None:
    assert hours_between([(at(-3), at(-1)), (at(-1), at(5)), (at(2), at(4))], now=NOON) == 3.0


@pytest.mark.parametrize(
    ("begin", "end", "minutes", "code"),
    [
        (1, 2, 4, "helpers.rest_length"),
        (1, 2, 121, "helpers.rest_length"),
        (-1, 2, 30, "helpers.rest_outside_shift"),
        (2, 1, 30, "helpers.rest_outside_shift"),
        # Begun as late as may be, it would end after the shift.
        (2, 3.75, 30, "helpers.rest_outside_shift"),
    ],
)
def test_a_rest_that_is_none_of_the_shift_is_refused(
    begin: float, end: float, minutes: int, code: str
) -> None:
    with pytest.raises(Refused, match=code):
        check_rest(Rest(at(begin), at(end), timedelta(minutes=minutes)), at(0), at(4))


def test_a_rest_may_fill_the_last_minutes_of_a_shift() -> None:
    check_rest(Rest(at(0), at(3.5), timedelta(minutes=30)), at(0), at(4))
