"""Why a stop is not served, and the smallest change that would serve it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dispatch.lanes import UNREACHABLE
from dispatch.plan import Route, Unserved
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.reach import Reach, end_place, start_place
from dispatch.rules.capacity import LOADS
from dispatch.rules.green_before_red import may_still_serve
from dispatch.rules.skills import can_have_goods
from dispatch.timing import earliest_start

Working = list[tuple[int, Vehicle]]


def explain(
    problem: Problem, reach: dict[str, Reach], working: Working, routes: list[Route], left: list[Stop]
) -> tuple[Unserved, ...]:
    """Return a reason for each stop in ``left``: the first thing that keeps every courier away from it.

    Reasons: no_shift, no_skill, unreachable, goods_elsewhere, nobody_before_red, too_heavy,
    window_cannot_be_met, shift_too_short, no_capacity_left, no_time_left.
    """
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    return tuple(_explain(problem, reach, working, routes, stop, number[stop.id]) for stop in left)


def _explain(
    problem: Problem, reach: dict[str, Reach], working: Working, routes: list[Route], stop: Stop, index: int
) -> Unserved:
    add: dict[str, Any] = {"add": "courier", "load_g": stop.load_g}
    if not working:
        return Unserved(stop.id, "no_shift", {}, add)
    skills = sorted(stop.skills)
    loads = {load: getattr(stop, load) for load in LOADS}
    hurdles: list[tuple[str, Callable[[int, Vehicle], bool], dict[str, Any], dict[str, Any]]] = [
        ("no_skill", lambda _, v: stop.skills <= v.skills, {"skills": skills}, {**add, "skills": skills}),
        (
            "unreachable",
            lambda i, v: _has_way(problem, reach[v.profile], i, index),
            {"node": stop.node},
            {"open_or_widen_lane_near": stop.node},
        ),
        (
            "goods_elsewhere",
            lambda _, v: can_have_goods(v, stop),
            {"vehicle": stop.only_vehicle},
            {"wait_for": "next_wave"},
        ),
        ("nobody_before_red", lambda _, v: may_still_serve(v, stop), {}, {"wait_for": "next_wave"}),
        (
            "too_heavy",
            lambda _, v: all(getattr(stop, load) <= getattr(v, load) for load in LOADS),
            loads,
            {"add": "cart", "load_g": stop.load_g},
        ),
    ]
    able = working
    for reason, is_passed, facts, change in hurdles:
        passed = [(i, v) for i, v in able if is_passed(i, v)]
        if not passed:
            return Unserved(stop.id, reason, facts, change)
        able = passed
    return _explain_by_time(problem, reach, able, routes, stop, index)


def _explain_by_time(
    problem: Problem, reach: dict[str, Reach], able: Working, routes: list[Route], stop: Stop, index: int
) -> Unserved:
    in_time = [(i, v) for i, v in able if _alone(problem, reach[v.profile], i, v, stop, index)]
    if not in_time and stop.windows:
        windows = {"windows": [list(w) for w in stop.windows]}
        return Unserved(stop.id, "window_cannot_be_met", windows, _widen(problem, reach, able, stop, index))
    if not in_time:
        return Unserved(stop.id, "shift_too_short", {"able": len(able)}, {"lengthen_shift": able[0][1].id})
    loaded = _loads(problem, routes)
    if all(
        any(loaded.get(v.id, {}).get(load, 0) + getattr(stop, load) > getattr(v, load) for load in LOADS)
        for _, v in in_time
    ):
        add = {"add": "courier", "load_g": stop.load_g}
        return Unserved(stop.id, "no_capacity_left", {"able": len(in_time)}, add)
    return Unserved(stop.id, "no_time_left", {"able": len(in_time)}, {"add": "courier", "minutes": 30})


def _has_way(problem: Problem, reach: Reach, number: int, index: int) -> bool:
    if reach.halts[index] is None:
        return False
    there = reach.travel_s[start_place(problem, number), index]
    return bool(there < UNREACHABLE and reach.travel_s[index, end_place(problem, number)] < UNREACHABLE)


def _alone(problem: Problem, reach: Reach, number: int, vehicle: Vehicle, stop: Stop, index: int) -> bool:
    """Tell whether the vehicle could serve this stop if it had nothing else to do."""
    arrive_s = max(0, vehicle.shift_start_s) + int(reach.travel_s[start_place(problem, number), index])
    start_s = earliest_start(stop, arrive_s)
    if start_s is None:
        return False
    end_s = start_s + reach.service_s(index, stop) + int(reach.travel_s[index, end_place(problem, number)])
    return end_s <= min(vehicle.shift_end_s, problem.horizon_s)


def _widen(
    problem: Problem, reach: dict[str, Reach], able: Working, stop: Stop, index: int
) -> dict[str, Any]:
    arrivals = [
        max(0, v.shift_start_s) + int(reach[v.profile].travel_s[start_place(problem, i), index])
        for i, v in able
    ]
    return {"serve_at_s": min(arrivals)}


def _loads(problem: Problem, routes: list[Route]) -> dict[str, dict[str, int]]:
    by_id = {stop.id: stop for stop in problem.stops}
    return {
        route.vehicle: {load: sum(getattr(by_id[v.stop], load) for v in route.visits) for load in LOADS}
        for route in routes
    }
