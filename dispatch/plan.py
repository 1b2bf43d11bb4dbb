"""The answer to a Problem: who goes where and when, and why the rest is not served."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from dispatch.problem import BadProblem

VERSION = 1


@dataclass(frozen=True)
class Visit:
    """One stop on a route. The vehicle arrives and halts at ``halt_node``; ``walk_s`` is the way there and back on foot."""

    stop: str
    halt_node: str
    arrive_s: int
    start_s: int
    depart_s: int
    walk_s: int = 0


@dataclass(frozen=True)
class Route:
    """A vehicle's visits in order. ``begin_s``: leaves its start; ``end_s``: back at its end."""

    vehicle: str
    visits: tuple[Visit, ...]
    begin_s: int
    end_s: int


@dataclass(frozen=True)
class Unserved:
    """A stop that nobody serves: a stable reason, facts, and the smallest change that would serve it."""

    stop: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What the plan costs, in seconds; ``total`` is the sum of the parts."""

    travel_s: int = 0
    walk_s: int = 0
    late_s: int = 0
    vehicles_s: int = 0
    unserved_s: int = 0

    @property
    def total(self) -> int:
        return self.travel_s + self.walk_s + self.late_s + self.vehicles_s + self.unserved_s


@dataclass(frozen=True)
class Plan:
    """Routes, what is left unserved, the cost, and how it was found. ``digest`` names the problem it answers."""

    digest: str
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    cost: Cost
    unused_vehicles: tuple[tuple[str, str], ...] = ()
    engine: str = ""
    seconds: float = 0.0
    version: int = VERSION

    @property
    def served(self) -> int:
        """How many stops are served."""
        return sum(len(route.visits) for route in self.routes)

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON-able values, with the total cost."""
        data = asdict(self)
        data["cost"]["total"] = self.cost.total
        data["unused_vehicles"] = [list(pair) for pair in self.unused_vehicles]
        return data

    @classmethod
    def from_json(cls, data: Any) -> Plan:
        """Read what ``to_json`` wrote. Raises BadProblem if it is no plan."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise BadProblem(f"not a plan of version {VERSION}")
        try:
            cost = {key: value for key, value in data["cost"].items() if key != "total"}
            return cls(
                digest=str(data["digest"]),
                routes=tuple(
                    Route(r["vehicle"], tuple(Visit(**v) for v in r["visits"]), r["begin_s"], r["end_s"])
                    for r in data["routes"]
                ),
                unserved=tuple(Unserved(**u) for u in data["unserved"]),
                cost=Cost(**cost),
                unused_vehicles=tuple((str(v), str(why)) for v, why in data.get("unused_vehicles", [])),
                engine=str(data.get("engine", "")),
                seconds=float(data.get("seconds", 0.0)),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadProblem(f"not a plan: {type(error).__name__} {error}") from None
