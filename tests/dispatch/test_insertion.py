"""What still fits is not left out."""

from __future__ import annotations

import time
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from small_yard import orders, reasons, stop, walker, yard
from test_solve import problems

from dispatch import Limits, Plan, Problem, check, solve
from dispatch.assembly import assemble
from dispatch.baseline import baseline
from dispatch.bench.compound import compound
from dispatch.engines import insertion
from dispatch.problem import Weights
from dispatch.reach import reaches
from dispatch.rules.shifts import has_shift
from dispatch.together import doubled


def completed(problem: Problem, orders_: dict[str, list[int]]) -> Plan:
    whole = doubled(problem).problem
    reach = reaches(whole)
    working = [(i, v) for i, v in enumerate(problem.vehicles) if has_shift(v, problem.horizon_s)]
    full = insertion.complete(whole, reach, working, orders_, time.perf_counter() + 5)
    plan = assemble(problem, reach, working, full, "by hand", 0.0)
    assert check(problem, plan) == []
    return plan


def orders_of(problem: Problem, plan: Plan) -> dict[str, list[int]]:
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    return {route.vehicle: [number[visit.stop] for visit in route.visits] for route in plan.routes}


def test_a_stop_on_the_way_is_put_between_the_others() -> None:
    # The last one's window forbids going there and back first.
    problem = yard(stop("near"), stop("far", "door2", windows=((0, 400),)))
    assert orders(completed(problem, {"walker": [1]})) == {"walker": ["near", "far"]}


def test_a_green_stop_is_put_before_the_red_one_and_a_red_one_after_the_green() -> None:
    problem = yard(stop("red", is_red=True), stop("green", "door2"))
    assert orders(completed(problem, {"walker": [0]})) == {"walker": ["green", "red"]}
    assert orders(completed(problem, {"walker": [1]})) == {"walker": ["green", "red"]}


def test_of_two_stops_for_one_place_the_weightier_gets_it() -> None:
    stops = (stop("later", priority=2), stop("guaranteed", priority=0))
    plan = completed(yard(*stops, vehicles=(walker(parcels=1),)), {})
    assert orders(plan) == {"walker": ["guaranteed"]}
    assert reasons(plan) == {"later": "no_capacity_left"}


def test_an_order_that_cannot_be_walked_is_begun_anew() -> None:
    problem = yard(stop("a", windows=((0, 130),)), stop("b", "door2", windows=((0, 300),)))
    assert orders(completed(problem, {"walker": [1, 0]})) == {"walker": ["a"]}


def test_somebody_else_goes_out_only_where_the_way_saved_is_worth_it() -> None:
    # The way on to the second door and back from there: 240 s; who lives there has none.
    couriers = (walker("out"), walker("at home", start_node="door2", end_node="door2"))
    for vehicle_s, expected in ((239, ["at home", "out"]), (241, ["out"])):
        problem = yard(stop("a"), stop("b", "door2"), vehicles=couriers, weights=Weights(vehicle_s=vehicle_s))
        assert sorted(orders(completed(problem, {"out": [0]}))) == expected


def test_a_neighbour_is_served_however_low_the_price_of_leaving_them_out() -> None:
    assert reasons(solve(yard(stop(priority=10**9)), Limits(0.1))) == {}


def test_a_search_cut_short_leaves_out_nothing_that_would_fit() -> None:
    wide = compound(330, couriers=12, carts=1)
    vehicles = tuple(
        replace(v, parcels=40, load_g=10**6, volume_ml=10**7, shift_end_s=5400) for v in wide.vehicles
    )
    problem = replace(wide, vehicles=vehicles)
    plan = solve(problem, Limits(0.5))
    assert check(problem, plan) == []
    assert plan.unserved
    assert completed(problem, orders_of(problem, plan)).served == plan.served


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_completing_serves_no_fewer_and_keeps_every_rule(problem: Problem) -> None:
    plain = baseline(problem)
    plan = completed(problem, orders_of(problem, plain))
    assert plan.served >= plain.served
