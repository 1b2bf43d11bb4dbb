"""The answer to a Problem: who goes where and when, and why the rest is not served."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from dispatch.reading import BadProblem, plain, read

VERSION = 1


@dataclass(frozen=True)
class Visit:
    """One stop on a route.

    The vehicle arrives and halts at ``halt_node``; ``walk_s`` is the way there and back on foot.
    """

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
    """Routes, what is left unserved, the cost, and how it was found.

    ``digest`` names the problem it answers.
    """

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
        data: dict[str, Any] = plain(asdict(self))
        data["cost"]["total"] = self.cost.total
        return data

    @classmethod
    def from_json(cls, data: Any) -> Plan:
        """Read what ``to_json`` wrote. Raises BadProblem if it is no plan."""
        if not isinstance(data, dict) or data.get("version") != VERSION:
            raise BadProblem(f"not a plan of version {VERSION}")
        values = dict(data)
        if isinstance(values.get("cost"), dict):
            values["cost"] = {part: value for part, value in values["cost"].items() if part != "total"}
        return read(cls, values, "plan")
