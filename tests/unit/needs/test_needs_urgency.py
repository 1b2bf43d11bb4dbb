"""Who is served first, and what being late means."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from server.core.needs.rules.kinds import Flow, NeedKind, check_lines, flow_of, window_of
from server.core.needs.rules.lifecycle import State
from server.core.needs.rules.urgency import Level, deadline_of, level_above, offer_ends, priority_of
from server.kit.errors import Refused

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_the_guarantee_list_comes_before_quarantined_homes_and_those_before_everyone() -> None:
    guaranteed = priority_of(NeedKind.GROCERIES, guarantee_tier=0, is_red=False)
    quarantined = priority_of(NeedKind.GROCERIES, guarantee_tier=None, is_red=True)
    others = priority_of(NeedKind.GROCERIES, guarantee_tier=None, is_red=False)
    assert (guaranteed, quarantined, others) == (0, 1, 2)


def test_a_trip_to_the_doctor_is_served_first_for_anybody() -> None:
    assert priority_of(NeedKind.MEDICAL_TRIP, guarantee_tier=None, is_red=False) == 0


def test_medicine_has_half_the_time_that_groceries_have() -> None:
    groceries = deadline_of(State.TRIAGED, NeedKind.GROCERIES, since=NOON, wanted_from=NOON)
    medicine = deadline_of(State.TRIAGED, NeedKind.MEDICINE, since=NOON, wanted_from=NOON)
    assert groceries == NOON + timedelta(hours=1)
    assert medicine == NOON + timedelta(minutes=30)


def test_a_visit_for_tomorrow_is_not_late_today() -> None:
    tomorrow = NOON + timedelta(days=1)
    due = deadline_of(State.SCHEDULED, NeedKind.REPAIR, since=NOON, wanted_from=tomorrow)
    assert due is not None and due > tomorrow


def test_a_drop_may_stay_unconfirmed_for_a_day() -> None:
    due = deadline_of(State.DROPPED, NeedKind.MEDICINE, since=NOON, wanted_from=NOON)
    assert due == NOON + timedelta(hours=24)


def test_nothing_is_due_once_a_need_is_closed() -> None:
    assert deadline_of(State.CLOSED, NeedKind.REPAIR, since=NOON, wanted_from=NOON) is None


def test_escalation_ends_at_the_district() -> None:
    levels = [Level.GRID]
    for _ in range(4):
        levels.append(level_above(levels[-1]))
    assert levels == [Level.GRID, Level.COMMITTEE, Level.STREET, Level.DISTRICT, Level.DISTRICT]


def test_an_urgent_offer_waits_half_as_long() -> None:
    assert offer_ends(NOON, NeedKind.REPAIR, is_shop=False) == NOON + timedelta(minutes=10)
    assert offer_ends(NOON, NeedKind.MEDICINE, is_shop=True) == NOON + timedelta(minutes=10)


def test_an_errand_for_listed_goods_is_goods_and_any_other_errand_a_visit() -> None:
    assert flow_of(NeedKind.ERRAND, has_items=True) is Flow.GOODS
    assert flow_of(NeedKind.ERRAND, has_items=False) is Flow.SERVICE
    assert flow_of(NeedKind.GROCERIES, has_items=False) is Flow.GOODS


def test_a_need_without_a_time_is_wanted_within_eight_hours() -> None:
    assert window_of(None, None, now=NOON) == (NOON, NOON + timedelta(hours=8))


@pytest.mark.parametrize(
    ("start", "until", "code"),
    [
        (NOON + timedelta(hours=2), NOON + timedelta(hours=1), "needs.window_ends_before_it_starts"),
        (NOON - timedelta(hours=2), NOON - timedelta(hours=1), "needs.window_is_over"),
        (NOON + timedelta(days=15), None, "needs.window_too_far"),
    ],
)
def test_a_time_that_cannot_be_is_refused(start: datetime, until: datetime | None, code: str) -> None:
    with pytest.raises(Refused, match=code):
        window_of(start, until, now=NOON)


def test_groceries_say_what_is_wanted_and_company_need_not() -> None:
    with pytest.raises(Refused, match=r"needs\.no_lines"):
        check_lines(NeedKind.GROCERIES, [])
    check_lines(NeedKind.COMPANY, [])
    with pytest.raises(Refused, match=r"needs\.too_many_lines"):
        check_lines(NeedKind.GROCERIES, [1] * 51)
