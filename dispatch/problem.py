"""The problem of one wave: lanes, couriers, stops. Whole seconds, metres along the lanes, grams, millilitres.

Times count from the wave's start; whoever calls keeps the calendar. Nothing here knows a database or a
web page. What contradicts itself is refused (``dispatch/validity.py``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal

from dispatch.reading import BadProblem, plain, read
from dispatch.validity import check_problem

VERSION = 2
StopKind = Literal["delivery", "visit", "pickup"]


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
class Matrix:
    """Travel seconds of one profile between nodes, row = from, instead of its way along the lanes.

    ``seconds[a][b]``: -1 where there is no way.
    """

    profile: str
    nodes: tuple[str, ...]
    seconds: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Profile:
    """How something moves.

    A ``halts_at_standing_points`` vehicle stops only there; the last metres are walked. ``fails_percent``: how many
    of a hundred deliveries come to nothing.
    """

    name: str
    speed_m_s: float
    width_cm: int = 60
    needs_fire_lane: bool = False
    may_use_steps: bool = True
    obeys_oneway: bool = False
    halts_at_standing_points: bool = False
    fails_percent: int = 0


@dataclass(frozen=True)
class StandingPoint:
    """A marked place where a vehicle may stand without blocking the lane."""

    id: str
    node: str
    width_cm: int = 200


@dataclass(frozen=True)
class Break:
    """A rest of ``rest_s``, begun between ``from_s`` and ``until_s``; not due to who is back before ``until_s``."""

    from_s: int
    until_s: int
    rest_s: int


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
    cold_ml: int = 0
    skills: frozenset[str] = frozenset()
    # From leaving its start to being at its end; None: the shift is the only limit.
    max_route_s: int | None = None
    # Storeys climbed, and seconds on the way and at doors (heat), in the whole route.
    max_floors: int | None = None
    max_work_s: int | None = None
    # Work of the days before, for a fair share; a machine has none and tires of nothing.
    work_before_s: int = 0
    is_machine: bool = False
    breaks: tuple[Break, ...] = ()
    # How often it may go out with a new load; between two trips it is at its start for ``reload_s``.
    trips: int = 1
    reload_s: int = 300
    # At its start it can be disinfected between two trips, and may then go to green stops again.
    disinfects: bool = False
    # On the way already: what is on board cannot be had by anyone else, and the depot is behind.
    has_left: bool = False
    # It has been to a home under isolation in this wave: before disinfection only such homes are left for it.
    has_been_red: bool = False
    # Stops that it goes to first, in this order: it has been told so, or is on its way.
    frozen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Promise:
    """What a home was told: who comes, and when service starts."""

    vehicle: str
    start_s: int


@dataclass(frozen=True)
class Stop:
    """One place to be served at once.

    ``windows``: start of service, (from, until) seconds; none: at any time. ``door_s``: seconds from the lane to the
    door and back. ``priority`` 0 is served first. ``due_s``: later costs. ``only_vehicle``: its goods are on board of
    that one. ``only_by``: nobody else (empty: anyone); ``not_by``: anyone else. ``goods_from``: the pickup that comes
    before on the same route; ``depot``: the node where its goods lie, None for any. ``people`` 2: two couriers start
    together. ``shelf``: where it is put down and called for.
    """

    id: str
    node: str
    kind: StopKind = "delivery"
    load_g: int = 0
    volume_ml: int = 0
    parcels: int = 0
    cold_ml: int = 0
    service_s: int = 60
    door_s: int = 0
    floors: int = 0
    windows: tuple[tuple[int, int], ...] = ()
    priority: int = 1
    due_s: int | None = None
    skills: frozenset[str] = frozenset()
    is_red: bool = False
    only_vehicle: str | None = None
    only_by: frozenset[str] = frozenset()
    not_by: frozenset[str] = frozenset()
    goods_from: str | None = None
    depot: str | None = None
    people: int = 1
    shelf: str | None = None
    promised: Promise | None = None


@dataclass(frozen=True)
class Shelf:
    """A shelf at an entrance, where homes are called to fetch what was put down.

    ``parcels``: how many it holds at a time. ``homes_at_once``: how many homes are called in one interval at most.
    """

    id: str
    parcels: int
    homes_at_once: int = 4


@dataclass(frozen=True)
class Weights:
    """What things cost, in seconds of travel.

    An unserved stop of priority p costs ``unserved_s`` // (p + 1). ``late``: a second behind ``due_s``, times 4, 2 or 1
    for priorities 0, 1 and lower. ``contact_s``: two homes called to one shelf in one interval. ``wait_percent``: a
    second on the shelf before the call. ``unfair``: a second of work over the fair share. ``moved_s``: another courier
    than promised; ``later``: a second later than promised, behind a tolerance of ten minutes. ``failed_s``: a delivery
    that comes to nothing.
    """

    unserved_s: int = 200_000
    vehicle_s: int = 120
    late: int = 1
    contact_s: int = 60
    wait_percent: int = 5
    unfair: int = 1
    moved_s: int = 300
    later: int = 1
    failed_s: int = 1200


@dataclass(frozen=True)
class Problem:
    """One wave. ``max_walk_m``: how far goods are carried from a standing point.

    ``floor_s``, ``parcel_s``: what each storey and each parcel add to the service. ``call_interval_s``: homes are
    called to shelves at multiples of it. ``fair_work_s``: a fair share of work a vehicle; None: fairness is no matter.
    """

    nodes: tuple[Node, ...]
    lanes: tuple[Lane, ...]
    profiles: tuple[Profile, ...]
    vehicles: tuple[Vehicle, ...]
    stops: tuple[Stop, ...]
    horizon_s: int
    standing_points: tuple[StandingPoint, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    shelves: tuple[Shelf, ...] = ()
    walking_profile: str = "walk"
    max_walk_m: int = 150
    floor_s: int = 0
    parcel_s: int = 0
    call_interval_s: int = 600
    fair_work_s: int | None = None
    weights: Weights = field(default_factory=Weights)
    version: int = VERSION

    def __post_init__(self) -> None:
        check_problem(self)

    def profile(self, name: str) -> Profile:
        """Return the profile of that name."""
        return next(p for p in self.profiles if p.name == name)

    def digest(self) -> str:
        """Return the SHA-256 of the problem's canonical JSON: a plan says which problem it is for."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        text = json.dumps(self, default=_facts, sort_keys=True, separators=(",", ":"))
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


def _facts(value: Any) -> Any:
    """Return what JSON makes of a dataclass or a set, without the copies of ``asdict``."""
    if isinstance(value, frozenset):
        return sorted(value)
    return {name: one for name, one in vars(value).items() if name != "_digest"}
