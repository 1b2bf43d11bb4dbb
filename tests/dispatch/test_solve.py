"""Whatever the problem, there is a plan, in time, and the checker has nothing against it."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_yard import CART, QUICK, WALK, cart, orders, planned, reasons, stop, walker, with_lane, yard

from dispatch import Limits, Plan, Problem, check, solve
from dispatch.assembly import assemble
from dispatch.baseline import baseline
from dispatch.bench.compound import compound, with_all_rules
from dispatch.problem import Break, Lane, Node, Promise, Shelf, StandingPoint, Stop, Vehicle
from dispatch.reach import reaches
from dispatch.together import doubled


def test_a_wave_without_stops_has_no_routes() -> None:
    plan = planned(yard())
    assert (plan.routes, plan.unserved, plan.cost.total) == ((), (), 0)
    assert plan.unused_vehicles == (("walker", "not_needed"),)


def test_a_wave_without_couriers_serves_nobody_and_says_why() -> None:
    assert reasons(planned(yard(stop(), vehicles=()))) == {"s1": "no_shift"}


def test_stops_that_no_lane_leads_to_are_unreachable() -> None:
    plan = planned(with_lane(yard(stop("a"), stop("b", "door2")), "gate-mid", is_open=False))
    assert reasons(plan) == {"a": "unreachable", "b": "unreachable"}


def test_a_network_of_one_node_is_enough() -> None:
    problem = Problem(
        (Node("gate", 0, 0),), (), (WALK,), (walker(),), (stop("a", "gate"), stop("b", "gate")), 3600
    )
    assert planned(problem).served == 2


def test_a_load_that_nobody_can_carry_is_too_heavy() -> None:
    assert reasons(planned(yard(stop(load_g=20_001)))) == {"s1": "too_heavy"}


def test_more_than_the_time_of_all_couriers_leaves_the_rest_with_no_time() -> None:
    plan = planned(yard(*(stop(f"s{n}", service_s=900) for n in range(5))))
    assert plan.served == 3
    assert set(reasons(plan).values()) == {"no_time_left"}


def test_the_smallest_change_is_said_where_it_is_known() -> None:
    plan = planned(yard(stop(windows=((0, 100),))))
    assert plan.unserved[0].change == {"serve_at_s": 120}


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_a_search_without_an_end_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="time limit"):
        Limits(seconds)


def test_a_limit_too_short_for_reading_the_wave_still_gives_a_plan() -> None:
    problem = with_all_rules(compound(150))
    plan = solve(problem, Limits(0.001))
    assert check(problem, plan) == []
    assert plan.served > 140


def test_the_same_rounds_give_the_same_plan() -> None:
    problem = with_all_rules(compound(60))
    first, second = (solve(problem, Limits(rounds=3000)) for _ in range(2))
    assert replace(first, seconds=0) == replace(second, seconds=0)


def test_a_search_that_is_cancelled_ends_with_what_it_has() -> None:
    problem = compound(200)
    began = time.perf_counter()
    plan = solve(problem, Limits(60, is_patient=True, is_cancelled=lambda: True))
    assert time.perf_counter() - began < 20
    assert check(problem, plan) == []


def test_a_search_that_breaks_leaves_the_rule_of_thumb(monkeypatch: pytest.MonkeyPatch) -> None:
    def out_of_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("dispatch.engines.sisr.begin", out_of_memory)
    plan = planned(yard(stop("a"), stop("b", "door2")))
    assert (plan.engine, plan.served) == ("nearest", 2)


def test_a_plan_survives_its_journey_as_json() -> None:
    problem = yard(stop(), stop("far away", skills=frozenset({"flying"})))
    plan = planned(problem)
    assert Plan.from_json(plan.to_json()) == plan
    again = Problem.from_json(problem.to_json())
    assert again == problem
    assert again.digest() == plan.digest


def test_a_new_wave_begins_from_where_the_old_one_stands() -> None:
    first = planned(yard(stop("a"), stop("b", "door2"), vehicles=(cart(),)))
    assert first.served == 2
    under_way = yard(
        stop("b", "door2", only_vehicle="cart"),
        vehicles=(cart(start_node="mid", shift_start_s=300, has_left=True), walker()),
    )
    plan = solve(under_way, QUICK, start=first)
    assert check(under_way, plan) == []
    assert orders(plan) == {"cart": ["b"]}
    assert plan.routes[0].begin_s >= 300


def test_a_plan_to_begin_from_that_has_become_impossible_does_no_harm() -> None:
    problem = yard(stop("a"), stop("b", "door2"))
    first = planned(problem)
    closed = with_lane(problem, "mid-far", is_open=False)
    plan = solve(closed, QUICK, start=first)
    assert check(closed, plan) == []
    assert orders(plan) == {"walker": ["a"]}


def test_the_same_problem_gives_the_same_plan() -> None:
    problem = compound(9, seed=3)
    first, second = (solve(problem, Limits(1.0)) for _ in range(2))
    assert first.cost == second.cost


@pytest.mark.parametrize("stops", [60, 180])
def test_the_search_beats_the_rule_of_thumb(stops: int) -> None:
    problem = compound(stops)
    plan, plain = solve(problem, Limits(2.0)), baseline(problem)
    assert check(problem, plan) == []
    assert check(problem, plain) == []
    assert plan.cost.total < plain.cost.total


def test_a_thousand_stops_are_planned_within_the_limit() -> None:
    problem = compound(1000)
    began = time.monotonic()
    plan = solve(problem, Limits(4.0))
    # Reading the lanes, explaining what is left and a busy machine come on top of the search.
    assert time.monotonic() - began < 4.0 + 4.0
    assert check(problem, plan) == []
    assert plan.served > 500


def test_a_moment_is_enough_for_some_plan() -> None:
    problem = compound(140)
    plan = solve(problem, Limits(0.02))
    assert check(problem, plan) == []
    assert plan.served > 70


WINDOWS = st.one_of(
    st.just(()),
    st.tuples(st.tuples(st.integers(0, 3000), st.integers(0, 4000)).map(lambda w: (min(w), max(w)))),
)


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Draw a small and often impossible wave: broken lanes, odd shifts, heavy loads, isolation, skills."""
    count = draw(st.integers(2, 8))
    nodes = tuple(Node(f"n{i}", i * 40.0, 0.0) for i in range(count))
    any_node = st.sampled_from([node.id for node in nodes])
    lanes = tuple(
        Lane(
            f"l{i}",
            draw(any_node),
            draw(any_node),
            draw(st.integers(0, 300)) / 2,
            draw(st.sampled_from([50, 100, 200])),
            is_fire_lane=draw(st.booleans()),
            is_oneway=draw(st.booleans()),
            steps=draw(st.sampled_from([0, 0, 5])),
            is_open=draw(st.integers(0, 5)) > 0,
        )
        for i in range(draw(st.integers(count - 1, 14)))
    )
    points = tuple(StandingPoint(f"p{i}", draw(any_node)) for i in range(draw(st.integers(0, 4))))
    vehicles = tuple(_vehicle(draw, f"v{i}", any_node) for i in range(draw(st.integers(0, 3))))
    ids = [None, None, *(vehicle.id for vehicle in vehicles)]
    stops = [_stop(draw, f"s{i}", any_node, ids) for i in range(draw(st.integers(0, 7)))]
    for i in range(draw(st.integers(0, 2))):
        stops += _pair(draw, f"p{i}", any_node)
    profiles = (
        replace(WALK, obeys_oneway=draw(st.booleans())),
        replace(CART, fails_percent=draw(st.integers(0, 40))),
    )
    return Problem(
        nodes,
        lanes,
        profiles,
        vehicles,
        tuple(stops),
        3600,
        points,
        shelves=(Shelf("shelf", draw(st.integers(1, 6)), draw(st.integers(1, 3))),),
        floor_s=draw(st.integers(0, 15)),
        parcel_s=draw(st.integers(0, 20)),
        call_interval_s=draw(st.sampled_from([300, 600])),
        fair_work_s=draw(st.one_of(st.none(), st.integers(0, 2000))),
    )


