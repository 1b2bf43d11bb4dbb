"""The independent checker: is this plan really a plan for this problem?

It shares no code with the search: it finds its own shortest times (Dijkstra, 1959, with a heap), its own
loads and its own cost. A plan from anywhere must pass here before anybody walks it.
"""

from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dispatch.plan import Plan, Route, Visit
from dispatch.problem import Lane, Problem, Profile, Stop, Vehicle

Ways = dict[str, list[tuple[str, int]]]


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong: a stable code, where, and figures."""

    code: str
    route: str | None = None
    stop: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def check(problem: Problem, plan: Plan) -> list[Violation]:
    """Return everything that is wrong with the plan; an empty list if it can be walked as it is."""
    if plan.digest != problem.digest():
        return [Violation("plan_of_another_problem")]
    return _Checker(problem, plan).run()


class _Checker:
    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.plan = plan
        self.stops = {stop.id: stop for stop in problem.stops}
        self.vehicles = {vehicle.id: vehicle for vehicle in problem.vehicles}
        self.profiles = {profile.name: profile for profile in problem.profiles}
        self.found: list[Violation] = []
        self._ways: dict[str, Ways] = {}
        self._times: dict[tuple[str, str], dict[str, int]] = {}
        self.travel_s = 0

    def run(self) -> list[Violation]:
        self._check_all_accounted_for()
        for name, count in Counter(route.vehicle for route in self.plan.routes).items():
            if count > 1:
                self._say("vehicle_twice", name, None, times=count)
        for route in self.plan.routes:
            vehicle = self.vehicles.get(route.vehicle)
            if vehicle is None:
                self._say("unknown_vehicle", route.vehicle, None)
            elif all(visit.stop in self.stops for visit in route.visits):
                self._check_route(route, vehicle)
        if not self.found:
            self._check_cost()
        return self.found

    def _say(self, code: str, route: str | None, stop: str | None, **facts: Any) -> None:
        self.found.append(Violation(code, route, stop, facts))

    def _check_all_accounted_for(self) -> None:
        named = Counter(visit.stop for route in self.plan.routes for visit in route.visits)
        named.update(unserved.stop for unserved in self.plan.unserved)
        for stop in self.stops:
            if named[stop] == 0:
                self._say("stop_missing", None, stop)
            elif named[stop] > 1:
                self._say("stop_twice", None, stop, times=named[stop])
        for stop in named:
            if stop not in self.stops:
                self._say("unknown_stop", None, stop)
        for unserved in self.plan.unserved:
            if not unserved.reason:
                self._say("unserved_without_reason", None, unserved.stop)

    def _check_route(self, route: Route, vehicle: Vehicle) -> None:
        self._check_shift(route, vehicle)
        self._check_loads(route, vehicle)
        self._check_order(route)
        self._check_length(route, vehicle)
        profile = self.profiles[vehicle.profile]
        at_s, node = route.begin_s, vehicle.start_node
        for visit in route.visits:
            stop = self.stops[visit.stop]
            self._check_may_serve(route, vehicle, stop)
            self._check_halt(route, profile, visit, stop)
            travel_s = self._time(profile, node, visit.halt_node)
            if travel_s is None:
                self._say("no_way", route.vehicle, stop.id, from_node=node, to_node=visit.halt_node)
                return
            if visit.arrive_s < at_s + travel_s:
                self._say(
                    "too_fast", route.vehicle, stop.id, arrive_s=visit.arrive_s, earliest_s=at_s + travel_s
                )
            self._check_visit_times(route, visit, stop)
            self.travel_s += travel_s
            at_s, node = visit.depart_s, visit.halt_node
        home_s = self._time(profile, node, vehicle.end_node)
        if home_s is None:
            self._say("no_way", route.vehicle, None, from_node=node, to_node=vehicle.end_node)
        elif route.end_s < at_s + home_s:
            self._say("too_fast", route.vehicle, None, end_s=route.end_s, earliest_s=at_s + home_s)
        else:
            self.travel_s += home_s

    def _check_shift(self, route: Route, vehicle: Vehicle) -> None:
        ends_s = min(vehicle.shift_end_s, self.problem.horizon_s)
        if route.begin_s < max(0, vehicle.shift_start_s) or route.end_s > ends_s:
            self._say(
                "outside_shift",
                route.vehicle,
                None,
                begin_s=route.begin_s,
                end_s=route.end_s,
                shift_end_s=ends_s,
            )

    def _check_length(self, route: Route, vehicle: Vehicle) -> None:
        takes_s = route.end_s - route.begin_s
        if vehicle.max_route_s is not None and takes_s > vehicle.max_route_s:
            self._say("route_too_long", route.vehicle, None, takes_s=takes_s, may_take_s=vehicle.max_route_s)

    def _check_loads(self, route: Route, vehicle: Vehicle) -> None:
        on_board = [self.stops[visit.stop] for visit in route.visits]
        carried = {
            "load_g": (sum(s.load_g for s in on_board), vehicle.load_g),
            "volume_ml": (sum(s.volume_ml for s in on_board), vehicle.volume_ml),
            "parcels": (sum(s.parcels for s in on_board), vehicle.parcels),
        }
        for what, (carries, holds) in carried.items():
            if carries > holds:
                self._say("overloaded", route.vehicle, None, what=what, carries=carries, holds=holds)

    def _check_order(self, route: Route) -> None:
        seen_red = None
        for visit in route.visits:
            if self.stops[visit.stop].is_red:
                seen_red = visit.stop
            elif seen_red is not None:
                self._say("green_after_red", route.vehicle, visit.stop, red=seen_red)

    def _check_may_serve(self, route: Route, vehicle: Vehicle, stop: Stop) -> None:
        missing = stop.skills - vehicle.skills
        if missing:
            self._say("skill_missing", route.vehicle, stop.id, skills=sorted(missing))
        if stop.only_vehicle is not None and stop.only_vehicle != vehicle.id:
            self._say("goods_elsewhere", route.vehicle, stop.id, vehicle=stop.only_vehicle)
        elif stop.kind == "delivery" and vehicle.has_left and stop.only_vehicle != vehicle.id:
            self._say("goods_at_the_depot", route.vehicle, stop.id)
        if vehicle.has_been_red and not stop.is_red:
            self._say("green_after_red", route.vehicle, stop.id, red=None)

    def _check_halt(self, route: Route, profile: Profile, visit: Visit, stop: Stop) -> None:
        if not profile.halts_at_standing_points:
            if visit.halt_node != stop.node:
                self._say("wrong_place", route.vehicle, stop.id, halt=visit.halt_node, node=stop.node)
            # Who halts at the stop itself walks nowhere; a walk of less than nothing would shorten the service.
            if visit.walk_s != 0:
                self._say("walk_out_of_nowhere", route.vehicle, stop.id, walk_s=visit.walk_s)
            return
        stands = [p for p in self.problem.standing_points if p.node == visit.halt_node]
        if not any(p.width_cm >= profile.width_cm for p in stands):
            self._say("no_standing_point", route.vehicle, stop.id, halt=visit.halt_node)
        walking = self.profiles[self.problem.walking_profile]
        there = self._time(walking, visit.halt_node, stop.node)
        back = self._time(walking, stop.node, visit.halt_node)
        if there is None or back is None or visit.walk_s < there + back:
            self._say("walk_too_short", route.vehicle, stop.id, walk_s=visit.walk_s)
        elif (there - 1) * walking.speed_m_s > self.problem.max_walk_m:
            self._say(
                "walk_too_far", route.vehicle, stop.id, there_s=there, max_walk_m=self.problem.max_walk_m
            )

    def _check_visit_times(self, route: Route, visit: Visit, stop: Stop) -> None:
        if visit.start_s < visit.arrive_s:
            self._say("starts_before_arrival", route.vehicle, stop.id, start_s=visit.start_s)
        if stop.windows and not any(start <= visit.start_s <= end for start, end in stop.windows):
            self._say("outside_window", route.vehicle, stop.id, start_s=visit.start_s)
        shortest_s = stop.service_s + stop.door_s + visit.walk_s
        if visit.depart_s < visit.start_s + shortest_s:
            self._say(
                "service_too_short",
                route.vehicle,
                stop.id,
                has_s=visit.depart_s - visit.start_s,
                needs_s=shortest_s,
            )

    def _check_cost(self) -> None:
        weights = self.problem.weights
        late_s = 0
        for route in self.plan.routes:
            for visit in route.visits:
                due_s = self.stops[visit.stop].due_s
                late_s += max(0, visit.start_s - due_s) if due_s is not None else 0
        own = {
            "travel_s": self.travel_s,
            "walk_s": sum(visit.walk_s for route in self.plan.routes for visit in route.visits),
            "late_s": late_s * weights.late,
            "vehicles_s": len(self.plan.routes) * weights.vehicle_s,
            "unserved_s": sum(
                weights.unserved_s // (self.stops[u.stop].priority + 1) for u in self.plan.unserved
            ),
        }
        for part, value in own.items():
            if getattr(self.plan.cost, part) != value:
                self._say("wrong_cost", None, None, part=part, says=getattr(self.plan.cost, part), is_=value)

    def _time(self, profile: Profile, from_node: str, to_node: str) -> int | None:
        """Return the shortest seconds, rounded up; None if there is no way."""
        key = (profile.name, from_node)
        if key not in self._times:
            self._times[key] = self._dijkstra(self._ways_of(profile), from_node)
        ms = self._times[key].get(to_node)
        return None if ms is None else (ms + 999) // 1000

    def _ways_of(self, profile: Profile) -> Ways:
        if profile.name not in self._ways:
            ways: Ways = {}
            for lane in self.problem.lanes:
                if _fits(profile, lane):
                    ms = _milliseconds(profile, lane)
                    ways.setdefault(lane.from_node, []).append((lane.to_node, ms))
                    if not (lane.is_oneway and profile.obeys_oneway):
                        ways.setdefault(lane.to_node, []).append((lane.from_node, ms))
            self._ways[profile.name] = ways
        return self._ways[profile.name]

    @staticmethod
    def _dijkstra(ways: Ways, start: str) -> dict[str, int]:
        shortest: dict[str, int] = {}
        heap = [(0, start)]
        while heap:
            ms, node = heapq.heappop(heap)
            if node in shortest:
                continue
            shortest[node] = ms
            for neighbour, way_ms in ways.get(node, []):
                if neighbour not in shortest:
                    heapq.heappush(heap, (ms + way_ms, neighbour))
        return shortest


def _fits(profile: Profile, lane: Lane) -> bool:
    if not lane.is_open or profile.width_cm > lane.width_cm:
        return False
    if lane.steps > 0 and not profile.may_use_steps:
        return False
    return lane.is_fire_lane or not profile.needs_fire_lane


def _milliseconds(profile: Profile, lane: Lane) -> int:
    return max(1, round(1000 * (lane.length_m / profile.speed_m_s)) + 500 * lane.steps)
