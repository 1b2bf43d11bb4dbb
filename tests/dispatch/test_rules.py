"""Each rule of a route, kept and at its border."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from small_yard import cart, orders, planned, reasons, stop, walker, with_lane, yard

from dispatch.problem import Lane, Profile, StandingPoint


def test_a_walker_reaches_the_door_after_the_lanes_length() -> None:
    visit = planned(yard(stop())).routes[0].visits[0]
    assert (visit.arrive_s, visit.start_s, visit.depart_s) == (120, 120, 180)


def test_a_load_that_just_fits_is_carried() -> None:
    problem = yard(stop("a", load_g=12_000), stop("b", load_g=8_000))
    assert reasons(planned(problem)) == {}


@pytest.mark.parametrize(
    ("what", "each", "room"), [("load_g", 10_001, 20_000), ("volume_ml", 6, 11), ("parcels", 2, 3)]
)
def test_a_load_one_too_many_stays_at_the_gate(what: str, each: int, room: int) -> None:
    sizes: dict[str, Any] = {what: each}
    rooms: dict[str, Any] = {"load_g": 10**6, "volume_ml": 10**6, "parcels": 100, what: room}
    stops = [stop(name, **sizes) for name in ("a", "b")]
    courier = walker(**rooms)
    plan = planned(yard(*stops, vehicles=(courier,)))
    assert plan.served == 1
    assert list(reasons(plan).values()) == ["no_capacity_left"]


def test_service_starts_within_the_window_by_waiting_for_it() -> None:
    visit = planned(yard(stop(windows=((1000, 1200),)))).routes[0].visits[0]
    assert visit.start_s == 1000


def test_the_second_of_two_windows_is_used_when_the_first_is_over() -> None:
    problem = yard(stop(windows=((0, 100), (900, 950))))
    assert planned(problem).routes[0].visits[0].start_s == 900


def test_a_window_that_closes_before_anyone_can_come_is_said() -> None:
    assert reasons(planned(yard(stop(windows=((0, 119),))))) == {"s1": "window_cannot_be_met"}
    assert planned(yard(stop(windows=((0, 120),)))).served == 1


def test_a_window_after_the_wave_does_not_spoil_the_other_stops() -> None:
    plan = planned(yard(stop("late", windows=((9000, 9900),)), stop("now")))
    assert orders(plan) == {"walker": ["now"]}
    assert reasons(plan) == {"late": "window_cannot_be_met"}


def test_a_route_ends_within_the_shift() -> None:
    # 120 s there, 60 s at the door, 120 s back.
    assert planned(yard(stop(), vehicles=(walker(shift_end_s=300),))).served == 1
    assert reasons(planned(yard(stop(), vehicles=(walker(shift_end_s=299),)))) == {"s1": "shift_too_short"}


def test_nobody_leaves_before_the_shift_begins() -> None:
    assert planned(yard(stop(), vehicles=(walker(shift_start_s=600),))).routes[0].begin_s >= 600


def test_a_courier_without_a_shift_is_not_used_and_that_is_said() -> None:
    plan = planned(yard(stop(), vehicles=(walker(shift_end_s=0), walker("on_duty"))))
    assert orders(plan) == {"on_duty": ["s1"]}
    assert ("walker", "no_shift") in plan.unused_vehicles


def test_the_first_in_the_guarantee_list_is_served_when_not_all_can_be() -> None:
    problem = yard(*(stop(f"s{n}", priority=n) for n in range(3)), vehicles=(walker(load_g=1000),))
    assert orders(planned(problem)) == {"walker": ["s0"]}


def test_a_stop_goes_to_who_has_the_skill() -> None:
    nurse = walker("nurse", skills=frozenset({"medicine"}))
    plan = planned(yard(stop(skills=frozenset({"medicine"})), vehicles=(walker(), nurse)))
    assert orders(plan) == {"nurse": ["s1"]}


def test_a_skill_that_nobody_has_is_named() -> None:
    plan = planned(yard(stop(skills=frozenset({"medicine"}))))
    assert plan.unserved[0].reason == "no_skill"
    assert plan.unserved[0].facts == {"skills": ["medicine"]}


def test_green_homes_come_before_red_ones_even_where_that_is_a_detour() -> None:
    # The red home is on the way to the green one.
    problem = yard(stop("red", "door1", is_red=True), stop("green", "door2"))
    assert orders(planned(problem)) == {"walker": ["green", "red"]}


def test_without_isolation_nothing_keeps_the_nearer_home_from_being_first_or_last() -> None:
    problem = yard(stop("a", windows=((0, 130),)), stop("b", "door2"))
    assert orders(planned(problem)) == {"walker": ["a", "b"]}


def test_a_red_home_that_must_be_first_costs_the_green_one_its_courier() -> None:
    problem = yard(
        stop("red", "door1", is_red=True, windows=((0, 120),)), stop("green", "door2"), vehicles=(walker(),)
    )
    assert planned(problem).served == 1
    two = replace(problem, vehicles=(walker(), walker("other")))
    assert planned(two).served == 2


def test_a_cart_that_has_been_to_a_red_home_is_left_with_red_ones() -> None:
    been = walker(has_been_red=True)
    plan = planned(yard(stop("green"), stop("red", is_red=True), vehicles=(been,)))
    assert orders(plan) == {"walker": ["red"]}
    assert reasons(plan) == {"green": "nobody_before_red"}


def test_goods_on_board_of_one_courier_are_delivered_by_that_one() -> None:
    two = (walker("a", has_left=True), walker("b", has_left=True))
    assert orders(planned(yard(stop(only_vehicle="b"), vehicles=two))) == {"b": ["s1"]}


def test_who_has_left_the_gate_cannot_fetch_goods_there_but_can_visit() -> None:
    plan = planned(yard(stop("parcel"), stop("call", kind="visit"), vehicles=(walker(has_left=True),)))
    assert orders(plan) == {"walker": ["call"]}
    assert reasons(plan) == {"parcel": "goods_elsewhere"}


def test_a_cart_halts_at_the_standing_point_and_the_last_metres_are_walked() -> None:
    visit = planned(yard(stop(), vehicles=(cart(),))).routes[0].visits[0]
    assert (visit.halt_node, visit.arrive_s, visit.walk_s) == ("mid", 50, 40)
    assert visit.depart_s == 50 + 60 + 40


def test_a_cart_never_halts_where_nothing_is_marked() -> None:
    only_far = yard(stop(), vehicles=(cart(),), standing_points=(StandingPoint("p", "far"),))
    assert planned(only_far).routes[0].visits[0].halt_node == "far"
    assert reasons(planned(replace(only_far, standing_points=()))) == {"s1": "unreachable"}


def test_goods_are_not_carried_further_than_the_longest_walk() -> None:
    only_far = yard(stop(), vehicles=(cart(),), standing_points=(StandingPoint("p", "far"),))
    assert planned(replace(only_far, max_walk_m=120)).served == 1
    assert reasons(planned(replace(only_far, max_walk_m=119))) == {"s1": "unreachable"}


def test_a_standing_point_narrower_than_the_cart_is_none() -> None:
    narrow = (StandingPoint("p-mid", "mid", width_cm=119), StandingPoint("p-far", "far", width_cm=120))
    visit = planned(yard(stop(), vehicles=(cart(),), standing_points=narrow)).routes[0].visits[0]
    assert visit.halt_node == "far"


def test_a_standing_point_that_only_a_cart_off_duty_could_reach_is_none() -> None:
    cut = with_lane(
        yard(
            stop("s", "door2"),
            vehicles=(cart(), cart("idle", start_node="far", end_node="far", shift_end_s=0)),
        ),
        "mid-far",
        is_fire_lane=False,
    )
    assert planned(cut).routes[0].visits[0].halt_node == "mid"


def test_a_lane_closed_between_two_carts_leaves_each_its_own_side() -> None:
    # The door lies nearer to the far cart's side, but its goods are at the gate.
    problem = yard(
        stop("s", "door1"),
        vehicles=(cart("gate cart"), cart("far cart", start_node="far", end_node="far", has_left=True)),
        lanes=(
            Lane("gate-west", "gate", "mid", 100, 400, is_fire_lane=True),
            Lane("closed", "mid", "far", 100, 400, is_fire_lane=True, is_open=False),
            Lane("west path", "mid", "door1", 40, 100),
            Lane("east path", "far", "door1", 15, 100),
        ),
    )
    plan = planned(problem)
    assert orders(plan) == {"gate cart": ["s"]}
    assert plan.routes[0].visits[0].halt_node == "mid"


def test_a_route_takes_no_longer_than_its_courier_may_be_out() -> None:
    # 240 s on the way and 60 s at the door.
    assert planned(yard(stop(), vehicles=(walker(max_route_s=300),))).served == 1
    plan = planned(yard(stop(), vehicles=(walker(max_route_s=299),)))
    assert reasons(plan) == {"s1": "route_too_long"}


def test_who_may_not_be_out_long_begins_late_rather_than_wait_on_the_way() -> None:
    stops = (stop("a"), stop("b", "door2", windows=((2000, 2100),)))
    whole = planned(yard(*stops, vehicles=(walker(),))).routes[0]
    assert (whole.begin_s, whole.visits[0].start_s, whole.end_s) == (0, 120, 2280)
    short = planned(yard(*stops, vehicles=(walker(max_route_s=700),))).routes[0]
    # 120 there, 60 at the door, 140 on, 60, 220 back: 600 s, done by the same end.
    assert (short.begin_s, short.visits[1].start_s, short.end_s) == (1680, 2000, 2280)


@pytest.mark.parametrize(
    "change", [{"is_fire_lane": False}, {"width_cm": 119}, {"is_open": False}, {"steps": 3}], ids=str
)
def test_the_plan_changes_when_a_lane_is_unmarked_narrowed_closed_or_stepped(change: dict[str, int]) -> None:
    before = yard(stop("s", "door2"), vehicles=(cart(),), max_walk_m=200)
    assert planned(before).routes[0].visits[0].halt_node == "far"
    after = planned(with_lane(before, "mid-far", **change))
    if "is_open" in change:
        assert reasons(after) == {"s": "unreachable"}
    else:
        # The cart stays at mid and its courier walks 120 m, over the steps where there are any.
        assert after.routes[0].visits[0].halt_node == "mid"
        assert after.routes[0].visits[0].walk_s == (240 if "steps" not in change else 244)


def test_a_lane_as_wide_as_the_cart_lets_it_pass() -> None:
    problem = with_lane(yard(stop("s", "door2"), vehicles=(cart(),)), "mid-far", width_cm=120)
    assert planned(problem).routes[0].visits[0].halt_node == "far"


def test_only_who_obeys_a_one_way_sign_is_stopped_by_it() -> None:
    problem = with_lane(yard(stop()), "gate-mid", is_oneway=True)
    assert planned(problem).served == 1
    law_abiding = (Profile("walk", 1.0, obeys_oneway=True),)
    # One way in: nobody would come back out.
    assert reasons(planned(replace(problem, profiles=law_abiding))) == {"s1": "unreachable"}


def test_a_later_service_than_due_costs_its_seconds() -> None:
    plan = planned(yard(stop(due_s=100)))
    assert plan.cost.late_s == 2 * 20
    assert plan.cost.total == 240 + 0 + 40 + 120


@pytest.mark.parametrize(("priority", "times"), [(0, 4), (1, 2), (2, 1), (7, 1)])
def test_the_sooner_it_was_to_be_served_the_more_lateness_costs(priority: int, times: int) -> None:
    assert planned(yard(stop(due_s=100, priority=priority))).cost.late_s == times * 20


def test_two_short_routes_cost_a_second_courier_and_are_taken_only_if_worth_it() -> None:
    two = (walker("a"), walker("b"))
    assert len(planned(yard(stop("x"), stop("y"), vehicles=two)).routes) == 1
    both_at_once = tuple(stop(name, windows=((0, 130),)) for name in ("x", "y"))
    assert len(planned(yard(*both_at_once, vehicles=two)).routes) == 2
