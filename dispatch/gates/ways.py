"""How long people walk to each gate, how long a cart takes from it, and how long people wait before it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from dispatch.gates.problem import HOUR_S, Gate, GatesProblem
from dispatch.lanes import LaneNetwork

# A gate that is used to the full has a queue without end: more than so much of it is never planned.
BEND_PERCENTS = (50, 60, 70, 80, 90, 95)
# Further is no way for an everyday errand, and sums stay small.
LONGEST_WAY_S = 4 * HOUR_S


@dataclass(frozen=True)
class Haul:
    """A cart's way from a gate to a home and back: where it halts, and the seconds with the last metres on foot."""

    halt_node: str
    way_s: int


@dataclass(frozen=True)
class Ways:
    """(home number, gate number) → seconds on foot out, and the cart's haul in; nothing where there is no way."""

    walk_s: dict[tuple[int, int], int]
    hauls: dict[tuple[int, int], Haul]


def ways_of(problem: GatesProblem) -> Ways:
    """Return the ways between all homes and all gates, open or not."""
    network = LaneNetwork(problem.network)
    homes = [home.node for home in problem.homes]
    gates = [gate.node for gate in problem.gates]
    times = network.lane_times(problem.network.profile(problem.walking_profile), [*homes, *gates])
    walk_s = {
        (h, g): int(times[h, len(homes) + g])
        for h in range(len(homes))
        for g in range(len(gates))
        if problem.gates[g].people_per_hour and times[h, len(homes) + g] <= LONGEST_WAY_S
    }
    hauls: dict[tuple[int, int], Haul] = {}
    for g, node in enumerate(gates):
        hauls |= {(h, g): haul for h, haul in _hauls(problem, network, node).items()}
    return Ways(walk_s, hauls)


def _hauls(problem: GatesProblem, network: LaneNetwork, gate_node: str) -> dict[int, Haul]:
    cart = problem.network.profile(problem.goods_profile)
    points = network.standing_nodes(cart, gate_node, gate_node)
    halts = network.halts(cart, [home.node for home in problem.homes], points)
    reached = [(h, halt) for h, halt in enumerate(halts) if halt is not None]
    times = network.lane_times(cart, [gate_node, *(halt.node for _, halt in reached)])
    found = {}
    for place, (h, halt) in enumerate(reached, start=1):
        there_s, back_s = int(times[0, place]), int(times[place, 0])
        if max(there_s, back_s, halt.walk_s) <= LONGEST_WAY_S:
            found[h] = Haul(halt.node, there_s + back_s + halt.walk_s)
    return found


def queue_bands(gate: Gate) -> list[tuple[int, int]]:
    """Return (how many people, seconds of waiting that each of them adds for all), from the first person on.

    The mean queue with people coming at random and each taking equally long, as a line with bends at
    ``BEND_PERCENTS`` of who could pass. The seconds rise from band to band; together the bands are what may be planned.
    Source: Pollaczek–Khinchine for M/D/1 (Kleinrock, Queueing Systems 1, 1975, section 5.6).
    """
    bends = [0, *(gate.people_per_hour * percent // 100 for percent in BEND_PERCENTS)]
    return [
        (until - start, round((_waiting_s(gate, until) - _waiting_s(gate, start)) / (until - start)))
        for start, until in pairwise(bends)
        if until > start
    ]


def _waiting_s(gate: Gate, people: int) -> Fraction:
    """Return the seconds that all people of an hour wait together."""
    most = gate.people_per_hour
    return Fraction(HOUR_S * people * people, 2 * most * (most - people))
