"""One route: can it be walked, loaded and served as the plan says?"""

from __future__ import annotations

from typing import Any

from dispatch.check.findings import Findings
from dispatch.check.ways import Times
from dispatch.plan import Route, Visit
from dispatch.problem import Profile, Stop, Vehicle


class RouteCheck:
    """Follows a courier along a route. ``travel_s``, ``work_s``: what was found on the way."""

    def __init__(self, findings: Findings, times: Times, route: Route, vehicle: Vehicle) -> None:
        self.findings, self.problem, self.stops = findings, findings.problem, findings.stops
        self.times, self.route, self.vehicle = times, route, vehicle
        self.profile = findings.profiles[vehicle.profile]
        self.travel_s = 0
        self.work_s = 0
        self._rests = sorted(route.rests, key=lambda rest: rest.from_s)

    def run(self) -> None:
        """Note everything that is wrong with the route."""
        self._check_shift()
        self._check_trips()
        self._check_order()
        self._check_pickups()
        self._check_frozen()
        self._check_rests()
        for visit in self.route.visits:
            stop = self.stops[visit.stop]
            self._check_may_serve(visit, stop)
            self._check_halt(self.profile, visit, stop)
            self._check_visit_times(visit, stop)
        self._check_ways()
        self._check_caps()

    def _say(self, code: str, stop: str | None = None, **facts: Any) -> None:
        self.findings.say(code, self.route.vehicle, stop, **facts)

    def _check_ways(self) -> None:
        base = self.vehicle.start_node
        at_s, node, trip = self.route.begin_s, base, 0
        for visit in self.route.visits:
            least_s = 0
            if visit.trip > trip:
                back_s = self._way(node, base, visit.stop)
                if back_s is None:
                    return
                least_s, node, trip = back_s + self.vehicle.reload_s, base, visit.trip
                self._add_way(back_s)
            on_s = self._way(node, visit.halt_node, visit.stop)
            if on_s is None:
                return
            self._add_way(on_s)
            self._check_pace(at_s, least_s + on_s, visit.arrive_s, visit.stop)
            at_s, node = visit.depart_s, visit.halt_node
        home_s = self._way(node, self.vehicle.end_node, None)
        if home_s is not None:
            self._add_way(home_s)
            self._check_pace(at_s, home_s, self.route.end_s, None)

    def _add_way(self, seconds: int) -> None:
        self.travel_s += seconds
        self.work_s += seconds

    def _check_pace(self, at_s: int, least_s: int, there_s: int, stop: str | None) -> None:
        """A courier is there no sooner than the way and the rests on it allow."""
        rested_s = sum(r.until_s - r.from_s for r in self._rests if at_s <= r.from_s and r.until_s <= there_s)
        if there_s < at_s + least_s + rested_s:
            self._say("too_fast", stop, there_s=there_s, earliest_s=at_s + least_s + rested_s)

    def _way(self, from_node: str, to_node: str, stop: str | None) -> int | None:
        seconds = self.times.between(self.profile, from_node, to_node)
        if seconds is None:
            self._say("no_way", stop, from_node=from_node, to_node=to_node)
        return seconds

    def _check_shift(self) -> None:
        route, ends_s = self.route, min(self.vehicle.shift_end_s, self.problem.horizon_s)
        if route.begin_s < max(0, self.vehicle.shift_start_s) or route.end_s > ends_s:
            self._say("outside_shift", begin_s=route.begin_s, end_s=route.end_s, shift_end_s=ends_s)
        takes_s, may_s = route.end_s - route.begin_s, self.vehicle.max_route_s
        if may_s is not None and takes_s > may_s:
            self._say("route_too_long", takes_s=takes_s, may_take_s=may_s)

    def _check_caps(self) -> None:
        floors = sum(self.stops[visit.stop].floors for visit in self.route.visits)
        if self.vehicle.max_floors is not None and floors > self.vehicle.max_floors:
            self._say("too_many_floors", floors=floors, may_climb=self.vehicle.max_floors)
        for visit in self.route.visits:
            self.work_s += self._service_s(self.stops[visit.stop], visit)
        if self.vehicle.max_work_s is not None and self.work_s > self.vehicle.max_work_s:
            self._say("too_much_work", work_s=self.work_s, may_work_s=self.vehicle.max_work_s)

    def _check_trips(self) -> None:
        trips = [visit.trip for visit in self.route.visits]
        most = 1 if self.vehicle.has_left else self.vehicle.trips
        if trips != sorted(trips) or any(not 0 <= trip < most for trip in trips):
            self._say("too_many_trips", trips=trips, may_go=most)
        for trip in sorted(set(trips)):
            visits = [v for v in self.route.visits if v.trip == trip and v.carries]
            self._check_loads([self.stops[v.stop] for v in visits])

    def _check_loads(self, served: list[Stop]) -> None:
        for what in ("load_g", "volume_ml", "parcels", "cold_ml"):
            holds = getattr(self.vehicle, what)
            carries = sum(getattr(s, what) for s in served if s.kind != "pickup" and s.goods_from is None)
            most = carries
            for stop in served:
                carries += getattr(stop, what) * (1 if stop.kind == "pickup" else -1)
                most = max(most, carries)
            if most > holds:
                self._say("overloaded", what=what, carries=most, holds=holds)

    def _check_order(self) -> None:
        seen_red, trip = None, 0
        for visit in self.route.visits:
            if visit.trip > trip and self.vehicle.disinfects:
                seen_red = None
            trip = visit.trip
            if self.stops[visit.stop].is_red:
                seen_red = visit.stop
            elif seen_red is not None:
                self._say("green_after_red", visit.stop, red=seen_red)

    def _check_pickups(self) -> None:
        place = {visit.stop: nth for nth, visit in enumerate(self.route.visits)}
        for visit in self.route.visits:
            stop = self.stops[visit.stop]
            if stop.goods_from is not None and place.get(stop.goods_from, len(place)) > place[stop.id]:
                self._say("not_picked_up", stop.id, pickup=stop.goods_from)
            if stop.kind == "pickup" and not any(self.stops[o].goods_from == stop.id for o in place):
                self._say("not_dropped", stop.id)

    def _check_frozen(self) -> None:
        first = tuple(visit.stop for visit in self.route.visits)[: len(self.vehicle.frozen)]
        if first != self.vehicle.frozen:
            self._say("frozen_stops_moved", frozen=list(self.vehicle.frozen))

    def _check_rests(self) -> None:
        rests, due = self._rests, [b for b in self.vehicle.breaks if self.route.end_s > b.until_s]
        if len(rests) < len(due):
            self._say("no_rest", rests=len(rests), due=len(due))
        for rest, wanted in zip(rests, self.vehicle.breaks, strict=False):
            if (
                not wanted.from_s <= rest.from_s <= wanted.until_s
                or rest.until_s - rest.from_s < wanted.rest_s
            ):
                self._say("no_rest", from_s=rest.from_s, until_s=rest.until_s)
        for visit in self.route.visits:
            if any(rest.from_s < visit.depart_s and visit.start_s < rest.until_s for rest in rests):
                self._say("serves_at_rest", visit.stop)

    def _check_may_serve(self, visit: Visit, stop: Stop) -> None:
        vehicle = self.vehicle
        if missing := stop.skills - vehicle.skills:
            self._say("skill_missing", stop.id, skills=sorted(missing))
        if vehicle.id in stop.not_by or (stop.only_by and vehicle.id not in stop.only_by):
            self._say("not_welcome", stop.id)
        if not visit.carries:
            pass
        elif stop.only_vehicle is not None and stop.only_vehicle != vehicle.id:
            self._say("goods_elsewhere", stop.id, vehicle=stop.only_vehicle)
        elif stop.kind == "delivery" and stop.only_vehicle != vehicle.id and stop.goods_from is None:
            is_elsewhere = stop.depot is not None and stop.depot != vehicle.start_node
            if vehicle.has_left or is_elsewhere:
                self._say("goods_at_the_depot", stop.id)
        if vehicle.has_been_red and not stop.is_red:
            self._say("green_after_red", stop.id, red=None)

    def _check_halt(self, profile: Profile, visit: Visit, stop: Stop) -> None:
        if not profile.halts_at_standing_points:
            if visit.halt_node != stop.node:
                self._say("wrong_place", stop.id, halt=visit.halt_node, node=stop.node)
            # Who halts at the stop itself walks nowhere; a walk of less than nothing would shorten the service.
            if visit.walk_s != 0:
                self._say("walk_out_of_nowhere", stop.id, walk_s=visit.walk_s)
            return
        stands = [p for p in self.problem.standing_points if p.node == visit.halt_node]
        if not any(p.width_cm >= profile.width_cm for p in stands):
            self._say("no_standing_point", stop.id, halt=visit.halt_node)
        walking = self.findings.profiles[self.problem.walking_profile]
        there = self.times.between(walking, visit.halt_node, stop.node)
        back = self.times.between(walking, stop.node, visit.halt_node)
        if there is None or back is None or visit.walk_s < there + back:
            self._say("walk_too_short", stop.id, walk_s=visit.walk_s)
        elif (there - 1) * walking.speed_m_s > self.problem.max_walk_m:
            self._say("walk_too_far", stop.id, there_s=there, max_walk_m=self.problem.max_walk_m)

    def _check_visit_times(self, visit: Visit, stop: Stop) -> None:
        if visit.start_s < visit.arrive_s:
            self._say("starts_before_arrival", stop.id, start_s=visit.start_s)
        if stop.windows and not any(start <= visit.start_s <= end for start, end in stop.windows):
            self._say("outside_window", stop.id, start_s=visit.start_s)
        shortest_s = self._service_s(stop, visit)
        if visit.depart_s < visit.start_s + shortest_s:
            self._say("service_too_short", stop.id, has_s=visit.depart_s - visit.start_s, needs_s=shortest_s)

    def _service_s(self, stop: Stop, visit: Visit) -> int:
        grown_s = stop.floors * self.problem.floor_s + stop.parcels * self.problem.parcel_s
        return stop.service_s + stop.door_s + grown_s + visit.walk_s
