"""The answer to a Problem: who goes where and when, and why the rest is not served."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from dispatch.reading import BadProblem, plain, read

VERSION = 2


@dataclass(frozen=True)
class Visit:
    """One stop on a route.

    The vehicle arrives and halts at ``halt_node``; ``walk_s`` is the way there and back on foot. Between two ``trip``s
    it was at its start and loaded anew. Of two couriers at one stop one ``carries`` its goods.
    """

    stop: str
    halt_node: str
    arrive_s: int
    start_s: int
    depart_s: int
    walk_s: int = 0
    trip: int = 0
    carries: bool = True


@dataclass(frozen=True)
class Rest:
    """A break that is taken."""

    from_s: int
    until_s: int


@dataclass(frozen=True)
class Route:
    """A vehicle's visits in order. ``begin_s``: leaves its start; ``end_s``: back at its end."""

    vehicle: str
    visits: tuple[Visit, ...]
    begin_s: int
    end_s: int
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True)
class Call:
    """When a home is called to its shelf: from ``from_s`` for one interval."""

    stop: str
    from_s: int


@dataclass(frozen=True)
class Unserved:
    """A stop that nobody serves: a stable reason, facts, and the smallest change that would serve it."""

    stop: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What the plan costs, in seconds; ``total`` is the sum of the parts.

    ``contacts_s``: pairs of homes called to one shelf at one time; ``waits_s``: goods that wait on a shelf;
    ``unfair_s``: work over the fair share; ``broken_s``: promises not kept; ``fails_s``: deliveries expected to fail.
    """

    travel_s: int = 0
    walk_s: int = 0
    late_s: int = 0
    vehicles_s: int = 0
    unserved_s: int = 0
    contacts_s: int = 0
    waits_s: int = 0
    unfair_s: int = 0
    broken_s: int = 0
    fails_s: int = 0

    @property
    def total(self) -> int:
        return sum(vars(self).values())


@dataclass(frozen=True)
class Plan:
    """Routes, what is left unserved, the cost, and how it was found.

    ``digest`` names the problem it answers.
    """

    digest: str
    routes: tuple[Route, ...]
    unserved: tuple[Unserved, ...]
    cost: Cost
    calls: tuple[Call, ...] = ()
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
