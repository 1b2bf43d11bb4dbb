"""Who is told what."""

from __future__ import annotations

import pytest

from server.core.needs.rules.lifecycle import State
from server.core.notices import rules
from server.core.notices.rules import NoticeKind


def test_every_notice_reads_in_both_languages() -> None:
    assert set(rules.TEXTS) == set(NoticeKind)
    assert all(zh and en and zh != en for zh, en in rules.TEXTS.values())


def test_what_is_told_of_a_need_is_told_of_states_that_exist() -> None:
    told = {state for state in State if rules.of_need(state, "unresponsive")}
    assert {State.SOURCING, State.SCHEDULED, State.DROPPED, State.UNREACHABLE, State.CANCELLED} <= told
    assert not told & {State.SUBMITTED, State.TRIAGED, State.OFFERED, State.ACCEPTED, State.CONFIRMED}


@pytest.mark.parametrize("why", [None, "done"])
def test_a_need_that_ended_well_closes_without_a_word(why: str | None) -> None:
    assert rules.of_need("closed", why) is None
    assert rules.of_need("closed", "unresponsive") is NoticeKind.NEED_CLOSED


def test_workers_hear_of_disputes_and_of_what_could_not_be_delivered() -> None:
    told = {state for state in State if rules.of_need_for_workers(state)}
    assert told == {State.DISPUTED, State.UNREACHABLE}


def test_a_courier_hears_of_a_new_route_and_of_another_one_but_not_of_loading() -> None:
    assert rules.of_route("released") is NoticeKind.ROUTE_RELEASED
    assert rules.of_route("planned_anew") is NoticeKind.ROUTE_CHANGED
    assert rules.of_route("loaded") is None


def test_a_notice_of_another_release_is_shown_by_its_name() -> None:
    assert rules.text_of("need_teleported", in_english=True) == "need_teleported"
    assert rules.text_of("need_dropped", in_english=True).startswith("Your goods are there")
