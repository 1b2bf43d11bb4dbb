"""Before and after a change of the rules, on recorded exits."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from server.modules.gate.rules.leaving import Exit, Quota, Rules
from server.modules.gate.rules.replay import RecordedExit, replay

HOME = UUID(int=9)
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


def went(day: int, purpose: str = "shopping", **more: bool) -> RecordedExit:
    leaving = Exit(MONDAY + timedelta(days=day), None, "resident", purpose)
    return RecordedExit(HOME, leaving, **{"was_let_out": True, **more})


def test_one_exit_in_two_days_would_have_stopped_every_second_one() -> None:
    effect = replay(Rules(quota=Quota(1, 2)), [went(day) for day in range(6)])
    assert (effect.exits, effect.let_out, effect.would_be_let_out, effect.stopped) == (6, 6, 3, 3)
    assert effect.stopped_by == {"quota": 3}


def test_the_order_in_which_exits_are_read_does_not_matter() -> None:
    exits = [went(day) for day in range(5)]
    assert replay(Rules(quota=Quota(1, 3)), exits) == replay(Rules(quota=Quota(1, 3)), exits[::-1])


def test_what_was_refused_under_an_old_rule_is_freed_by_a_new_one() -> None:
    effect = replay(Rules(), [went(0, was_let_out=False)])
    assert (effect.stopped, effect.freed) == (0, 1)


def test_a_forged_code_is_freed_by_no_rule_and_an_override_is_stopped_by_none() -> None:
    forged = RecordedExit(HOME, went(0).leaving, was_let_out=False, other_reasons=frozenset({"forged"}))
    effect = replay(Rules(hours=((0, 1),)), [forged, went(1, was_override=True)])
    assert (effect.would_be_let_out, effect.stopped, effect.freed) == (1, 0, 0)


def test_medical_exits_count_against_nobody() -> None:
    effect = replay(Rules(quota=Quota(1, 7)), [went(0, "medical"), went(1, "medical"), went(2)])
    assert effect.stopped == 0
