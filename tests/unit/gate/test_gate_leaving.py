"""Who may leave: each rule both ways."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from server.kit.errors import Refused
from server.modules.gate.rules.leaving import (
    Direction,
    Exit,
    Outcome,
    Quota,
    Reason,
    Rules,
    check_hours,
    is_over_quota,
    may_be_approved_by_rule,
    outcome,
    why_not,
)

EAST, WEST = UUID(int=1), UUID(int=2)
NINE = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LEAVING = Exit(at=NINE, gate_id=EAST, kind="resident", purpose="shopping")
YESTERDAY, TODAY = date(2026, 3, 1), date(2026, 3, 2)


def codes(rules: Rules, leaving: Exit) -> list[str]:
    return [reason.code for reason in why_not(rules, leaving)]


def test_without_rules_everybody_may_leave() -> None:
    assert codes(Rules(), LEAVING) == []


def test_a_household_that_went_out_yesterday_is_refused_today() -> None:
    rules = Rules(quota=Quota(most_exits=1, per_days=2))
    assert why_not(rules, replace(LEAVING, earlier=(YESTERDAY,))) == (
        Reason("quota", {"next_on": "2026-03-03"}),
    )
    assert codes(rules, replace(LEAVING, earlier=(date(2026, 2, 28),))) == []


def test_two_exits_in_three_days_are_free_again_when_the_older_one_has_left_the_window() -> None:
    rules = Rules(quota=Quota(most_exits=2, per_days=3))
    (reason,) = why_not(rules, replace(LEAVING, earlier=(date(2026, 2, 28), YESTERDAY)))
    assert reason.facts == {"next_on": "2026-03-03"}


def test_a_quota_of_nothing_lets_nobody_out() -> None:
    assert codes(Rules(quota=Quota(most_exits=0, per_days=1)), LEAVING) == ["quota"]


def test_outside_the_hours_one_is_told_when_they_begin() -> None:
    assert codes(Rules(hours=((480, 600),)), LEAVING) == []
    (reason,) = why_not(Rules(hours=((420, 480), (600, 660))), LEAVING)
    assert reason == Reason("hours", {"next_at": "2026-03-02T10:00:00+08:00"})
    (reason,) = why_not(Rules(hours=((420, 480),)), LEAVING)
    assert reason.facts == {"next_at": "2026-03-03T07:00:00+08:00"}


def test_only_the_named_gates_let_people_out() -> None:
    assert codes(Rules(gates=(EAST,)), LEAVING) == []
    assert codes(Rules(gates=(WEST,)), LEAVING) == ["gate"]


def test_only_the_named_purposes_and_kinds_are_let_out() -> None:
    assert codes(Rules(purposes=("shopping",)), LEAVING) == []
    assert codes(Rules(purposes=("work",)), LEAVING) == ["purpose"]
    assert codes(Rules(kinds=("goods",)), LEAVING) == ["kind"]


def test_whoever_a_flag_keeps_in_is_refused_whatever_the_purpose() -> None:
    held = replace(LEAVING, statuses=frozenset({"red"}), purpose="medical")
    assert codes(Rules(), held) == ["held"]
    assert codes(Rules(refused_statuses=()), held) == []


def test_a_fever_is_refused_and_a_missing_reading_where_one_is_demanded() -> None:
    rules = Rules(needs_reading=True)
    assert codes(rules, LEAVING) == ["reading_missing"]
    assert codes(rules, replace(LEAVING, reading_tenths=372)) == []
    assert codes(rules, replace(LEAVING, reading_tenths=373)) == ["reading_high"]
    assert codes(Rules(), replace(LEAVING, reading_tenths=373)) == ["reading_high"]


def test_medical_purposes_know_no_hours_quota_or_gate() -> None:
    strict = Rules(quota=Quota(0, 1), hours=((0, 1),), gates=(WEST,), purposes=("work",))
    assert codes(strict, replace(LEAVING, purpose="medical")) == []
    assert codes(strict, LEAVING) == ["purpose", "gate", "hours", "quota"]


def test_a_closed_gate_lets_nobody_out() -> None:
    assert codes(Rules(), replace(LEAVING, is_gate_open=False)) == ["gate_closed"]


def test_nobody_is_kept_from_home_and_an_emergency_passes() -> None:
    why = [Reason("held")]
    assert outcome(Direction.IN, why, is_override=False) is Outcome.ADMIT
    assert outcome(Direction.OUT, why, is_override=False) is Outcome.DENY
    assert outcome(Direction.OUT, why, is_override=True) is Outcome.OVERRIDE
    assert outcome(Direction.OUT, [], is_override=False) is Outcome.ALLOW


def test_more_exits_than_may_be_are_over_quota() -> None:
    assert is_over_quota(Quota(1, 2), TODAY, [YESTERDAY, TODAY])
    assert not is_over_quota(Quota(1, 1), TODAY, [YESTERDAY, TODAY])
    assert not is_over_quota(Quota(1, 2), YESTERDAY, [YESTERDAY, TODAY])


def test_hours_must_follow_each_other_within_a_day() -> None:
    check_hours(((0, 10), (20, 1440)))
    for bad in (((10, 5),), ((0, 10), (10, 20)), ((0, 1441),)):
        with pytest.raises(Refused):
            check_hours(bad)


def test_an_application_is_approved_by_rule_only_where_everything_fits() -> None:
    rules = Rules(approved_by_rule=("shopping",), longest_pass_h=24)
    assert may_be_approved_by_rule(rules, "resident", "shopping", (), 24)
    assert not may_be_approved_by_rule(rules, "resident", "work", (), 24)
    assert not may_be_approved_by_rule(rules, "resident", "shopping", ("red",), 24)
    assert not may_be_approved_by_rule(rules, "resident", "shopping", (), 25)
    assert not may_be_approved_by_rule(replace(rules, kinds=("goods",)), "resident", "shopping", (), 1)
