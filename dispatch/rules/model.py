"""A routing model of OR-Tools with everything the rules need at hand.

Transits are registered as matrices and vectors, never as Python callbacks: those cost two thirds of the
search.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp

from dispatch.lanes import UNREACHABLE
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, end_place, start_place


@dataclass
class RoutingModel:
    """``vehicles``: those that work, with their place in the problem. Nodes are the places of Reach."""

    problem: Problem
    reaches: dict[str, Reach]
    vehicles: list[tuple[int, Vehicle]]
    manager: Any = field(init=False)
    routing: Any = field(init=False)

    def __post_init__(self) -> None:
        count = len(self.problem.stops) + 2 * len(self.problem.vehicles)
        starts = [start_place(self.problem, i) for i, _ in self.vehicles]
        ends = [end_place(self.problem, i) for i, _ in self.vehicles]
        self.manager = pywrapcp.RoutingIndexManager(count, len(self.vehicles), starts, ends)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._leave_out_idle_places(starts, ends)

    def stop_index(self, stop: int) -> int:
        """Return the solver's index of a stop."""
        return int(self.manager.NodeToIndex(stop))

    def reach_of(self, vehicle: Vehicle) -> Reach:
        return self.reaches[vehicle.id]

    def matrix(self, values: np.ndarray[Any, Any]) -> int:
        """Register a matrix of transits and return its handle."""
        return int(self.routing.RegisterTransitMatrix(values.tolist()))

    def vector(self, values: list[int]) -> int:
        """Register one value per stop (nothing elsewhere) and return its handle."""
        nowhere = [0] * (2 * len(self.problem.vehicles))
        return int(self.routing.RegisterUnaryTransitVector(values + nowhere))

    def travel_s(self, vehicle: Vehicle) -> np.ndarray[Any, Any]:
        """Return the vehicle's travel seconds as int64, forbidden ways cut off."""
        travel = self.reach_of(vehicle).travel_s.astype(np.int64)
        travel[travel >= UNREACHABLE] = 10 * self.problem.horizon_s + 1
        return travel

    def service_s(self, vehicle: Vehicle) -> list[int]:
        """Return the vehicle's seconds at each stop."""
        reach = self.reach_of(vehicle)
        return [reach.service_s(i, stop) for i, stop in enumerate(self.problem.stops)]

    def walk_s(self, vehicle: Vehicle) -> list[int]:
        """Return the seconds on foot from the vehicle's halt to each stop and back."""
        return [halt.walk_s if halt else 0 for halt in self.reach_of(vehicle).halts]

    def _leave_out_idle_places(self, starts: list[int], ends: list[int]) -> None:
        # Vehicles without a shift leave their start and end in the matrix; nobody has to go there.
        used = {*starts, *ends}
        for place in range(len(self.problem.stops), len(self.problem.stops) + 2 * len(self.problem.vehicles)):
            if place not in used:
                self.routing.AddDisjunction([self.manager.NodeToIndex(place)], 0)
                self.routing.VehicleVar(self.manager.NodeToIndex(place)).SetValue(-1)
