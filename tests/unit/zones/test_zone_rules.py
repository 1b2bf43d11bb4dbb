"""Groups of rows, spans of zones, steps of lists: each rule both ways, no table and no clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from server.kit.errors import Conflict, Forbidden, Refused
from server.modules.zones.rules import lifecycle
from server.modules.zones.rules.dates import Run
from server.modules.zones.rules.lifecycle import RowState
from server.modules.zones.rules.sorting import Entry, sort_rows
from server.modules.zones.rules.standing import Span, Standing, spans, strictest
from server.modules.zones.rules.structure import Doubt, Level, Unclear, Within
from tests.factories.zone_texts import compound, door_id

TODAY = date(2022, 11, 21)
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2022, 11, 21, 9, 0, tzinfo=UTC)
HERE = compound(buildings=3, doors=2)
ONE, TWO = door_id(1, 1), door_id(1, 2)


def group(text: str, run: Run | None = None, **more: object) -> RowState:
    [found] = sort_rows([Entry(text, Level.HIGH, run, **more)], HERE, today=TODAY)
    return found.state


def test_a_row_is_in_exactly_the_group_it_belongs_to() -> None:
    over, ours = Run(date(2022, 11, 1), date(2022, 11, 20)), Run(date(2022, 11, 1), TODAY)
    assert group("梧桐里1号楼") is RowState.UNDERSTOOD
    assert group("梧桐里1号楼", ours) is RowState.UNDERSTOOD
    assert group("梧桐里1号楼", over) is RowState.OVER
    assert group("桂花园1号楼", over) is RowState.ELSEWHERE
    assert group("梧桐里9号楼") is RowState.REVIEW
    assert group("梧桐里1号楼旁平房") is RowState.REVIEW
    assert group("桂花园1号楼旁平房") is RowState.ELSEWHERE
    assert group("梧桐里1号楼", doubts=(Doubt(Unclear.LEVEL, "?"),)) is RowState.REVIEW
    assert group("桂花园1号楼", doubts=(Doubt(Unclear.LEVEL, "?"),)) is RowState.ELSEWHERE


def test_what_a_person_decided_stays_even_if_its_days_have_passed() -> None:
    over = Run(date(2022, 11, 1), date(2022, 11, 20))
    assert group("梧桐里9号楼", over, by_hand=frozenset([ONE])) is RowState.SETTLED
    assert group("梧桐里1号楼", is_dismissed=True) is RowState.DISMISSED


def test_a_level_is_subtracted_only_where_it_holds_all_the_days() -> None:
    def low(high: Run | None, other: Run | None) -> RowState:
        rows = [Entry("梧桐里1号楼", Level.HIGH, high), Entry("梧桐里除高风险区外", Level.LOW, other)]
        return sort_rows(rows, HERE, today=TODAY)[1].state

    short, long = Run(TODAY, date(2022, 11, 23)), Run(TODAY, date(2022, 11, 28))
    assert low(None, None) is low(long, long) is low(long, short) is RowState.UNDERSTOOD
    assert low(short, long) is RowState.REVIEW
    assert low(None, short) is RowState.UNDERSTOOD


def test_an_ended_row_takes_nothing_away() -> None:
    over = Run(date(2022, 11, 1), date(2022, 11, 20))
    rows = [Entry("梧桐里1号楼", Level.HIGH, over), Entry("梧桐里除高风险区外", Level.LOW)]
    found = sort_rows(rows, HERE, today=TODAY)
    assert [doubt.why for doubt in found[1].doubts] == [Unclear.NO_SUCH_LEVEL]


def test_columns_say_where_a_row_is() -> None:
    assert group("梧桐里1号楼", within=Within("", "青石街", is_sure=True)) is RowState.UNDERSTOOD
    assert group("梧桐里1号楼", within=Within("西青区", "", is_sure=True)) is RowState.REVIEW


def made(*rows: Standing, until: date = date(2022, 11, 27)) -> list[Span]:
    return spans(rows, until, now=NOW, zone=SHANGHAI)


def test_a_day_ends_at_the_compounds_midnight() -> None:
    [span] = made(Standing(frozenset([ONE]), Level.HIGH, Run(None, date(2022, 11, 22))))
    assert (span.from_at, span.until_at) == (NOW, datetime(2022, 11, 22, 16, 0, tzinfo=UTC))


def test_no_row_outlives_the_list_and_none_begins_in_the_past() -> None:
    run = Run(date(2022, 11, 1), date(2022, 12, 30))
    [span] = made(Standing(frozenset([ONE]), Level.HIGH, run))
    assert (span.from_at, span.until_at) == (NOW, datetime(2022, 11, 27, 16, 0, tzinfo=UTC))
    assert made(Standing(frozenset([ONE]), Level.HIGH, Run(date(2022, 11, 28), None))) == []


def test_what_touches_is_one_zone_and_what_does_not_is_two() -> None:
    def row(first: int, last: int, level: Level = Level.HIGH) -> Standing:
        return Standing(frozenset([ONE]), level, Run(date(2022, 11, first), date(2022, 11, last)))

    assert len(made(row(22, 23), row(24, 25))) == 1
    assert len(made(row(22, 23), row(23, 25), row(22, 22))) == 1
    assert len(made(row(22, 23), row(25, 26))) == 2
    assert len(made(row(22, 23), row(22, 23, Level.MID))) == 2


def test_the_strictest_level_is_shown() -> None:
    assert strictest(["low", "high", "mid"]) is Level.HIGH
    assert strictest(["low", "mid", "managed"]) is Level.MANAGED


def confirm(**changed: object) -> None:
    values: dict[str, object] = {
        "states": ["understood", "settled", "elsewhere"],
        "door_count": 1,
        "reason": "a case",
        "legal_basis": "article 42",
        "until_on": TODAY,
        "today": TODAY,
        **changed,
    }
    lifecycle.check_confirmation(**values)


@pytest.mark.parametrize(
    "changed",
    [
        {"states": ["understood", "review"]},
        {"door_count": 0},
        {"reason": " "},
        {"legal_basis": ""},
        {"until_on": TODAY - timedelta(days=1)},
        {"until_on": TODAY + timedelta(days=60)},
    ],
)
def test_a_list_is_proposed_only_when_all_is_there(changed: dict[str, object]) -> None:
    confirm()
    confirm(until_on=TODAY + timedelta(days=59))
    with pytest.raises(Refused):
        confirm(**changed)


def test_whoever_had_a_hand_in_it_is_no_second_person() -> None:
    first, other = uuid4(), uuid4()
    lifecycle.check_second(other, [first])
    for approver in (first, None):
        with pytest.raises(Forbidden):
            lifecycle.check_second(approver, [first, UUID(int=1)])


def test_steps_lead_where_they_say_and_nowhere_else() -> None:
    for step, (before, after) in lifecycle.STEPS.items():
        for state in lifecycle.ListState:
            if state is before:
                assert lifecycle.check_step(step, state) is after
            else:
                with pytest.raises(Conflict):
                    lifecycle.check_step(step, state)
