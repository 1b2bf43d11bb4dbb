"""The change that a reason names is one that helps: it is made, and the wave planned again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from small_yard import QUICK, cart, planned, reasons, stop, walker, with_lane, yard
from test_solve import problems

from dispatch import Limits, Plan, Problem, solve
from dispatch.plan import Unserved
from dispatch.problem import StandingPoint, Vehicle

PATH_CLOSED = {"lanes": {"path1": {"is_open": True}}}


def why(plan: Plan) -> tuple[str, dict[str, Any]]:
    """Return the reason and the change of the one stop that is left."""
    (left,) = plan.unserved
    return left.reason, left.change


def test_the_closed_lane_in_the_way_is_named() -> None:
    problem = with_lane(yard(stop()), "path1", is_open=False)
    assert why(planned(problem)) == ("unreachable", PATH_CLOSED)


def test_only_the_lanes_that_must_change_are_named_not_all_that_are_closed() -> None:
    closed = with_lane(with_lane(yard(stop()), "path1", is_open=False), "path2", is_open=False)
    assert why(planned(closed)) == ("unreachable", PATH_CLOSED)


def test_a_cart_is_told_how_wide_and_how_marked_its_lane_would_have_to_be() -> None:
    problem = with_lane(
        yard(stop(), vehicles=(cart(),), max_walk_m=50), "gate-mid", width_cm=80, is_fire_lane=False
    )
    change = {"lanes": {"gate-mid": {"width_cm": 120, "is_fire_lane": True}}}
    assert why(planned(problem)) == ("unreachable", change)


def test_where_only_a_standing_point_is_missing_its_place_is_named() -> None:
    problem = yard(stop("s", "door2"), vehicles=(cart(),), standing_points=(), max_walk_m=50)
    assert why(planned(problem)) == ("unreachable", {"standing_point": "far"})


def test_a_node_without_any_lane_needs_one() -> None:
    problem = yard(stop())
    cut = replace(problem, lanes=tuple(lane for lane in problem.lanes if lane.id != "path1"))
    assert why(planned(cut)) == ("unreachable", {"connect": "door1"})


def test_a_shift_is_told_by_how_many_minutes_it_is_short() -> None:
    # There, at the door and back: 300 s.
    plan = planned(yard(stop(), vehicles=(walker(shift_end_s=200),)))
    assert why(plan) == ("shift_too_short", {"lengthen_shift": "walker", "minutes": 2})


def test_a_service_longer_than_any_shift_is_no_matter_of_its_window() -> None:
    plan = planned(yard(stop(windows=((0, 3000),), service_s=4000)))
    assert reasons(plan) == {"s1": "shift_too_short"}


def test_who_may_not_be_out_long_enough_is_told_by_how_much() -> None:
    plan = planned(yard(stop(), vehicles=(walker(max_route_s=200),)))
    assert why(plan) == ("route_too_long", {"let_out_longer": "walker", "minutes": 2})


def test_one_more_courier_is_asked_for_only_as_long_as_it_takes() -> None:
    plan = planned(yard(*(stop(f"s{n}", service_s=900) for n in range(4))))
    # 240 s on the way and 900 s at the door.
    assert why(plan) == (
        "no_time_left",
        {"add": "courier", "load_g": 1000, "profile": "walk", "minutes": 19},
    )


def test_goods_of_a_courier_who_is_off_are_to_be_fetched_from_them() -> None:
    plan = planned(yard(stop(only_vehicle="off"), vehicles=(walker(), walker("off", shift_end_s=0))))
    assert why(plan) == ("goods_elsewhere", {"fetch_goods_from": "off"})


def test_a_cart_cut_off_from_home_with_goods_on_board_is_told_which_lane_to_open() -> None:
    trapped = cart(start_node="far", has_left=True)
    problem = with_lane(
        yard(stop("s", "door2", only_vehicle="cart"), vehicles=(trapped, walker())), "mid-far", is_open=False
    )
    assert why(planned(problem)) == ("unreachable", {"lanes": {"mid-far": {"is_open": True}}})


def changed(problem: Problem, left: Unserved) -> Problem | None:
    """Return the wave of that stop alone, everyone idle, with the change made; None where it is to wait."""
    (wanted,) = (s for s in problem.stops if s.id == left.stop)
    if wanted.people > 1 or wanted.kind == "pickup" or wanted.goods_from is not None:
        return None
    alone = replace(problem, stops=(wanted,))
    change = left.change
    if "lanes" in change or "standing_point" in change:
        lanes = tuple(replace(lane, **change.get("lanes", {}).get(lane.id, {})) for lane in problem.lanes)
        points = problem.standing_points
        if "standing_point" in change:
            points = (*points, StandingPoint("new", change["standing_point"]))
        return replace(alone, lanes=lanes, standing_points=points)
    if "lengthen_shift" in change or "let_out_longer" in change:
        vehicles = tuple(_longer(vehicle, change) for vehicle in problem.vehicles)
        return replace(alone, vehicles=vehicles, horizon_s=problem.horizon_s + 60 * change["minutes"])
    if "serve_at_s" in change:
        at_s = change["serve_at_s"]
        return replace(alone, stops=(replace(wanted, windows=((at_s, at_s),)),))
    return alone if "minutes" in change or left.reason == "no_capacity_left" else None


def _longer(vehicle: Vehicle, change: dict[str, Any]) -> Vehicle:
    more_s = 60 * change["minutes"]
    if change.get("lengthen_shift") == vehicle.id:
        return replace(vehicle, shift_end_s=vehicle.shift_end_s + more_s)
    if change.get("let_out_longer") == vehicle.id:
        limits = {"max_route_s": vehicle.max_route_s, "max_work_s": vehicle.max_work_s}
        return replace(
            vehicle, **{name: limit + more_s for name, limit in limits.items() if limit is not None}
        )
    return vehicle


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_making_the_named_change_lifts_the_named_reason(problem: Problem) -> None:
    # When a courier rests is no matter of one stop alone.
    problem = replace(problem, vehicles=tuple(replace(vehicle, breaks=()) for vehicle in problem.vehicles))
    for left in solve(problem, Limits(0.05)).unserved:
        better = changed(problem, left)
        if better is not None:
            assert reasons(solve(better, QUICK)).get(left.stop) != left.reason
