"""From rows to a Problem of the dispatcher, and from its Plan to sheets to be released. No table is touched here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import structlog

from dispatch import BadProblem, Limits, Plan, Problem, Violation, baseline, check, solve
from dispatch.lanes import LaneNetwork
from dispatch.problem import Lane, Node, Profile, Promise, Shelf, StandingPoint, Stop, Vehicle
from dispatch.warm import warm_up
from server.core.deliveries import rules
from server.core.places.service import NetworkData
from server.kit.apart import Apart, Died


def _wheels(name: str, speed_m_s: float, width_cm: int, *, obeys_oneway: bool = True) -> Profile:
    return Profile(
        name,
        speed_m_s=speed_m_s,
        width_cm=width_cm,
        needs_fire_lane=True,
        may_use_steps=False,
        obeys_oneway=obeys_oneway,
        halts_at_standing_points=True,
    )


# Walking pace with a bag: 1.2 m/s; a pushed cart is no faster. Widths are of the vehicle with its load.
PROFILES = (
    Profile("walk", speed_m_s=1.2, width_cm=60),
    _wheels("cart", 1.2, 110, obeys_oneway=False),
    _wheels("trike", 2.8, 130),
    _wheels("unmanned", 1.8, 90),
)
MEMORY_BYTES = 12 << 30
# How long after its limit a solver counts as hung; the rule of thumb then takes so long at most.
GRACE_S = 15.0
GRACE_S_PER_STOP = 0.005
# How long a wave waits for another community's to be solved.
PATIENCE_S = 60.0
RULE_OF_THUMB_S = 10.0
# What plans made without a search name as their engine (``dispatch.baseline``).
RULE_OF_THUMB = "nearest"
log = structlog.get_logger()


class SolverFailed(Exception):
    """Nothing can be planned: what was read contradicts itself. The wave goes back to where it was."""


@dataclass(frozen=True)
class PlanHelper:
    """A courier who is on: ``works_from`` to ``works_until``, starting at ``start_node``."""

    id: UUID
    profile: str
    start_node: UUID
    end_node: UUID
    works_from: datetime
    works_until: datetime
    load_g: int
    volume_ml: int
    parcels: int
    has_left: bool = False
    has_been_red: bool = False


@dataclass(frozen=True)
class PlanStop:
    """One home to be served.

    ``is_sealed``: its building has a home under isolation. ``only_helper``: who accepted the visit, or has the goods
    on board. ``promised_at``: when the home was told that its helper comes. ``shelf``: the entrance whose shelf the
    home fetches its goods from.
    """

    id: str
    kind: str
    home_id: UUID
    node: UUID
    spot: str
    need_id: UUID | None
    parcel_ids: tuple[UUID, ...]
    load_g: int
    volume_ml: int
    service_s: int
    door_s: int
    wanted_from: datetime
    wanted_until: datetime
    priority: int
    is_red: bool
    must_prove: bool
    is_sealed: bool = False
    need_ids: tuple[UUID, ...] = ()
    only_helper: UUID | None = None
    promised_at: datetime | None = None
    shelf: UUID | None = None


@dataclass(frozen=True)
class Inputs:
    """Everything a plan is made from, as it was at one instant.

    ``without_shift``: couriers who are not on. ``shelves``: how many parcels fit on the shelf of each entrance whose
    homes are to be called one after the other.
    """

    starts_at: datetime
    horizon_s: int
    network: NetworkData
    helpers: tuple[PlanHelper, ...]
    stops: tuple[PlanStop, ...]
    without_shift: tuple[UUID, ...] = ()
    shelves: Mapping[UUID, int] = field(default_factory=dict)


def problem_of(inputs: Inputs) -> Problem:
    """Return the dispatcher's problem. Times become seconds after ``starts_at``.

    Raises SolverFailed for what no dispatcher could read, such as a lane that ends nowhere.
    """
    try:
        return _problem(inputs)
    except BadProblem as error:
        raise SolverFailed(str(error)) from error


def _problem(inputs: Inputs) -> Problem:
    return Problem(
        nodes=tuple(Node(str(n.id), n.x_m, n.y_m) for n in inputs.network.nodes),
        lanes=tuple(
            Lane(
                id=str(lane.id),
                from_node=str(lane.from_node),
                to_node=str(lane.to_node),
                length_m=lane.length_m,
                width_cm=lane.width_cm,
                is_fire_lane=lane.is_fire_lane,
                is_oneway=lane.is_oneway,
                steps=lane.steps,
                is_open=lane.state == "open",
            )
            for lane in inputs.network.lanes
        ),
        profiles=PROFILES,
        vehicles=tuple(_vehicle(helper, inputs) for helper in inputs.helpers),
        stops=tuple(_stop(stop, inputs) for stop in inputs.stops),
        horizon_s=inputs.horizon_s,
        standing_points=tuple(
            StandingPoint(str(p.id), str(p.node_id), p.width_cm) for p in inputs.network.standing_points
        ),
        shelves=tuple(Shelf(str(entrance), parcels) for entrance, parcels in inputs.shelves.items()),
        call_interval_s=rules.CALL_INTERVAL_S,
    )


def _vehicle(helper: PlanHelper, inputs: Inputs) -> Vehicle:
    return Vehicle(
        id=str(helper.id),
        profile=helper.profile,
        start_node=str(helper.start_node),
        end_node=str(helper.end_node),
        shift_start_s=max(0, _seconds(helper.works_from, inputs)),
        shift_end_s=min(inputs.horizon_s, _seconds(helper.works_until, inputs)),
        load_g=helper.load_g,
        volume_ml=helper.volume_ml,
        parcels=helper.parcels,
        skills=frozenset({_own_skill(helper.id)}),
        has_left=helper.has_left,
        has_been_red=helper.has_been_red,
    )


def _stop(stop: PlanStop, inputs: Inputs) -> Stop:
    window = rules.window_s(stop.wanted_from, stop.wanted_until, start=inputs.starts_at)
    is_on_board = stop.only_helper is not None and stop.kind == "delivery"
    return Stop(
        id=stop.id,
        node=str(stop.node),
        kind="visit" if stop.kind == "visit" else "delivery",
        load_g=stop.load_g,
        volume_ml=stop.volume_ml,
        parcels=len(stop.parcel_ids),
        service_s=stop.service_s,
        door_s=stop.door_s,
        # What is on board is brought even when its time is over.
        windows=(window,) if window and window[0] <= inputs.horizon_s and not is_on_board else (),
        priority=stop.priority,
        due_s=rules.PRIORITY_DUE_S if stop.priority == 0 else None,
        # A visit that a helper accepted is theirs: nobody else may be sent to that home in their place.
        skills=frozenset({_own_skill(stop.only_helper)})
        if stop.only_helper and not is_on_board
        else frozenset(),
        is_red=stop.is_red,
        only_vehicle=str(stop.only_helper) if is_on_board else None,
        promised=_promise(stop, inputs),
        shelf=str(stop.shelf) if stop.shelf in inputs.shelves else None,
    )


def _promise(stop: PlanStop, inputs: Inputs) -> Promise | None:
    if stop.promised_at is None or stop.only_helper not in {helper.id for helper in inputs.helpers}:
        return None
    return Promise(str(stop.only_helper), max(0, _seconds(stop.promised_at, inputs)))


solver = Apart(warm_up, MEMORY_BYTES)


def make_plan(
    problem: Problem, seconds: float, *, is_apart: bool, is_wary: bool = False
) -> tuple[Plan, list[Violation]]:
    """Solve, in the solver's process if ``is_apart``, and check.

    Where the solver dies, breaks, takes too much memory, overruns its time or has none for this wave, or where the
    checker rejects what it found, the rule of thumb plans the wave, and the plan says so: nobody waits at home
    because a program did not end. ``is_wary``: the solver is not even tried.
    """
    try:
        if is_wary:
            raise Died("it died before")
        plan = _solve_apart(problem, seconds) if is_apart else solve(problem, Limits(seconds))
        violations = check(problem, plan)
        if not violations:
            return plan, violations
        log.error("deliveries.plan_rejected", violations=[str(violation) for violation in violations[:10]])
    except (Died, MemoryError) as error:
        log.warning("deliveries.solver_died", error=str(error), stops=len(problem.stops))
    plan = baseline(problem, within_s=RULE_OF_THUMB_S)
    return plan, check(problem, plan)


def _solve_apart(problem: Problem, seconds: float) -> Plan:
    # Reading a large wave and naming reasons come on top of the search.
    within_s = seconds + GRACE_S + len(problem.stops) * GRACE_S_PER_STOP
    return solver.run(solve, problem, Limits(seconds), within_s=within_s, patience_s=PATIENCE_S)


def sheets_of(inputs: Inputs, problem: Problem, plan: Plan) -> list[dict[str, Any]]:
    """Return the routes as JSON: one sheet a courier, each stop with its times and the way there."""
    ways = _Ways(inputs, problem)
    stops = {stop.id: stop for stop in inputs.stops}
    helpers = {str(helper.id): helper for helper in inputs.helpers}
    called = {call.stop: _instant(call.from_s, inputs) for call in plan.calls}
    sheets = []
    for route in plan.routes:
        helper = helpers[route.vehicle]
        place, entries = str(helper.start_node), []
        for position, visit in enumerate(route.visits, start=1):
            entries.append(
                {
                    **_spec(stops[visit.stop]),
                    "position": position,
                    "plan_arrive_at": _instant(visit.arrive_s, inputs),
                    "plan_depart_at": _instant(visit.depart_s, inputs),
                    "halt_node": visit.halt_node,
                    "walk_s": visit.walk_s,
                    "wait_s": visit.start_s - visit.arrive_s,
                    "leg": ways.points(helper.profile, place, visit.halt_node),
                    "called_at": called.get(visit.stop),
                }
            )
            place = visit.halt_node
        sheets.append(
            {
                "helper_id": str(helper.id),
                "profile": helper.profile,
                "start_node": str(helper.start_node),
                "begin_at": _instant(route.begin_s, inputs),
                "end_at": _instant(route.end_s, inputs),
                "shift_end_at": helper.works_until.isoformat(),
                "way_home": ways.points(helper.profile, place, str(helper.end_node)),
                "stops": entries,
            }
        )
    return sheets


def figures_of(inputs: Inputs, plan: Plan, violations: list[Violation]) -> dict[str, Any]:
    """Return the plan's figures as the officer sees them; couriers who do not go are named with why."""
    unused = [{"helper_id": vehicle, "why": why} for vehicle, why in plan.unused_vehicles]
    unused += [{"helper_id": str(helper_id), "why": "no_shift"} for helper_id in inputs.without_shift]
    return {
        "stops": plan.served,
        "unserved": len(plan.unserved),
        "routes": len(plan.routes),
        "cost": plan.cost.total,
        "travel_s": plan.cost.travel_s,
        "walk_s": plan.cost.walk_s,
        "late_s": plan.cost.late_s,
        "violations": len(violations),
        "without_shift": sum(one["why"] == "no_shift" for one in unused),
        "unused_helpers": unused,
        "engine": plan.engine,
        "solve_s": round(plan.seconds, 2),
    }


