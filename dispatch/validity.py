"""What a problem must keep to be one: every name is known, every figure in its range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from dispatch.reading import LARGEST, BadProblem

if TYPE_CHECKING:
    from dispatch.problem import Matrix, Problem, Stop, Vehicle, Weights

LONGEST_HORIZON_S = 7 * 24 * 3600
LONGEST_LANE_M = 100_000
SLOWEST_M_S, FASTEST_M_S = 0.05, 50.0
MOST_PERCENT = 100
MOST_TRIPS = 20
MOST_PEOPLE = 2
KINDS = ("delivery", "visit", "pickup")


def check_problem(problem: Problem) -> None:
    """Raise BadProblem for the first thing that contradicts itself."""
    _check_figures(problem)
    nodes = _ids("node", [n.id for n in problem.nodes])
    _ids("lane", [lane.id for lane in problem.lanes])
    profiles = _ids("profile", [p.name for p in problem.profiles])
    vehicles = _ids("vehicle", [v.id for v in problem.vehicles])
    stops = _ids("stop", [s.id for s in problem.stops])
    shelves = _ids("shelf", [s.id for s in problem.shelves])
    _ids("standing point", [p.id for p in problem.standing_points])
    _ids("matrix", [matrix.profile for matrix in problem.matrices])
    if problem.walking_profile not in profiles:
        raise BadProblem(f"no profile {problem.walking_profile!r} for the last metres on foot")
    for lane in problem.lanes:
        if lane.from_node not in nodes or lane.to_node not in nodes:
            raise BadProblem(f"lane {lane.id!r} ends at a node that is not there")
        if not 0 <= lane.length_m <= LONGEST_LANE_M or not 0 <= lane.steps <= LONGEST_LANE_M:
            raise BadProblem(f"lane {lane.id!r}: length and steps must be 0 to {LONGEST_LANE_M}")
    for point in problem.standing_points:
        if point.node not in nodes:
            raise BadProblem(f"standing point {point.id!r} is at a node that is not there")
    for matrix in problem.matrices:
        _check_matrix(matrix, nodes, profiles)
    for vehicle in problem.vehicles:
        _check_vehicle(vehicle, nodes, profiles, stops)
    for stop in problem.stops:
        _check_stop(stop, nodes, vehicles, shelves)
    _check_pickups(problem)
    _check_frozen(problem)


def _check_figures(problem: Problem) -> None:
    if not 0 < problem.horizon_s <= LONGEST_HORIZON_S:
        raise BadProblem(f"horizon_s must be between 1 and {LONGEST_HORIZON_S}")
    if not 0 <= problem.max_walk_m <= LARGEST:
        raise BadProblem("max_walk_m cannot be negative")
    if (
        min(problem.floor_s, problem.parcel_s) < 0
        or max(problem.floor_s, problem.parcel_s) > LONGEST_HORIZON_S
    ):
        raise BadProblem(f"floor_s and parcel_s must be 0 to {LONGEST_HORIZON_S}")
    if not 0 < problem.call_interval_s <= LONGEST_HORIZON_S:
        raise BadProblem(f"call_interval_s must be between 1 and {LONGEST_HORIZON_S}")
    if problem.fair_work_s is not None and not 0 <= problem.fair_work_s <= LARGEST:
        raise BadProblem(f"fair_work_s must be 0 to {LARGEST}")
    if min(_weights(problem.weights)) < 0 or max(_weights(problem.weights)) > LARGEST:
        raise BadProblem("weights cannot be negative")
    for profile in problem.profiles:
        if not SLOWEST_M_S <= profile.speed_m_s <= FASTEST_M_S:
            raise BadProblem(f"profile {profile.name!r}: speed_m_s must be {SLOWEST_M_S} to {FASTEST_M_S}")
        if not 0 <= profile.fails_percent <= MOST_PERCENT:
            raise BadProblem(f"profile {profile.name!r}: fails_percent must be 0 to {MOST_PERCENT}")
    for shelf in problem.shelves:
        if min(shelf.parcels, shelf.homes_at_once) < 1 or max(shelf.parcels, shelf.homes_at_once) > LARGEST:
            raise BadProblem(f"shelf {shelf.id!r}: it must hold a parcel and be called for by a home")


def _weights(weights: Weights) -> list[int]:
    return [int(value) for value in vars(weights).values()]


def _check_matrix(matrix: Matrix, nodes: set[str], profiles: set[str]) -> None:
    if matrix.profile not in profiles:
        raise BadProblem(f"a matrix for {matrix.profile!r}, which is no profile")
    if len(_ids(f"node of the matrix of {matrix.profile!r}", matrix.nodes) - nodes) > 0:
        raise BadProblem(f"the matrix of {matrix.profile!r} names a node that is not there")
    size = len(matrix.nodes)
    if len(matrix.seconds) != size or any(len(row) != size for row in matrix.seconds):
        raise BadProblem(f"the matrix of {matrix.profile!r} must have {size} rows of {size} values")
    if any(min(row, default=0) < -1 or max(row, default=0) > LARGEST for row in matrix.seconds):
        raise BadProblem(f"the matrix of {matrix.profile!r}: seconds must be -1 (no way) to {LARGEST}")


def _check_vehicle(vehicle: Vehicle, nodes: set[str], profiles: set[str], stops: set[str]) -> None:
    name = f"vehicle {vehicle.id!r}"
    if vehicle.profile not in profiles:
        raise BadProblem(f"{name}: no profile {vehicle.profile!r}")
    if vehicle.start_node not in nodes or vehicle.end_node not in nodes:
        raise BadProblem(f"{name} starts or ends at a node that is not there")
    loads = (vehicle.load_g, vehicle.volume_ml, vehicle.parcels, vehicle.cold_ml)
    if min(loads) < 0 or max(loads) > LARGEST:
        raise BadProblem(f"{name}: capacity must be 0 to {LARGEST}")
    if vehicle.max_route_s is not None and not 0 < vehicle.max_route_s <= LONGEST_HORIZON_S:
        raise BadProblem(f"{name}: max_route_s must be between 1 and {LONGEST_HORIZON_S}")
    limits = (vehicle.max_floors, vehicle.max_work_s, vehicle.work_before_s)
    if any(limit is not None and not 0 <= limit <= LARGEST for limit in limits):
        raise BadProblem(f"{name}: max_floors, max_work_s and work_before_s must be 0 to {LARGEST}")
    if not 1 <= vehicle.trips <= MOST_TRIPS or not 0 <= vehicle.reload_s <= LONGEST_HORIZON_S:
        raise BadProblem(f"{name}: trips must be 1 to {MOST_TRIPS} and reload_s 0 to {LONGEST_HORIZON_S}")
    for rest in vehicle.breaks:
        if not 0 <= rest.from_s <= rest.until_s <= LARGEST or not 0 < rest.rest_s <= LONGEST_HORIZON_S:
            raise BadProblem(f"{name}: a break must have a length and end after it begins")
    if any(a.until_s + a.rest_s > b.from_s for a, b in zip(vehicle.breaks, vehicle.breaks[1:], strict=False)):
        raise BadProblem(f"{name}: breaks must follow one another")
    if not set(vehicle.frozen) <= stops:
        raise BadProblem(f"{name}: a frozen stop that is not there")


def _check_stop(stop: Stop, nodes: set[str], vehicles: set[str], shelves: set[str]) -> None:
    name = f"stop {stop.id!r}"
    if stop.node not in nodes or (stop.depot is not None and stop.depot not in nodes):
        raise BadProblem(f"{name} is at a node that is not there")
    loads = (stop.load_g, stop.volume_ml, stop.parcels, stop.cold_ml)
    figures = (*loads, stop.service_s, stop.door_s, stop.floors, stop.priority)
    if min(figures) < 0 or max(figures) > LARGEST:
        raise BadProblem(f"{name}: loads, times and priority must be 0 to {LARGEST}")
    if any(start > end or start < 0 for start, end in stop.windows):
        raise BadProblem(f"{name}: a time window ends before it starts")
    if stop.kind not in KINDS:
        raise BadProblem(f"{name}: kind {stop.kind!r} is none of {', '.join(KINDS)}")
    if not 1 <= stop.people <= MOST_PEOPLE:
        raise BadProblem(f"{name}: people must be 1 or {MOST_PEOPLE}")
    named = (
        {stop.only_vehicle} | stop.only_by | stop.not_by | {stop.promised.vehicle if stop.promised else None}
    )
    if unknown := named - vehicles - {None}:
        raise BadProblem(f"{name}: no vehicle {min(str(one) for one in unknown)!r}")
    if stop.shelf is not None and stop.shelf not in shelves:
        raise BadProblem(f"{name}: no shelf {stop.shelf!r}")


def _check_pickups(problem: Problem) -> None:
    kinds = {stop.id: stop.kind for stop in problem.stops}
    drops = [stop for stop in problem.stops if stop.goods_from is not None]
    for stop in drops:
        if kinds.get(str(stop.goods_from)) != "pickup" or stop.kind != "delivery":
            raise BadProblem(f"stop {stop.id!r}: goods_from must name a pickup, and it must be a delivery")
        if stop.people > 1 or stop.is_red != _find(problem, str(stop.goods_from)).is_red:
            raise BadProblem(f"stop {stop.id!r}: a pickup and its drop are of one colour and for one courier")
    _ids("drop of one pickup", [str(stop.goods_from) for stop in drops])
    if len(drops) != sum(kind == "pickup" for kind in kinds.values()):
        raise BadProblem("every pickup needs its drop")


def _check_frozen(problem: Problem) -> None:
    _ids("frozen stop", [stop for vehicle in problem.vehicles for stop in vehicle.frozen])
    for vehicle in problem.vehicles:
        for stop_id in vehicle.frozen:
            stop = _find(problem, stop_id)
            if stop.people > 1 or stop.kind == "pickup" or stop.goods_from is not None:
                raise BadProblem(
                    f"vehicle {vehicle.id!r}: {stop_id!r} cannot be frozen, for it is a part of two"
                )


def _find(problem: Problem, stop_id: str) -> Stop:
    return next(stop for stop in problem.stops if stop.id == stop_id)


def _ids(what: str, ids: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadProblem(f"two of the name {one!r}: {what}")
        seen.add(one)
    return seen
