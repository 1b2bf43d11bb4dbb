"""Orders, checks and the ladder, as rules."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Conflict, Refused
from server.modules.quarantine.rules import checks, ladder, orders
from server.modules.quarantine.rules.checks import Reading, Symptom
from server.modules.quarantine.rules.ladder import Rung, Settings
from server.modules.quarantine.rules.orders import OrderState, OrderStep

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_only_active_orders_move_and_nothing_opens_one_again() -> None:
    for state, step in product(OrderState, OrderStep):
        if state is OrderState.ACTIVE:
            orders.after(state, step)
        else:
            with pytest.raises(Conflict):
                orders.after(state, step)


def test_days_are_counted_where_the_home_is_from_the_day_isolation_began() -> None:
    began = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)  # 23:30 in Shanghai
    assert orders.day_number(began, began, SHANGHAI) == 1
    assert orders.day_number(began, began + HOUR, SHANGHAI) == 2
    assert orders.day_number(began, began + 13 * DAY, SHANGHAI) == 14
    assert orders.day_number(began, began - DAY, SHANGHAI) == 0


@pytest.mark.parametrize("until", [START, START + timedelta(minutes=59), START + timedelta(days=61)])
def test_an_order_ends_and_not_too_late(until: datetime) -> None:
    with pytest.raises(Refused):
        orders.check_period(START, until, now=START)


def test_time_alone_releases_nobody() -> None:
    assert orders.is_overdue(OrderState.ACTIVE, START, START)
    assert not orders.is_overdue(OrderState.ACTIVE, START + HOUR, START)
    assert not orders.is_overdue(OrderState.RELEASED, START, START)


def test_checks_are_due_at_the_hours_of_the_home() -> None:
    found = list(checks.due_times(START, START + DAY, (9, 19), SHANGHAI))
    assert found == [datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 3, 3, 1, tzinfo=UTC)]


@given(st.integers(0, 72), st.integers(0, 72), st.integers(0, 72))
def test_checks_of_two_periods_are_those_of_both_together(first: int, second: int, third: int) -> None:
    a, b, c = (START + n * HOUR for n in sorted((first, second, third)))
    hours = (9, 19)
    whole = list(checks.due_times(a, c, hours, SHANGHAI))
    parts = [*checks.due_times(a, b, hours, SHANGHAI), *checks.due_times(b, c, hours, SHANGHAI)]
    assert whole == parts


def test_fever_or_a_symptom_alarms() -> None:
    assert not checks.is_alarming(Reading(372), 373)
    assert checks.is_alarming(Reading(373), 373)
    assert checks.is_alarming(Reading(366, frozenset({Symptom.COUGH})), 373)


@pytest.mark.parametrize("tenths", [339, 431])
def test_a_slip_of_the_finger_is_no_temperature(tenths: int) -> None:
    with pytest.raises(Refused):
        checks.check_reading(Reading(tenths))


def test_rungs_come_one_after_the_other() -> None:
    due = {h: ladder.rungs_due(START, START + h * HOUR, Settings()) for h in range(8)}
    assert due[0] == ()
    assert due[1] == due[2] == (Rung.REMINDER,)
    assert due[3] == (Rung.REMINDER, Rung.CALL)
    assert due[4] == due[5] == (Rung.REMINDER, Rung.CALL, Rung.DOOR)
    assert due[6] == due[7] == tuple(Rung)
    assert ladder.missed_at(START, Settings()) == START + 6 * HOUR


@pytest.mark.parametrize(
    "settings",
    [
        Settings(hours=()),
        Settings(hours=(9, 9)),
        Settings(hours=(24,)),
        Settings(rungs_min=(60, 60, 240, 360)),
        Settings(rungs_min=(180, 60, 240, 360)),
        Settings(rungs_min=(0, 60, 240, 360)),
        Settings(fever_tenths=400),
        Settings(second_reading_min=0),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: Settings) -> None:
    with pytest.raises(Refused):
        ladder.check_settings(settings)