def _pair(draw: st.DrawFn, name: str, any_node: st.SearchStrategy[str]) -> list[Stop]:
    """Goods to be picked up somewhere and brought to somebody."""
    load_g, is_red = draw(st.integers(0, 3)) * 1000, draw(st.booleans())
    pickup = Stop(
        f"{name}-from", draw(any_node), "pickup", load_g=load_g, is_red=is_red, windows=draw(WINDOWS)
    )
    drop = Stop(
        f"{name}-to",
        draw(any_node),
        load_g=load_g,
        is_red=is_red,
        goods_from=pickup.id,
        windows=draw(WINDOWS),
    )
    return [drop, pickup] if draw(st.booleans()) else [pickup, drop]


def only(problem: Problem, stops: tuple[Stop, ...], vehicles: tuple[Vehicle, ...]) -> Problem:
    """Return the problem with some of its stops and vehicles; halves of pairs and names that are gone go too."""
    names, ids = {v.id for v in vehicles}, {s.id for s in stops}
    whole = {s.goods_from for s in stops if s.goods_from in ids}
    kept = [
        replace(
            s,
            only_by=s.only_by & names,
            not_by=s.not_by & names,
            promised=s.promised if s.promised and s.promised.vehicle in names else None,
        )
        for s in stops
        if s.only_vehicle in {None, *names}
        and (s.kind != "pickup" or s.id in whole)
        and (s.goods_from is None or s.goods_from in whole)
    ]
    return replace(problem, vehicles=vehicles, stops=tuple(kept))


