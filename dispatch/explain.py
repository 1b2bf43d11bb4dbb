"""Why a stop is not served, and the smallest change that would serve it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from dispatch.obstacles import Obstacles
from dispatch.plan import Route, Unserved
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.reach import Reach, end_place, start_place, ways
from dispatch.rules.capacity import LOADS, has_room
from dispatch.rules.goods import can_have_goods
from dispatch.rules.green_before_red import may_still_serve
from dispatch.rules.shifts import first_moment, last_moment
from dispatch.rules.skills import has_skills
from dispatch.rules.storeys import may_climb
from dispatch.rules.time_windows import earliest_start
from dispatch.rules.welcome import is_welcome

Working = list[tuple[int, Vehicle]]
Facts = dict[str, Any]
Loads = dict[str, dict[str, int]]


def explain(
    problem: Problem,
    reach: dict[str, Reach],
    working: Working,
    loaded: Loads,
    left: list[Stop],
    full: frozenset[str] = frozenset(),
) -> tuple[Unserved, ...]:
    """Return a reason for each stop in ``left``: the first thing that keeps every courier away from it.

    ``loaded``: what the routes take along, see ``loads_of``. ``full``: stops whose goods their shelf does not hold.

    Reasons: no_shift, shelf_full, no_skill, not_welcome, needs_two, unreachable, goods_elsewhere,
    nobody_before_red, too_many_floors, too_heavy, shift_too_short, route_too_long, window_cannot_be_met,
    no_capacity_left, no_time_left.
    """
    if not left:
        return ()
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    why = _Why(problem, reach, working, loaded)
    return tuple(
        Unserved(stop.id, "shelf_full", {"shelf": stop.shelf}, {"wait_for": "next_wave"})
        if stop.id in full
        else why.explain(stop, number[stop.id])
        for stop in left
    )


@dataclass(frozen=True)
class _Lone:
    """What a vehicle would do with nothing but one stop: when it is there and back, by how much too late."""

    vehicle: Vehicle
    arrive_s: int
    takes_s: int
    over_shift_s: int
    over_route_s: int

    @property
    def is_in_time(self) -> bool:
        return self.over_shift_s <= 0 and self.over_route_s <= 0


@dataclass
class _Why:
    problem: Problem
    reach: dict[str, Reach]
    working: Working
    loaded: Loads
    obstacles: Obstacles | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.ways = {v.id: ways(self.problem, self.reach[v.id], i) for i, v in self.working}
        self.somebody = np.logical_or.reduce(list(self.ways.values()))

    def explain(self, stop: Stop, index: int) -> Unserved:
        if not self.working:
            return Unserved(stop.id, "no_shift", {}, _courier(stop))
        able = self.working
        for reason, is_passed, name in self._hurdles(stop, index):
            passed = [(i, v) for i, v in able if is_passed(i, v)]
            if not passed:
                facts, change = name(able)
                return Unserved(stop.id, reason, facts, change)
            if len(passed) < stop.people:
                return Unserved(stop.id, "needs_two", {"able": len(passed)}, _courier(stop))
            able = passed
        return self._by_time(able, stop, index)

    def _hurdles(
        self, stop: Stop, index: int
    ) -> list[tuple[str, Callable[[int, Vehicle], bool], Callable[[Working], tuple[Facts, Facts]]]]:
        loads = {load: getattr(stop, load) for load in LOADS}
        skills = {"skills": sorted(stop.skills)}
        goods: Facts = {"wait_for": "next_wave"}
        if stop.only_vehicle is not None:
            goods = {"fetch_goods_from": stop.only_vehicle}

        def lanes(able: Working) -> tuple[Facts, Facts]:
            return {"node": stop.node}, self._lane_change(able, stop)

        return [
            (
                "no_skill",
                lambda _, v: has_skills(v, stop),
                lambda _: (skills, {**_courier(stop), **skills}),
            ),
            (
                "not_welcome",
                lambda _, v: is_welcome(v, stop),
                lambda _: ({}, {"let_in": "anyone"}),
            ),
            # Twice: where nobody gets to comes first, but goods decide whose way matters.
            ("unreachable", lambda *_: bool(self.somebody[index]), lanes),
            (
                "goods_elsewhere",
                lambda _, v: can_have_goods(v, stop),
                lambda _: ({"vehicle": stop.only_vehicle}, goods),
            ),
            (
                "nobody_before_red",
                lambda _, v: may_still_serve(v, stop),
                lambda _: ({}, {"wait_for": "next_wave"}),
            ),
            ("unreachable", lambda _, v: bool(self.ways[v.id][index]), lanes),
            (
                "too_many_floors",
                lambda _, v: may_climb(v, stop.floors),
                lambda _: ({"floors": stop.floors}, _courier(stop)),
            ),
            (
                "too_heavy",
                lambda _, v: has_room(v, {}, stop),
                lambda _: (loads, {"add": "cart", **loads}),
            ),
        ]

    def _by_time(self, able: Working, stop: Stop, index: int) -> Unserved:
        anytime = [self._lone(i, v, stop, index, None) for i, v in able]
        free = [lone for lone in anytime if lone is not None and lone.is_in_time]
        if not free:
            return _too_long(stop, [lone for lone in anytime if lone is not None])
        lone_in_window = [self._lone(i, v, stop, index, stop) for i, v in able]
        in_time = [lone for lone in lone_in_window if lone is not None and lone.is_in_time]
        if not in_time:
            windows = {"windows": [list(w) for w in stop.windows]}
            serve_at_s = min(lone.arrive_s for lone in free)
            return Unserved(stop.id, "window_cannot_be_met", windows, {"serve_at_s": serve_at_s})
        facts = {"able": len(in_time)}
        if all(self._is_full(lone.vehicle, stop) for lone in in_time):
            return Unserved(stop.id, "no_capacity_left", facts, _courier(stop))
        soonest = min(in_time, key=lambda lone: lone.takes_s)
        change = {**_courier(stop), "profile": soonest.vehicle.profile, "minutes": -(-soonest.takes_s // 60)}
        return Unserved(stop.id, "no_time_left", facts, change)

    def _lone(
        self, number: int, vehicle: Vehicle, stop: Stop, index: int, windows_of: Stop | None
    ) -> _Lone | None:
        reach = self.reach[vehicle.id]
        there_s = int(reach.travel_s[start_place(self.problem, number), index])
        home_s = int(reach.travel_s[index, end_place(self.problem, number)])
        arrive_s = first_moment(vehicle) + there_s
        start_s = earliest_start(windows_of, arrive_s) if windows_of else arrive_s
        if start_s is None:
            return None
        takes_s = there_s + reach.service_s(index, self.problem) + home_s
        end_s = start_s - there_s + takes_s
        most_s = min((m for m in (vehicle.max_route_s, vehicle.max_work_s) if m is not None), default=takes_s)
        over_route_s = takes_s - most_s
        return _Lone(vehicle, arrive_s, takes_s, end_s - last_moment(self.problem, vehicle), over_route_s)

    def _is_full(self, vehicle: Vehicle, stop: Stop) -> bool:
        return not has_room(vehicle, self.loaded.get(vehicle.id, {}), stop)

    def _lane_change(self, able: Working, stop: Stop) -> Facts:
        self.obstacles = self.obstacles or Obstacles(self.problem)
        # A lane opened for somebody without the goods would help nobody.
        fit = [v for _, v in able if can_have_goods(v, stop) and may_still_serve(v, stop)]
        return self.obstacles.smallest_change(fit or [v for _, v in able], stop.node)


def _courier(stop: Stop) -> Facts:
    return {"add": "courier", "load_g": stop.load_g}


def _too_long(stop: Stop, anytime: list[_Lone]) -> Unserved:
    """Return whether shifts or the longest time out are too short, and by how much for whom it is least."""
    in_shift = [lone for lone in anytime if lone.over_shift_s <= 0]
    facts = {"able": len(anytime)}
    if in_shift:
        least = min(in_shift, key=lambda lone: lone.over_route_s)
        change = {"let_out_longer": least.vehicle.id, "minutes": -(-least.over_route_s // 60)}
        return Unserved(stop.id, "route_too_long", facts, change)
    least = min(anytime, key=lambda lone: lone.over_shift_s)
    change = {"lengthen_shift": least.vehicle.id, "minutes": -(-least.over_shift_s // 60)}
    return Unserved(stop.id, "shift_too_short", facts, change)


def loads_of(problem: Problem, routes: list[Route]) -> Loads:
    """Return vehicle → what its route takes along, of each load."""
    by_id = {stop.id: stop for stop in problem.stops}
    return {
        route.vehicle: {load: sum(getattr(by_id[v.stop], load) for v in route.visits) for load in LOADS}
        for route in routes
    }
