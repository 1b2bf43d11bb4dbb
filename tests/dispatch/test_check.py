"""The checker finds every kind of mistake: a valid plan is spoilt in one way at a time."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from small_yard import cart, planned, stop, walker, with_lane, yard

from dispatch import Plan, Problem, check
from dispatch.plan import Route, Unserved, Visit
from dispatch.problem import StandingPoint

PROBLEM = yard(
    stop("green", "door2", windows=((0, 1500),)),
    stop("red", "door1", is_red=True),
    stop("impossible", skills=frozenset({"flying"})),
    vehicles=(walker(), cart()),
)


@pytest.fixture(scope="module")
def good() -> Plan:
    plan = planned(PROBLEM)
    assert [route.vehicle for route in plan.routes] == ["cart"]
    assert [visit.stop for visit in plan.routes[0].visits] == ["green", "red"]
    return plan


def with_route(plan: Plan, **changes: Any) -> Plan:
    return replace(plan, routes=(replace(plan.routes[0], **changes),))


def with_visit(plan: Plan, number: int, **changes: Any) -> Plan:
    visits = list(plan.routes[0].visits)
    visits[number] = replace(visits[number], **changes)
    return with_route(plan, visits=tuple(visits))


def for_problem(plan: Plan, problem: Problem) -> Plan:
    """Return the plan as if it had been made for another problem: the world has changed since."""
    return replace(plan, digest=problem.digest())


def codes(problem: Problem, plan: Plan) -> set[str]:
    return {violation.code for violation in check(problem, plan)}


SPOILT: dict[str, Callable[[Plan], Plan]] = {
    "plan_of_another_problem": lambda plan: replace(plan, digest="0" * 64),
    "stop_missing": lambda plan: replace(plan, unserved=()),
    "stop_twice": lambda plan: replace(plan, unserved=(*plan.unserved, Unserved("red", "no_time_left"))),
    "unknown_stop": lambda plan: replace(plan, unserved=(*plan.unserved, Unserved("ghost", "no_time_left"))),
    "unserved_without_reason": lambda plan: replace(plan, unserved=(Unserved("impossible", ""),)),
    "unknown_vehicle": lambda plan: with_route(plan, vehicle="ghost"),
    "vehicle_twice": lambda plan: replace(plan, routes=(*plan.routes, Route("cart", (), 0, 0))),
    "outside_shift": lambda plan: with_route(plan, end_s=3601),
    "too_fast": lambda plan: with_visit(plan, 1, arrive_s=plan.routes[0].visits[0].depart_s),
    "green_after_red": lambda plan: with_route(plan, visits=plan.routes[0].visits[::-1]),
    "starts_before_arrival": lambda plan: with_visit(plan, 0, start_s=plan.routes[0].visits[0].arrive_s - 1),
    "outside_window": lambda plan: with_visit(plan, 0, start_s=1501, depart_s=1700),
    "service_too_short": lambda plan: with_visit(plan, 1, depart_s=plan.routes[0].visits[1].depart_s - 1),
    "walk_too_short": lambda plan: with_visit(plan, 0, walk_s=39),
    "no_standing_point": lambda plan: with_visit(plan, 0, halt_node="gate"),
    "no_way": lambda plan: with_visit(plan, 0, halt_node="door2"),
    "skill_missing": lambda plan: with_route(
        replace(plan, unserved=()),
        visits=(*plan.routes[0].visits, Visit("impossible", "mid", 2000, 2000, 2200, 40)),
    ),
    "wrong_cost": lambda plan: replace(plan, cost=replace(plan.cost, travel_s=plan.cost.travel_s - 1)),
}


def test_the_plan_to_be_spoilt_is_good(good: Plan) -> None:
    assert check(PROBLEM, good) == []


@pytest.mark.parametrize("code", SPOILT)
def test_the_checker_finds(code: str, good: Plan) -> None:
    assert code in codes(PROBLEM, SPOILT[code](good))


def test_the_walkers_halt_is_the_stops_own_node() -> None:
    problem = yard(stop())
    assert codes(problem, with_visit(planned(problem), 0, halt_node="mid")) >= {"wrong_place"}


def test_a_walk_of_less_than_nothing_does_not_shorten_a_walkers_service() -> None:
    problem = yard(stop())
    plan = planned(problem)
    depart_s, end_s = plan.routes[0].visits[0].depart_s, plan.routes[0].end_s
    hasty = with_route(with_visit(plan, 0, walk_s=-50, depart_s=depart_s - 50), end_s=end_s - 50)
    hasty = replace(hasty, cost=replace(plan.cost, walk_s=-50))
    assert codes(problem, hasty) == {"walk_out_of_nowhere"}


CHANGED: dict[str, tuple[str, Problem]] = {
    "a lane closes": ("no_way", with_lane(PROBLEM, "mid-far", is_open=False)),
    "a lane is unmarked": ("no_way", with_lane(PROBLEM, "gate-mid", is_fire_lane=False)),
    "a lane is narrowed": ("no_way", with_lane(PROBLEM, "mid-far", width_cm=119)),
    "steps are found on a lane": ("no_way", with_lane(PROBLEM, "mid-far", steps=1)),
    "a lane is longer than thought": ("too_fast", with_lane(PROBLEM, "mid-far", length_m=150)),
    "the path is closed": ("walk_too_short", with_lane(PROBLEM, "path2", is_open=False)),
    "the path is narrow": ("walk_too_short", with_lane(PROBLEM, "path2", width_cm=59)),
    "the walk may be shorter only": ("walk_too_far", replace(PROBLEM, max_walk_m=18)),
    "a standing point is moved": (
        "no_standing_point",
        replace(PROBLEM, standing_points=(StandingPoint("p", "mid"),)),
    ),
    "a standing point is narrow": (
        "no_standing_point",
        replace(
            PROBLEM,
            standing_points=(StandingPoint("p", "mid", width_cm=100), StandingPoint("q", "far")),
        ),
    ),
    "the cart is smaller": ("overloaded", replace(PROBLEM, vehicles=(walker(), cart(load_g=1999)))),
    "the bags are larger": ("overloaded", replace(PROBLEM, vehicles=(walker(), cart(volume_ml=1999)))),
    "fewer parcels fit": ("overloaded", replace(PROBLEM, vehicles=(walker(), cart(parcels=1)))),
    "the shift is shorter": ("outside_shift", replace(PROBLEM, vehicles=(walker(), cart(shift_end_s=60)))),
    "nobody may be out so long": (
        "route_too_long",
        replace(PROBLEM, vehicles=(walker(), cart(max_route_s=60))),
    ),
    "the cart has left": ("goods_at_the_depot", replace(PROBLEM, vehicles=(walker(), cart(has_left=True)))),
    "the cart was at a red home": (
        "green_after_red",
        replace(PROBLEM, vehicles=(walker(), cart(has_been_red=True))),
    ),
    "the goods are on another cart": (
        "goods_elsewhere",
        replace(PROBLEM, stops=(replace(PROBLEM.stops[0], only_vehicle="walker"), *PROBLEM.stops[1:])),
    ),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_plan_overtaken_by_events_is_found_when(what: str, good: Plan) -> None:
    code, problem = CHANGED[what]
    assert code in codes(problem, for_problem(good, problem))


def test_a_one_way_street_driven_backwards_is_found() -> None:
    problem = yard(stop())
    plan = planned(problem)
    rider = replace(
        with_lane(problem, "gate-mid", is_oneway=True),
        profiles=tuple(replace(profile, obeys_oneway=True) for profile in problem.profiles),
    )
    assert codes(rider, for_problem(plan, rider)) == {"no_way"}


def test_a_violation_says_where_and_how_much(good: Plan) -> None:
    smaller = replace(PROBLEM, vehicles=(walker(), cart(load_g=1999)))
    found = check(smaller, for_problem(good, smaller))
    assert [(v.route, v.facts) for v in found] == [
        ("cart", {"what": "load_g", "carries": 2000, "holds": 1999})
    ]


def test_the_checker_imports_nothing_that_searches() -> None:
    folder = Path(str(sys.modules["dispatch.check"].__file__)).parent
    trees = [ast.parse(file.read_text()) for file in folder.glob("*.py")]
    imported = {node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    others = {name for name in imported if name and name.startswith("dispatch") and "check" not in name}
    assert others == {
        "dispatch.plan", "dispatch.problem", "dispatch.baskets", "dispatch.gates.plan", "dispatch.gates.problem",
    }  # fmt: skip
