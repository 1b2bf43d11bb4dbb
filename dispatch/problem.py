"""The problem of one wave: lanes, couriers, stops. Whole seconds, metres along the lanes, grams, millilitres.

Times count from the wave's start; whoever calls keeps the calendar. Nothing here knows a database or a web page.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

VERSION = 1
StopKind = Literal["delivery", "visit"]
STAIR_MS = 500  # half a second a step, up or down: Fujiyama & Tyler 2004, table 3, rounded
SHORTEST_EDGE_MS = 1
MS_PER_S = 1000


class BadProblem(ValueError):
    """A problem that contradicts itself; the message names what and where."""


@dataclass(frozen=True)
class Node:
    """A point of the lane network, in local metres (y to the north)."""

    id: str
    x_m: float
    y_m: float


@dataclass(frozen=True)
class Lane:
    """A piece of lane between two nodes; to be travelled both ways unless ``is_oneway``."""

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
    """How something moves. A ``halts_at_standing_points`` vehicle stops only there; the last metres are walked."""

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
    """A courier with what they travel in. No shift (``shift_end_s`` ≤ ``shift_start_s``): not used, and said so."""

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
    # On the way already: what is on board cannot be had by anyone else, and the depot is behind.
    has_left: bool = False


@dataclass(frozen=True)
class Stop:
    """One place to be served at once. ``windows``: start of service, (from, until) seconds; none: at any time.

    ``door_s``: seconds from the lane to the door and back. ``priority`` 0 is served first. ``due_s``: later costs.
    ``only_vehicle``: its goods are on board of that one.
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
    """What things cost, in seconds of travel. An unserved stop of priority p costs ``unserved_s`` // (p + 1)."""

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
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_json(cls, data: Any) -> Problem:
        """Read what ``to_json`` wrote. Raises BadProblem naming the first thing that does not fit."""
        if not isinstance(data, dict):
            raise BadProblem("the problem must be a JSON object")
        if data.get("version") != VERSION:
            raise BadProblem(f"version {data.get('version')!r}: this program reads version {VERSION}")
        known = {f.name for f in fields(cls)}
        unknown = sorted(set(data) - known)
        if unknown:
            raise BadProblem(f"unknown field {unknown[0]!r}")
        lists: dict[str, type[Any]] = {
            "nodes": Node,
            "lanes": Lane,
            "profiles": Profile,
            "vehicles": Vehicle,
            "stops": Stop,
            "standing_points": StandingPoint,
        }
        values: dict[str, Any] = {}
        for name, value in data.items():
            if name in lists:
                values[name] = _read_list(name, value, lists[name])
            elif name == "weights":
                values[name] = _read(name, value, Weights)
            else:
                values[name] = value
        try:
            return cls(**values)
        except TypeError as error:
            raise BadProblem(str(error)) from None


def lane_ms(lane: Lane, profile: Profile) -> int:
    """Return the milliseconds that the profile takes along a lane. Whole numbers, so that every sum is exact."""
    return max(SHORTEST_EDGE_MS, round(lane.length_m / profile.speed_m_s * MS_PER_S) + lane.steps * STAIR_MS)


def may_pass(lane: Lane, profile: Profile) -> bool:
    """Tell whether the profile may travel along a lane at all."""
    return (
        lane.is_open
        and lane.width_cm >= profile.width_cm
        and (profile.may_use_steps or lane.steps == 0)
        and (lane.is_fire_lane or not profile.needs_fire_lane)
    )


