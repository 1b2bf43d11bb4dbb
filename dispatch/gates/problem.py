"""Gates that could be open, who wants out and what wants in: everything is per hour.

Nothing here knows a database or a web page. What contradicts itself is refused.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

from dispatch.problem import Lane, Node, Problem, Profile, StandingPoint
from dispatch.reading import BadProblem, plain, read

VERSION = 1
HOUR_S = 3600
MOST_GATES = 50
MOST_AN_HOUR = 1_000_000
# So that bringing goods in always costs less than not bringing them.
HEAVIEST_GOODS = 20


@dataclass(frozen=True)
class Gate:
    """A gate that could be open. ``people_per_hour``: how many can pass, 0 where only goods may.

    ``guards``: how many it takes to keep it open. ``is_open``: today.
    """

    id: str
    node: str
    people_per_hour: int
    guards: int = 1
    must_be_open: bool = False
    lets_goods_in: bool = True
    is_open: bool = True


@dataclass(frozen=True)
class Home:
    """A home or an entrance with many: how many people walk out, and how many deliveries come in."""

    id: str
    node: str
    people_per_hour: int = 0
    deliveries_per_hour: int = 0


@dataclass(frozen=True)
class GatesProblem:
    """Which gates to open. ``guards``: how many there are; ``most_open``: how many gates may be open, None for all.

    Lanes, profiles and standing points are those of a wave (``dispatch/problem.py``). ``goods_weight``: what a second
    of a cart's way counts, in seconds of a person. ``hours_per_day``: how long the hour described lasts.
    """

    nodes: tuple[Node, ...]
    lanes: tuple[Lane, ...]
    profiles: tuple[Profile, ...]
    gates: tuple[Gate, ...]
    homes: tuple[Home, ...]
    guards: int
    most_open: int | None = None
    standing_points: tuple[StandingPoint, ...] = ()
    walking_profile: str = "walk"
    goods_profile: str = "cart"
    max_walk_m: int = 150
    goods_weight: int = 1
    hours_per_day: int = 12
    version: int = VERSION

    def __post_init__(self) -> None:
        _check(self)

    @cached_property
    def network(self) -> Problem:
        """The lanes as a wave without couriers and stops, for whoever finds ways. Raises BadProblem."""
        return Problem(
            self.nodes, self.lanes, self.profiles, (), (), HOUR_S, self.standing_points,
            walking_profile=self.walking_profile, max_walk_m=self.max_walk_m,
        )  # fmt: skip

    def digest(self) -> str:
        """Return the SHA-256 of the problem's canonical JSON: an answer says which problem it is for."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the problem as JSON-able values."""
        data: dict[str, Any] = plain(asdict(self))
        return data

    @classmethod
    def from_json(cls, data: Any) -> GatesProblem:
        """Read what ``to_json`` wrote. Raises BadProblem naming the first thing that does not fit."""
        if not isinstance(data, dict):
            raise BadProblem("the problem must be a JSON object")
        if data.get("version", VERSION) != VERSION:
            raise BadProblem(f"version {data['version']!r}: this program reads version {VERSION} of gates")
        return read(cls, data, "gates")


def _check(problem: GatesProblem) -> None:
    """Raise BadProblem for the first thing that contradicts itself."""
    known = {profile.name for profile in problem.network.profiles}
    if problem.goods_profile not in known:
        raise BadProblem(f"no profile {problem.goods_profile!r} for goods")
    nodes = {node.id for node in problem.nodes}
    _no_two("gate", (gate.id for gate in problem.gates))
    _no_two("home", (home.id for home in problem.homes))
    if len(problem.gates) > MOST_GATES:
        raise BadProblem(f"{len(problem.gates)} gates: at most {MOST_GATES} can be weighed")
    for gate in problem.gates:
        if gate.node not in nodes:
            raise BadProblem(f"gate {gate.id!r} is at a node that is not there")
        _within(f"gate {gate.id!r}: people_per_hour", gate.people_per_hour, 0, MOST_AN_HOUR)
        _within(f"gate {gate.id!r}: guards", gate.guards, 0, MOST_AN_HOUR)
    for home in problem.homes:
        if home.node not in nodes:
            raise BadProblem(f"home {home.id!r} is at a node that is not there")
        _within(f"home {home.id!r}: people_per_hour", home.people_per_hour, 0, MOST_AN_HOUR)
        _within(f"home {home.id!r}: deliveries_per_hour", home.deliveries_per_hour, 0, MOST_AN_HOUR)
    _within("people_per_hour of all homes", sum(h.people_per_hour for h in problem.homes), 0, MOST_AN_HOUR)
    _within("deliveries of all homes", sum(h.deliveries_per_hour for h in problem.homes), 0, MOST_AN_HOUR)
    _within("guards", problem.guards, 0, MOST_AN_HOUR)
    _within("goods_weight", problem.goods_weight, 0, HEAVIEST_GOODS)
    _within("hours_per_day", problem.hours_per_day, 1, 24)
    _check_must_be_open(problem)


def _check_must_be_open(problem: GatesProblem) -> None:
    always = [gate for gate in problem.gates if gate.must_be_open]
    if (needed := sum(gate.guards for gate in always)) > problem.guards:
        raise BadProblem(f"the gates that must be open need {needed} guards, and there are {problem.guards}")
    if problem.most_open is None:
        return
    _within("most_open", problem.most_open, 0, MOST_GATES)
    if len(always) > problem.most_open:
        raise BadProblem(f"{len(always)} gates must be open, and at most {problem.most_open} may")


def _within(what: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise BadProblem(f"{what} must be {least} to {most}")


def _no_two(what: str, ids: Iterable[str]) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadProblem(f"two of the name {one!r}: {what}")
        seen.add(one)
