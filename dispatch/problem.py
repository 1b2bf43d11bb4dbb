"""The problem of one wave: lanes, couriers, stops. Whole seconds, metres along the lanes, grams, millilitres.

Times count from the wave's start; whoever calls keeps the calendar. Nothing here knows a database or a
web page.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from dispatch.reading import LARGEST, BadProblem, plain, read

VERSION = 1
StopKind = Literal["delivery", "visit"]
LONGEST_HORIZON_S = 7 * 24 * 3600
LONGEST_LANE_M = 100_000
SLOWEST_M_S, FASTEST_M_S = 0.05, 50.0


@dataclass(frozen=True)
class Node:
    """A point of the lane network, in local metres (y to the north)."""

    id: str
    x_m: float
    y_m: float


@dataclass(frozen=True)
class Lane:
    """A piece of lane between two nodes, to be travelled both ways unless ``is_oneway``.

    It takes length / speed and half a second a step, in whole milliseconds (halves to the even one), one at
    the least; only whoever ``obeys_oneway`` minds ``is_oneway``. A journey is rounded up to whole seconds.
    Source: stair speed from Fujiyama & Tyler 2004, table 3, rounded.
    """

    id: str
    from_node: str
    to_node: str
    length_m: float
    width_cm: int
    is_fire_lane: bool = False
    is_oneway: bool = False
    steps: int = 0
    is_open: bool = True


@dataclass(frozen=True)
class Profile:
    """How something moves.

    A ``halts_at_standing_points`` vehicle stops only there; the last metres are walked.
    """

    name: str
    speed_m_s: float
    width_cm: int = 60
    needs_fire_lane: bool = False
    may_use_steps: bool = True
    obeys_oneway: bool = False
    halts_at_standing_points: bool = False


@dataclass(frozen=True)
class StandingPoint:
    """A marked place where a vehicle may stand without blocking the lane."""

    id: str
    node: str
    width_cm: int = 200


@dataclass(frozen=True)
class Vehicle:
    """A courier with what they travel in.

    No shift (``shift_end_s`` ≤ ``shift_start_s``): not used, and said so.
    """

    id: str
    profile: str
    start_node: str
    end_node: str
    shift_start_s: int
    shift_end_s: int
    load_g: int
    volume_ml: int
    parcels: int
    skills: frozenset[str] = frozenset()
    # From leaving its start to being at its end; None: the shift is the only limit.
    max_route_s: int | None = None
    # On the way already: what is on board cannot be had by anyone else, and the depot is behind.
    has_left: bool = False
    # It has been to a home under isolation in this wave: before disinfection only such homes are left for it.
    has_been_red: bool = False


@dataclass(frozen=True)
class Stop:
    """One place to be served at once.

    ``windows``: start of service, (from, until) seconds; none: at any time.

    ``door_s``: seconds from the lane to the door and back. ``priority`` 0 is served first. ``due_s``:
    later costs. ``only_vehicle``: its goods are on board of that one.
    """

    id: str
    node: str
    kind: StopKind = "delivery"
    load_g: int = 0
    volume_ml: int = 0
    parcels: int = 0
    service_s: int = 60
    door_s: int = 0
    windows: tuple[tuple[int, int], ...] = ()
    priority: int = 1
    due_s: int | None = None
    skills: frozenset[str] = frozenset()
    is_red: bool = False
    only_vehicle: str | None = None


@dataclass(frozen=True)
class Weights:
    """What things cost, in seconds of travel.

    An unserved stop of priority p costs ``unserved_s`` // (p + 1).
    """

    unserved_s: int = 200_000
    vehicle_s: int = 120
    late: int = 1


@dataclass(frozen=True)
class Problem:
    """One wave. ``max_walk_m``: how far goods are carried from a standing point."""

    nodes: tuple[Node, ...]
    lanes: tuple[Lane, ...]
    profiles: tuple[Profile, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    horizon_s: int
    standing_points: tuple[StandingPoint, ...] = ()
    walking_profile: str = "walk"
    max_walk_m: int = 150
    weights: Weights = field(default_factory=Weights)
    version: int = VERSION

    def __post_init__(self) -> None:
        _check(self)

    def profile(self, name: str) -> Profile:
        """Return the profile of that name."""
        return next(p for p in self.profiles if p.name == name)

    def digest(self) -> str:
        """Return the SHA-256 of the problem's canonical JSON: a plan says which problem it is for."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the problem as JSON-able values."""
        data: dict[str, Any] = plain(asdict(self))
        return data

    @classmethod
    def from_json(cls, data: Any) -> Problem:
        """Read what ``to_json`` wrote. Raises BadProblem naming the first thing that does not fit."""
        if not isinstance(data, dict):
            raise BadProblem("the problem must be a JSON object")
        if data.get("version") != VERSION:
            raise BadProblem(f"version {data.get('version')!r}: this program reads version {VERSION}")
        return read(cls, data, "problem")


