"""What is said to help does, when it is made; what does not help is not said."""

from __future__ import annotations

from dataclasses import replace

from small_yard import planned, stop, walker, with_lane, yard

from dispatch.helping import what_would_help
from dispatch.plan import Cost


def test_one_more_courier_in_the_right_hour_serves_the_rest() -> None:
    problem = yard(*(stop(f"s{n}", service_s=900) for n in range(5)))
    plan = planned(problem)
    assert len(plan.unserved) == 2
    best = what_would_help(problem, plan)[0]
    assert best.change == {"add": "walk", "from_s": 0, "until_s": 3600}
    assert best.serves_more == 2


def test_a_lane_worth_reopening_is_named_with_the_seconds_it_saves() -> None:
    open_ = yard(stop("a", "door2", service_s=10))
    by_hand = with_lane(open_, "mid-far", is_open=False)
    # The way round: a new lane three times as long.
    lanes = (*by_hand.lanes, replace(by_hand.lanes[1], id="round", length_m=300, is_open=True))
    problem = replace(by_hand, lanes=lanes)
    helps = what_would_help(problem, planned(problem))
    assert [(one.change, one.saves_s) for one in helps] == [({"reopen": "mid-far"}, 400)]


def test_where_nothing_is_missing_nothing_is_named() -> None:
    problem = yard(stop())
    assert what_would_help(problem, planned(problem)) == []


def test_who_stops_first_is_asked_to_stay() -> None:
    problem = yard(stop("a"), stop("b", "door2"), vehicles=(walker(shift_end_s=320),))
    helps = what_would_help(problem, planned(problem))
    assert {"lengthen_shift": "walker", "minutes": 30} in [one.change for one in helps]


def test_of_a_plan_by_others_only_the_routes_are_taken() -> None:
    problem = yard(*(stop(f"s{n}", service_s=900) for n in range(5)))
    plan = planned(problem)
    # Says to serve all and to cost nothing.
    boast = replace(plan, digest="", unserved=(), cost=Cost())
    assert what_would_help(problem, boast)[0].serves_more == 2