def unserved_of(inputs: Inputs, plan: Plan) -> list[dict[str, Any]]:
    """Return what is not served: home, need, reason, facts, and the smallest change that would serve it."""
    stops = {stop.id: stop for stop in inputs.stops}
    return [
        {
            "home_id": str(stops[u.stop].home_id),
            "need_ids": [str(need_id) for need_id in stops[u.stop].need_ids],
            "parcel_ids": [str(parcel_id) for parcel_id in stops[u.stop].parcel_ids],
            "stop": u.stop,
            "reason": u.reason,
            "facts": u.facts,
            "change": u.change,
        }
        for u in plan.unserved
    ]


def _spec(stop: PlanStop) -> dict[str, Any]:
    spec = asdict(stop)
    for key in ("parcel_ids", "need_ids"):
        spec[key] = [str(one) for one in spec[key]]
    for key in ("home_id", "node", "need_id", "only_helper", "shelf"):
        spec[key] = str(spec[key]) if spec[key] else None
    for key in ("wanted_from", "wanted_until", "promised_at"):
        spec[key] = spec[key].isoformat() if spec[key] else None
    return spec


def stop_from_spec(spec: dict[str, Any]) -> PlanStop:
    """Return the stop that a sheet's entry describes."""
    # What was written before a field was there has none.
    values = {field.name: spec.get(field.name, field.default) for field in fields(PlanStop)}
    for key in ("home_id", "node", "need_id", "only_helper", "shelf"):
        values[key] = UUID(values[key]) if values[key] else None
    for key in ("parcel_ids", "need_ids"):
        values[key] = tuple(UUID(one) for one in spec[key])
    for key in ("wanted_from", "wanted_until", "promised_at"):
        values[key] = datetime.fromisoformat(values[key]) if values[key] else None
    return PlanStop(**values)


