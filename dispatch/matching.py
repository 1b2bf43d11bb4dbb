"""Who should be asked to do what: an optimal assignment by minimum-cost flow.

Each task goes to at most one candidate; each candidate takes as many as they have room for, and each
further task costs them more than the one before, so that nobody carries everything. Source: Ahuja,
Magnanti & Orlin, Network Flows (1993), chapter 9; solved by OR-Tools' SimpleMinCostFlow.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

NEAREST = 15
MAX_COST = 100_000
# Weights beyond this, times the cost of a chain through every task, could leave the solver's 64 bits.
MAX_WEIGHT = 1_000


@dataclass(frozen=True)
class Task:
    """Something to be done.

    ``costs``: candidate id → cost (0 to 100,000, smaller is better) for the able ones only.

    ``obstacles``: reason → how many candidates it keeps out, known to whoever computed the costs.
    """

    id: str
    costs: Mapping[str, int]
    weight: int = 1
    obstacles: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """Somebody who could do tasks. ``room``: how many more; ``load``: how many they have already."""

    id: str
    room: int
    load: int = 0


@dataclass(frozen=True)
class Unmatched:
    """A task for nobody: a stable reason, and the smallest change that would place it."""

    task: str
    reason: str
    facts: dict[str, Any] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Matching:
    """Task id → candidate id, what is left over, and the total cost."""

    assigned: dict[str, str]
    unmatched: tuple[Unmatched, ...]
    cost: int


def match(
    tasks: list[Task], candidates: list[Candidate], *, fairness: int = 200, nearest: int = NEAREST
) -> Matching:
    """Return a cheapest assignment that places as much weight as possible.

    ``fairness``: what each further task costs its candidate more than the one before. Only the
    ``nearest`` cheapest candidates of a task are arcs of the flow (measured: same optimum as all arcs, a
    tenth of the time); more of them while that may place another task. Deterministic. Raises ValueError
    for a cost outside 0..100,000, a weight outside 1..1,000 or two of one id.
    """
    for task in tasks:
        if not 1 <= task.weight <= MAX_WEIGHT:
            raise ValueError(f"weight {task.weight} of {task.id!r} is outside 1..{MAX_WEIGHT}")
    if len({t.id for t in tasks}) != len(tasks) or len({c.id for c in candidates}) != len(candidates):
        raise ValueError("two tasks or two candidates of one id")
    nearest = max(1, nearest)
    rooms = {c.id: c for c in candidates if c.room > 0}
    assigned = _cheapest(tasks, rooms, fairness, nearest)
    while nearest < len(rooms) and _may_place_more(tasks, rooms, assigned):
        # All the nearest of a task may be full while somebody further away is not.
        nearest *= 4
        assigned = _cheapest(tasks, rooms, fairness, nearest)
    left = tuple(_why(task, rooms) for task in tasks if task.id not in assigned)
    cost = sum(t.costs[assigned[t.id]] for t in tasks if t.id in assigned)
    return Matching(assigned, left, cost)


def _cheapest(
    tasks: list[Task], rooms: Mapping[str, Candidate], fairness: int, nearest: int
) -> dict[str, str]:
    if not tasks:
        return {}
    flow = SimpleMinCostFlow()
    source, sink = 0, 1
    candidate_node = {cid: 2 + len(tasks) + index for index, cid in enumerate(rooms)}
    # Placing one more task may make every other one dearer: leaving it out costs more than such a chain.
    leave_out = 2 * MAX_COST * (len(tasks) + 1)
    arcs: dict[int, tuple[str, str]] = {}
    for task_node, task in enumerate(tasks, start=2):
        flow.add_arc_with_capacity_and_unit_cost(source, task_node, 1, 0)
        # Leaving a task out is an arc too; a weightier task costs more to leave out.
        flow.add_arc_with_capacity_and_unit_cost(task_node, sink, 1, leave_out * task.weight)
        for candidate_id, cost in _nearest(task, rooms, nearest):
            arc = flow.add_arc_with_capacity_and_unit_cost(task_node, candidate_node[candidate_id], 1, cost)
            arcs[int(arc)] = (task.id, candidate_id)
    for candidate in rooms.values():
        for nth in range(min(candidate.room, len(tasks))):
            dearer = min(MAX_COST, fairness * (candidate.load + nth))
            flow.add_arc_with_capacity_and_unit_cost(candidate_node[candidate.id], sink, 1, dearer)
    flow.set_node_supply(source, len(tasks))
    flow.set_node_supply(sink, -len(tasks))
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the assignment has no optimum; every task may be left out, so this cannot be")
    return {task_id: cid for arc, (task_id, cid) in arcs.items() if flow.flow(arc) > 0}


def _may_place_more(tasks: list[Task], rooms: Mapping[str, Candidate], assigned: Mapping[str, str]) -> bool:
    # A free candidate may help even a task that cannot go there: by taking over from one that can.
    taken = Counter(assigned.values())
    is_somebody_free = any(candidate.room > taken[cid] for cid, candidate in rooms.items())
    return is_somebody_free and any(rooms.keys() & task.costs for task in tasks if task.id not in assigned)


def _nearest(task: Task, rooms: Mapping[str, Candidate], nearest: int) -> list[tuple[str, int]]:
    able = sorted((cost, cid) for cid, cost in task.costs.items() if cid in rooms)
    for cost, cid in able:
        if not 0 <= cost <= MAX_COST:
            raise ValueError(f"cost {cost} of {task.id!r} with {cid!r} is outside 0..{MAX_COST}")
    return [(cid, cost) for cost, cid in able[:nearest]]


def _why(task: Task, rooms: Mapping[str, Candidate]) -> Unmatched:
    facts = dict(task.obstacles)
    if task.costs:
        # Somebody could, but all who could have their hands full with weightier or nearer tasks.
        return Unmatched(task.id, "everyone_full", {"able": len(task.costs), **facts}, {"more_room": 1})
    if not task.obstacles:
        return Unmatched(task.id, "nobody_there", facts, {"more_candidates": 1})
    # The obstacle that keeps out the fewest is the easiest to lift.
    reason = min(task.obstacles, key=lambda name: (task.obstacles[name], name))
    return Unmatched(task.id, reason, facts, {"lift": reason, "for": 1})
