"""What the checker finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dispatch.plan import Plan
from dispatch.problem import Problem


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong: a stable code, where, and figures."""

    code: str
    route: str | None = None
    stop: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass
class Findings:
    """The problem and plan under the glass, and what was found so far."""

    problem: Problem
    plan: Plan
    found: list[Violation] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.stops = {stop.id: stop for stop in self.problem.stops}
        self.vehicles = {vehicle.id: vehicle for vehicle in self.problem.vehicles}
        self.profiles = {profile.name: profile for profile in self.problem.profiles}

    def say(self, code: str, route: str | None, stop: str | None, **facts: Any) -> None:
        """Note a violation."""
        self.found.append(Violation(code, route, stop, facts))