def what_changed(
    planned: Iterable[PlanStop], helper_ids: Iterable[UUID], network_version: int, now: Inputs
) -> str | None:
    """Return why a plan made from these does not hold any more; None if it does.

    What has come since waits for the next wave and changes nothing. ``helper_ids``: who goes on a route.
    """
    if network_version != now.network.version:
        return "lanes_changed"
    if not set(helper_ids) <= {helper.id for helper in now.helpers}:
        return "courier_gone"
    present = {stop.id: stop for stop in now.stops}
    for stop in planned:
        other = present.get(stop.id)
        if other is None or not set(stop.parcel_ids) <= set(other.parcel_ids):
            return "stop_gone"
        # Whoever was told green must not meet a home under isolation, nor a shelf in its building.
        if (stop.is_red, stop.is_sealed, stop.only_helper) != (
            other.is_red,
            other.is_sealed,
            other.only_helper,
        ):
            return "home_changed"
    return None


@dataclass(frozen=True)
class Leg:
    """A part of a route as planned: the way to a halt, and the seconds on foot from there to the stop and back."""

    from_node: str
    halt_node: str
    stop_node: str
    walk_s: int
    points: list[Any]


def is_still_the_way(inputs: Inputs, problem: Problem, legs: Iterable[Leg]) -> bool:
    """Tell whether the only courier would still go exactly so."""
    ways = _Ways(inputs, problem)
    return all(
        ways.points(inputs.helpers[0].profile, leg.from_node, leg.halt_node) == leg.points
        and ways.walk_s(leg.halt_node, leg.stop_node) == leg.walk_s
        for leg in legs
    )


