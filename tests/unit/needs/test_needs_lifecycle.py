"""The life of a need."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.needs.rules.kinds import Flow
from server.core.needs.rules.lifecycle import (
    ARCS,
    OWNED,
    TERMINAL,
    WAITING,
    Party,
    State,
    Step,
    next_state,
    state_of_need,
    step_to,
)
from server.kit.errors import Conflict, Forbidden

LINE_STATES = [state for state in State if state is not State.PARTIAL]


def walk(flow: Flow, *steps: tuple[Step, Party]) -> State:
    state = State.SUBMITTED
    for step, by in steps:
        state = next_state(state, step, flow, by)
    return state


def test_goods_go_from_the_shop_over_the_gate_to_the_door() -> None:
    assert (
        walk(
            Flow.GOODS,
            (Step.TRIAGE, Party.SYSTEM),
            (Step.OFFER, Party.SYSTEM),
            (Step.ACCEPT, Party.SERVER),
            (Step.SOURCE, Party.SERVER),
            (Step.ARRIVE, Party.DELIVERY),
            (Step.BATCH, Party.DELIVERY),
            (Step.DROP, Party.DELIVERY),
            (Step.CONFIRM, Party.HOME),
            (Step.CLOSE, Party.SYSTEM),
        )
        is State.CLOSED
    )


def test_a_service_is_scheduled_and_visited_and_never_at_the_gate() -> None:
    scheduled = walk(
        Flow.SERVICE,
        (Step.TRIAGE, Party.SYSTEM),
        (Step.OFFER, Party.SYSTEM),
        (Step.ACCEPT, Party.SERVER),
        (Step.SCHEDULE, Party.SERVER),
    )
    assert scheduled is State.SCHEDULED
    with pytest.raises(Conflict, match=r"needs\.not_now"):
        next_state(scheduled, Step.ARRIVE, Flow.SERVICE, Party.DELIVERY)
    assert next_state(scheduled, Step.VISIT, Flow.SERVICE, Party.SERVER) is State.VISITED


def test_what_is_at_the_gate_cannot_be_cancelled_any_more() -> None:
    with pytest.raises(Conflict, match=r"needs\.not_now"):
        next_state(State.AT_GATE, Step.CANCEL, Flow.GOODS, Party.HOME)


def test_a_courier_cannot_confirm_in_the_homes_place() -> None:
    with pytest.raises(Forbidden, match=r"needs\.not_yours_to_do"):
        next_state(State.DROPPED, Step.CONFIRM, Flow.GOODS, Party.SERVER)


def test_a_home_cannot_accept_its_own_need() -> None:
    with pytest.raises(Forbidden):
        next_state(State.OFFERED, Step.ACCEPT, Flow.SERVICE, Party.HOME)


def test_an_undone_drop_is_with_the_courier_again() -> None:
    assert next_state(State.DROPPED, Step.UNDO, Flow.GOODS, Party.DELIVERY) is State.BATCHED


def test_a_failed_drop_goes_back_to_the_shelf_for_the_next_wave() -> None:
    failed = next_state(State.BATCHED, Step.FAIL, Flow.GOODS, Party.DELIVERY)
    assert failed is State.UNREACHABLE
    assert step_to(failed, State.AT_GATE, Flow.GOODS, Party.DELIVERY) in (Step.ARRIVE, Step.UNBATCH)


def test_nothing_leaves_a_closed_or_cancelled_line() -> None:
    assert not [arc for arc in ARCS if arc.sources & TERMINAL]


@pytest.mark.parametrize("flow", list(Flow))
def test_every_state_that_can_be_reached_can_reach_an_end(flow: Flow) -> None:
    arcs = [(source, arc.target) for arc in ARCS if flow in arc.flows for source in arc.sources]
    reached, ends = {State.SUBMITTED}, set(TERMINAL)
    for _ in State:
        reached |= {target for source, target in arcs if source in reached}
        ends |= {source for source, target in arcs if target in ends}
    assert reached <= ends


def test_every_line_state_either_waits_is_owned_or_is_over() -> None:
    assert set(LINE_STATES) == WAITING | OWNED | TERMINAL
    for one, other in itertools.combinations((WAITING, OWNED, TERMINAL), 2):
        assert not one & other


@given(
    st.sampled_from(LINE_STATES),
    st.sampled_from(list(Step)),
    st.sampled_from(list(Flow)),
    st.sampled_from(list(Party)),
)
def test_a_step_is_legal_or_refused_with_a_code_and_never_anything_else(
    state: State, step: Step, flow: Flow, by: Party
) -> None:
    try:
        target = next_state(state, step, flow, by)
    except (Conflict, Forbidden) as refused:
        assert refused.code in ("needs.not_now", "needs.not_yours_to_do")
    else:
        assert step_to(state, target, flow, by) in Step


def test_a_need_is_where_its_least_advanced_line_is() -> None:
    assert state_of_need([State.AT_GATE, State.DROPPED]) is State.AT_GATE


def test_a_need_with_one_owned_and_one_waiting_line_is_partial() -> None:
    assert state_of_need([State.SOURCING, State.TRIAGED]) is State.PARTIAL


def test_lines_that_are_over_do_not_hold_a_need_back() -> None:
    assert state_of_need([State.CLOSED, State.DROPPED]) is State.DROPPED
    assert state_of_need([State.CLOSED, State.CANCELLED]) is State.CLOSED
    assert state_of_need([State.CANCELLED]) is State.CANCELLED


@given(st.lists(st.sampled_from(LINE_STATES), min_size=1, max_size=8))
def test_a_needs_state_does_not_depend_on_the_order_of_its_lines(lines: list[State]) -> None:
    assert state_of_need(lines) is state_of_need(list(reversed(lines)))
    assert (state_of_need(lines) in TERMINAL) == (set(lines) <= TERMINAL)