def _check(problem: Problem) -> None:
    _check_figures(problem)
    nodes = _ids("node", [n.id for n in problem.nodes])
    _ids("lane", [lane.id for lane in problem.lanes])
    profiles = _ids("profile", [p.name for p in problem.profiles])
    vehicles = _ids("vehicle", [v.id for v in problem.vehicles])
    _ids("stop", [s.id for s in problem.stops])
    _ids("standing point", [p.id for p in problem.standing_points])
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
    for vehicle in problem.vehicles:
        _check_vehicle(vehicle, nodes, profiles)
    for stop in problem.stops:
        _check_stop(stop, nodes, vehicles)


def _check_figures(problem: Problem) -> None:
    if not 0 < problem.horizon_s <= LONGEST_HORIZON_S:
        raise BadProblem(f"horizon_s must be between 1 and {LONGEST_HORIZON_S}")
    if not 0 <= problem.max_walk_m <= LARGEST:
        raise BadProblem("max_walk_m cannot be negative")
    if min(problem.weights.unserved_s, problem.weights.vehicle_s, problem.weights.late) < 0:
        raise BadProblem("weights cannot be negative")
    for profile in problem.profiles:
        if not SLOWEST_M_S <= profile.speed_m_s <= FASTEST_M_S:
            raise BadProblem(f"profile {profile.name!r}: speed_m_s must be {SLOWEST_M_S} to {FASTEST_M_S}")


def _check_vehicle(vehicle: Vehicle, nodes: set[str], profiles: set[str]) -> None:
    if vehicle.profile not in profiles:
        raise BadProblem(f"vehicle {vehicle.id!r}: no profile {vehicle.profile!r}")
    if vehicle.start_node not in nodes or vehicle.end_node not in nodes:
        raise BadProblem(f"vehicle {vehicle.id!r} starts or ends at a node that is not there")
    loads = (vehicle.load_g, vehicle.volume_ml, vehicle.parcels)
    if min(loads) < 0 or max(loads) > LARGEST:
        raise BadProblem(f"vehicle {vehicle.id!r}: capacity must be 0 to {LARGEST}")
    if vehicle.max_route_s is not None and not 0 < vehicle.max_route_s <= LONGEST_HORIZON_S:
        raise BadProblem(f"vehicle {vehicle.id!r}: max_route_s must be between 1 and {LONGEST_HORIZON_S}")


def _check_stop(stop: Stop, nodes: set[str], vehicles: set[str]) -> None:
    if stop.node not in nodes:
        raise BadProblem(f"stop {stop.id!r} is at a node that is not there")
    figures = (stop.load_g, stop.volume_ml, stop.parcels, stop.service_s, stop.door_s, stop.priority)
    if min(figures) < 0 or max(figures) > LARGEST:
        raise BadProblem(f"stop {stop.id!r}: loads, times and priority must be 0 to {LARGEST}")
    if any(start > end or start < 0 for start, end in stop.windows):
        raise BadProblem(f"stop {stop.id!r}: a time window ends before it starts")
    if stop.kind not in ("delivery", "visit"):
        raise BadProblem(f"stop {stop.id!r}: kind {stop.kind!r} is neither delivery nor visit")
    if stop.only_vehicle is not None and stop.only_vehicle not in vehicles:
        raise BadProblem(f"stop {stop.id!r}: no vehicle {stop.only_vehicle!r}")


def _ids(what: str, ids: list[str]) -> set[str]:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadProblem(f"two of the name {one!r}: {what}")
        seen.add(one)
    return seen
