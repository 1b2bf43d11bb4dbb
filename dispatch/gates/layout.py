"""The best use of gates that are open: who leaves by which, as a minimum-cost flow.

Source: Ahuja, Magnanti & Orlin, Network Flows (1993), chapters 9 and 14 (queues are convex costs).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection

from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from dispatch.gates.plan import LEFT_S, GateLoad, GatesCost, Layout, Left, Supply, Walk
from dispatch.gates.problem import GatesProblem
from dispatch.gates.ways import Ways, queue_bands


def use(problem: GatesProblem, ways: Ways, gates: Collection[int]) -> Layout:
    """Return the cheapest use of the gates of these numbers: exact, in whole people."""
    flow = _flow(problem, ways, gates)
    supplies = _supplies(problem, ways, gates)
    passing, brought = Counter[int](), Counter[int]()
    for (_, g), people in flow.items():
        passing[g] += people
    for (_, g), supply in supplies.items():
        brought[g] += supply.deliveries
    loads = tuple(_load(problem, g, passing[g], brought[g]) for g in sorted(gates))
    walks = tuple(
        Walk(problem.homes[h].id, problem.gates[g].id, people, ways.walk_s[h, g])
        for (h, g), people in sorted(flow.items())
    )
    left = _left(problem, ways, gates, flow, supplies)
    cost = GatesCost(
        walking_s=sum(walk.people * walk.walk_s for walk in walks),
        queueing_s=sum(load.queueing_s for load in loads),
        goods_s=sum(s.deliveries * s.way_s for s in supplies.values()) * problem.goods_weight,
        left_s=sum(one.count for one in left) * LEFT_S,
    )
    names = tuple(problem.gates[g].id for g in sorted(gates))
    return Layout(names, loads, walks, tuple(supplies.values()), left, cost)


def _flow(problem: GatesProblem, ways: Ways, gates: Collection[int]) -> dict[tuple[int, int], int]:
    """Return (home, gate) → people."""
    flow, sink, homes = SimpleMinCostFlow(), 0, len(problem.homes)
    arcs: dict[int, tuple[int, int]] = {}
    for h, home in enumerate(problem.homes):
        flow.set_node_supply(1 + h, home.people_per_hour)
        # Staying in is an arc too.
        flow.add_arc_with_capacity_and_unit_cost(1 + h, sink, home.people_per_hour, LEFT_S)
        for g in gates:
            if (h, g) in ways.walk_s and home.people_per_hour:
                arc = flow.add_arc_with_capacity_and_unit_cost(
                    1 + h, 1 + homes + g, home.people_per_hour, ways.walk_s[h, g]
                )
                arcs[int(arc)] = (h, g)
    for g in gates:
        for people, each_s in queue_bands(problem.gates[g]):
            flow.add_arc_with_capacity_and_unit_cost(1 + homes + g, sink, people, each_s)
    flow.set_node_supply(sink, -sum(home.people_per_hour for home in problem.homes))
    if flow.solve() != flow.OPTIMAL:
        raise RuntimeError("the use of the gates has no optimum; everybody may stay in, so this cannot be")
    return {ends: int(flow.flow(arc)) for arc, ends in arcs.items() if flow.flow(arc) > 0}


def _supplies(problem: GatesProblem, ways: Ways, gates: Collection[int]) -> dict[tuple[int, int], Supply]:
    """Return (home, gate) → its goods, each home's by the gate with the shortest haul."""
    found = {}
    for h, home in enumerate(problem.homes):
        hauls = [
            (ways.hauls[h, g].way_s, g)
            for g in gates
            if (h, g) in ways.hauls and problem.gates[g].lets_goods_in
        ]
        if home.deliveries_per_hour and hauls:
            way_s, g = min(hauls)
            halt = ways.hauls[h, g].halt_node
            gate = problem.gates[g].id
            found[h, g] = Supply(home.id, gate, halt, home.deliveries_per_hour, way_s)
    return found


def _load(problem: GatesProblem, g: int, people: int, deliveries: int) -> GateLoad:
    gate, queueing_s, behind = problem.gates[g], 0, people
    for most, each_s in queue_bands(gate):
        queueing_s += min(most, behind) * each_s
        behind -= min(most, behind)
    percent = round(100 * people / gate.people_per_hour, 1) if people else 0.0
    return GateLoad(gate.id, people, gate.people_per_hour, percent, queueing_s, deliveries)


def _left(
    problem: GatesProblem,
    ways: Ways,
    gates: Collection[int],
    flow: dict[tuple[int, int], int],
    supplies: dict[tuple[int, int], Supply],
) -> tuple[Left, ...]:
    out, supplied = Counter[int](), {h for h, _ in supplies}
    for (h, _), people in flow.items():
        out[h] += people
    on_foot, by_cart = defaultdict[int, set[int]](set), defaultdict[int, set[int]](set)
    for h, g in ways.walk_s:
        on_foot[h].add(g)
    for h, g in ways.hauls:
        by_cart[h].add(g)
    found = []
    for h, home in enumerate(problem.homes):
        if people := home.people_per_hour - out[h]:
            found.append(Left(home.id, "people", people, _why_in(on_foot[h], gates)))
        if home.deliveries_per_hour and h not in supplied:
            reason = _why_without(problem, by_cart[h])
            found.append(Left(home.id, "deliveries", home.deliveries_per_hour, reason))
    return tuple(found)


def _why_in(reached: set[int], gates: Collection[int]) -> str:
    if not reached:
        return "unreachable"
    return "gates_full" if reached & set(gates) else "no_open_gate"


def _why_without(problem: GatesProblem, reached: set[int]) -> str:
    if not reached:
        return "unreachable"
    return "no_open_gate" if any(problem.gates[g].lets_goods_in for g in reached) else "no_goods_gate"