def _check(problem: Problem) -> None:
    nodes = _ids("node", [n.id for n in problem.nodes])
    _ids("lane", [lane.id for lane in problem.lanes])
    profiles = _ids("profile", [p.name for p in problem.profiles])
    vehicles = _ids("vehicle", [v.id for v in problem.vehicles])
    _ids("stop", [s.id for s in problem.stops])
    _ids("standing point", [p.id for p in problem.standing_points])
    if problem.walking_profile not in profiles:
        raise BadProblem(f"no profile {problem.walking_profile!r} for the last metres on foot")
    if problem.horizon_s <= 0:
        raise BadProblem("horizon_s must be positive")
    for profile in problem.profiles:
        if profile.speed_m_s <= 0:
            raise BadProblem(f"profile {profile.name!r}: speed_m_s must be positive")
    for lane in problem.lanes:
        if lane.from_node not in nodes or lane.to_node not in nodes:
            raise BadProblem(f"lane {lane.id!r} ends at a node that is not there")
        if lane.length_m < 0 or lane.steps < 0:
            raise BadProblem(f"lane {lane.id!r}: length and steps cannot be negative")
    for point in problem.standing_points:
        if point.node not in nodes:
            raise BadProblem(f"standing point {point.id!r} is at a node that is not there")
    for vehicle in problem.vehicles:
        _check_vehicle(vehicle, nodes, profiles)
    for stop in problem.stops:
        _check_stop(stop, nodes, vehicles)


def _check_vehicle(vehicle: Vehicle, nodes: set[str], profiles: set[str]) -> None:
    if vehicle.profile not in profiles:
        raise BadProblem(f"vehicle {vehicle.id!r}: no profile {vehicle.profile!r}")
    if vehicle.start_node not in nodes or vehicle.end_node not in nodes:
        raise BadProblem(f"vehicle {vehicle.id!r} starts or ends at a node that is not there")
    if min(vehicle.load_g, vehicle.volume_ml, vehicle.parcels) < 0:
        raise BadProblem(f"vehicle {vehicle.id!r}: capacity cannot be negative")


def _check_stop(stop: Stop, nodes: set[str], vehicles: set[str]) -> None:
    if stop.node not in nodes:
        raise BadProblem(f"stop {stop.id!r} is at a node that is not there")
    if min(stop.load_g, stop.volume_ml, stop.parcels, stop.service_s, stop.door_s, stop.priority) < 0:
        raise BadProblem(f"stop {stop.id!r}: loads, times and priority cannot be negative")
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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if isinstance(value, (tuple, list)):
        return [_plain(inner) for inner in value]
    return value


def _read_list(name: str, value: Any, kind: type[Any]) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise BadProblem(f"{name} must be a list")
    return tuple(_read(f"{name}[{index}]", item, kind) for index, item in enumerate(value))


def _read(where: str, value: Any, kind: type[Any]) -> Any:
    if not isinstance(value, dict):
        raise BadProblem(f"{where} must be an object")
    types = {f.name: str(f.type) for f in fields(kind)}
    unknown = sorted(set(value) - set(types))
    if unknown:
        raise BadProblem(f"{where}: unknown field {unknown[0]!r}")
    values = {key: _value(f"{where}.{key}", item, types[key]) for key, item in value.items()}
    try:
        return kind(**values)
    except TypeError as error:
        raise BadProblem(f"{where}: {error}") from None


def _value(where: str, value: Any, type_name: str) -> Any:
    if type_name.startswith("frozenset"):
        if not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            raise BadProblem(f"{where} must be a list of texts")
        return frozenset(value)
    if type_name.startswith("tuple[tuple"):
        return _windows(where, value)
    if type_name.endswith("| None") and value is None:
        return None
    plain = type_name.removesuffix(" | None")
    wanted: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,)}
    kinds = wanted.get(plain, (str,))
    if not isinstance(value, kinds) or (isinstance(value, bool) and plain != "bool"):
        raise BadProblem(f"{where} must be {'a number' if plain in ('int', 'float') else plain.lower()}")
    return value


def _windows(where: str, value: Any) -> tuple[tuple[int, int], ...]:
    if not isinstance(value, list):
        raise BadProblem(f"{where} must be a list of [from, until]")
    for pair in value:
        if not (isinstance(pair, list) and len(pair) == 2 and all(type(end) is int for end in pair)):
            raise BadProblem(f"{where} must be a list of [from, until] in whole seconds")
    return tuple((start, end) for start, end in value)
