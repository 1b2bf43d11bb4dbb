"""What each vehicle can reach, and how long it takes: the problem as a search sees it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatch.lanes import UNREACHABLE, Halt, IntArray, LaneNetwork
from dispatch.problem import Problem, Profile, Stop, Vehicle


@dataclass(frozen=True)
class Reach:
    """Times of one profile. Places: the stops in order, then the vehicles' starts, then their ends.

    ``travel_s``: shape (n + 2v, n + 2v), int32 seconds between halts, UNREACHABLE where there is no way.
    ``halts``: for each stop where the profile halts, None where it cannot serve the stop.
    """

    profile: Profile
    halts: tuple[Halt | None, ...]
    travel_s: IntArray

    def service_s(self, index: int, stop: Stop) -> int:
        """Return the seconds at the stop: walk, door and service."""
        halt = self.halts[index]
        return stop.service_s + stop.door_s + (halt.walk_s if halt else 0)


def has_shift(vehicle: Vehicle, horizon_s: int) -> bool:
    """Tell whether the vehicle works at all within the horizon."""
    return max(0, vehicle.shift_start_s) < min(vehicle.shift_end_s, horizon_s)


def reaches(problem: Problem, network: LaneNetwork | None = None) -> dict[str, Reach]:
    """Return the reach of each profile that some vehicle has."""
    network = network or LaneNetwork(problem)
    found = {}
    for name in sorted({vehicle.profile for vehicle in problem.vehicles}):
        profile = problem.profile(name)
        # A standing point that only an idle vehicle could reach is no help.
        own = [v for v in problem.vehicles if v.profile == name and has_shift(v, problem.horizon_s)]
        ends = [v.start_node for v in own] + [v.end_node for v in own]
        halts = network.halts(profile, [s.node for s in problem.stops], ends)
        # A stop that cannot be served stands in for itself; its rows are cut off below.
        nodes = [h.node if h else s.node for h, s in zip(halts, problem.stops, strict=True)]
        nodes += [v.start_node for v in problem.vehicles] + [v.end_node for v in problem.vehicles]
        travel_s = network.lane_times(profile, nodes)
        cut_off = [i for i, halt in enumerate(halts) if halt is None]
        travel_s[cut_off, :] = UNREACHABLE
        travel_s[:, cut_off] = UNREACHABLE
        np.fill_diagonal(travel_s, 0)
        found[name] = Reach(profile, tuple(halts), travel_s)
    return found


def start_place(problem: Problem, vehicle_index: int) -> int:
    """Return the matrix row of a vehicle's start."""
    return len(problem.stops) + vehicle_index


def end_place(problem: Problem, vehicle_index: int) -> int:
    """Return the matrix row of a vehicle's end."""
    return len(problem.stops) + len(problem.vehicles) + vehicle_index
