"""What each vehicle can reach, and how long it takes: the problem as a search sees it.

Vehicles of one profile may halt at different places: a closed lane between two carts leaves each its own side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.lanes import UNREACHABLE, Halt, IntArray, LaneNetwork
from dispatch.problem import Problem, Profile
from dispatch.rules.service_times import service_s
from dispatch.rules.shifts import has_shift


@dataclass(frozen=True)
class Reach:
    """Times of one profile, shared by the vehicles that may halt alike.

    Places: the stops in order, then the vehicles' starts, then their ends.

    ``travel_s``: shape (n + 2v, n + 2v), int32 seconds between halts, UNREACHABLE where there is no way.
    ``halts``: for each stop where the profile halts, None where it cannot serve the stop.
    """

    profile: Profile
    halts: tuple[Halt | None, ...]
    travel_s: IntArray

    def service_s(self, index: int, problem: Problem) -> int:
        """Return the seconds at the stop: walk, door and service."""
        halt = self.halts[index]
        return service_s(problem, problem.stops[index]) + (halt.walk_s if halt else 0)


def reaches(problem: Problem, network: LaneNetwork | None = None) -> dict[str, Reach]:
    """Return vehicle id → reach, for every vehicle that works; those that may halt alike share one object."""
    network = network or LaneNetwork(problem)
    found: dict[str, Reach] = {}
    made: dict[tuple[str, tuple[str, ...]], Reach] = {}
    for vehicle in problem.vehicles:
        if not has_shift(vehicle, problem.horizon_s):
            continue
        profile = problem.profile(vehicle.profile)
        points = network.standing_nodes(profile, vehicle.start_node, vehicle.end_node)
        key = (vehicle.profile, points)
        if key not in made:
            made[key] = _reach(problem, network, profile, points)
        found[vehicle.id] = made[key]
    return found


def ways(problem: Problem, reach: Reach, number: int) -> npt.NDArray[np.bool_]:
    """Return for each stop whether vehicle ``number`` gets there and on to its end."""
    stops = len(problem.stops)
    there = reach.travel_s[start_place(problem, number), :stops] < UNREACHABLE
    on = reach.travel_s[:stops, end_place(problem, number)] < UNREACHABLE
    return np.asarray(there & on & np.array([halt is not None for halt in reach.halts], dtype=np.bool_))


def _reach(problem: Problem, network: LaneNetwork, profile: Profile, points: tuple[str, ...]) -> Reach:
    halts = network.halts(profile, [s.node for s in problem.stops], points)
    # A stop that cannot be served stands in for itself; its rows are cut off below.
    nodes = [h.node if h else s.node for h, s in zip(halts, problem.stops, strict=True)]
    nodes += [v.start_node for v in problem.vehicles] + [v.end_node for v in problem.vehicles]
    travel_s = network.lane_times(profile, nodes)
    cut_off = [i for i, halt in enumerate(halts) if halt is None]
    travel_s[cut_off, :] = UNREACHABLE
    travel_s[:, cut_off] = UNREACHABLE
    np.fill_diagonal(travel_s, 0)
    return Reach(profile, tuple(halts), travel_s)


def start_place(problem: Problem, vehicle_index: int) -> int:
    """Return the matrix row of a vehicle's start."""
    return len(problem.stops) + vehicle_index


def end_place(problem: Problem, vehicle_index: int) -> int:
    """Return the matrix row of a vehicle's end."""
    return len(problem.stops) + len(problem.vehicles) + vehicle_index