class _Ways:
    """Ways along the lanes as polylines."""

    def __init__(self, inputs: Inputs, problem: Problem) -> None:
        self.network = LaneNetwork(problem)
        self.profiles = {profile.name: profile for profile in PROFILES}
        self.at = {str(n.id): [n.x_m, n.y_m] for n in inputs.network.nodes}
        self.between: dict[tuple[str, str], list[list[float]]] = {}
        longest_first: Iterable[Any] = sorted(inputs.network.lanes, key=lambda lane: -lane.length_m)
        for lane in longest_first:
            if lane.state == "open":
                ends = (str(lane.from_node), str(lane.to_node))
                self.between[ends] = lane.points
                self.between[ends[::-1]] = lane.points[::-1]

    def points(self, profile: str, from_node: str, to_node: str) -> list[list[float]]:
        """Return the way's corners in local metres."""
        nodes = self.network.path(self.profiles[profile], from_node, to_node)
        if len(nodes) < 2:
            return [self.at[to_node]]
        way: list[list[float]] = []
        for pair in pairwise(nodes):
            points = self.between.get(pair, [self.at[pair[0]], self.at[pair[1]]])
            way.extend(points if not way else points[1:])
        return way

    def walk_s(self, halt_node: str, stop_node: str) -> int:
        """Return the seconds on foot from a halt to a stop and back."""
        times = self.network.lane_times(self.profiles["walk"], [halt_node, stop_node])
        return int(times[0, 1]) + int(times[1, 0])


def _own_skill(helper_id: UUID) -> str:
    return f"helper:{helper_id}"


def _seconds(at: datetime, inputs: Inputs) -> int:
    return int((at - inputs.starts_at).total_seconds())


def _instant(seconds: int, inputs: Inputs) -> str:
    return (inputs.starts_at + timedelta(seconds=seconds)).isoformat()