def _vehicle(draw: st.DrawFn, name: str, any_node: st.SearchStrategy[str]) -> Vehicle:
    return Vehicle(
        name,
        draw(st.sampled_from(["walk", "cart"])),
        draw(any_node),
        draw(any_node),
        draw(st.integers(-100, 2000)),
        draw(st.integers(0, 5000)),
        draw(st.integers(0, 5)) * 1000,
        10_000,
        draw(st.integers(0, 5)),
        cold_ml=draw(st.integers(0, 2)) * 1000,
        skills=draw(st.sampled_from([frozenset(), frozenset({"medicine"})])),
        max_floors=draw(st.one_of(st.none(), st.integers(0, 10))),
        max_work_s=draw(st.one_of(st.none(), st.none(), st.integers(0, 2500))),
        work_before_s=draw(st.integers(0, 900)),
        breaks=draw(
            st.sampled_from([(), (), (Break(600, 900, 300),), (Break(0, 300, 60), Break(900, 1500, 200))])
        ),
        trips=draw(st.sampled_from([1, 1, 2, 3])),
        reload_s=draw(st.integers(0, 200)),
        disinfects=draw(st.booleans()),
        max_route_s=draw(st.one_of(st.none(), st.none(), st.integers(1, 1500))),
        has_left=draw(st.booleans()),
        has_been_red=draw(st.booleans()),
    )


def _stop(draw: st.DrawFn, name: str, any_node: st.SearchStrategy[str], vehicles: list[str | None]) -> Stop:
    named = [name for name in vehicles if name is not None]
    return Stop(
        name,
        draw(any_node),
        draw(st.sampled_from(["delivery", "visit"])),
        load_g=draw(st.integers(0, 3)) * 1000,
        parcels=draw(st.integers(0, 2)),
        service_s=draw(st.integers(0, 400)),
        door_s=draw(st.integers(0, 60)),
        windows=draw(WINDOWS),
        priority=draw(st.integers(0, 3)),
        due_s=draw(st.one_of(st.none(), st.integers(0, 2000))),
        skills=draw(st.sampled_from([frozenset(), frozenset(), frozenset({"medicine"})])),
        is_red=draw(st.booleans()),
        only_vehicle=draw(st.sampled_from(vehicles)),
        only_by=draw(st.sampled_from([frozenset(), frozenset(), frozenset(named)])),
        not_by=draw(st.sampled_from([frozenset(), frozenset(), frozenset(named[:1])])),
        cold_ml=draw(st.sampled_from([0, 0, 500])),
        floors=draw(st.integers(0, 6)),
        people=draw(st.sampled_from([1, 1, 1, 2])),
        shelf=draw(st.sampled_from([None, "shelf"])),
        depot=draw(st.sampled_from([None, None, "n0"])),
        promised=draw(st.sampled_from([None, *(Promise(name, 300) for name in named)])),
    )


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_every_plan_passes_the_independent_check(problem: Problem) -> None:
    plan = solve(problem, Limits(0.05))
    assert check(problem, plan) == []
    assert check(problem, Plan.from_json(plan.to_json())) == []
    plain = baseline(problem)
    assert check(problem, plain) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_every_plan_begun_from_an_older_one_passes_too(problem: Problem) -> None:
    older = baseline(problem)
    newer = replace(only(problem, problem.stops[1:], problem.vehicles), lanes=problem.lanes[:-1])
    plan = solve(newer, Limits(0.05), start=older)
    assert check(newer, plan) == []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_no_order_of_stops_by_hand_is_better_where_all_can_be_tried(problem: Problem) -> None:
    stops = problem.stops[:4]
    # Who goes out several times picks nothing up on the way: the search asks more there than the checker.
    trips = 1 if any(stop.kind == "pickup" for stop in stops) else 3
    vehicles = tuple(
        replace(vehicle, shift_start_s=0, shift_end_s=3600, trips=min(trips, vehicle.trips))
        for vehicle in problem.vehicles[:1]
    )
    small = only(problem, stops, vehicles)
    stops = small.stops
    found = solve(small, Limits(0.1)).cost.total
    reach = reaches(doubled(small).problem)
    working = list(enumerate(vehicles))
    by_hand = []
    for length in range(len(stops) + 1 if vehicles else 1):
        for order in permutations(range(len(stops)), length):
            orders_ = {vehicle.id: list(order) for vehicle in vehicles}
            plan = assemble(small, reach, working, orders_, "by hand", 0.0)
            if check(small, plan) == []:
                by_hand.append(plan.cost.total)
    assert found == min(by_hand)
