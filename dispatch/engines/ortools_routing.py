"""Routes by OR-Tools, with the settings that measurements chose (docs/dispatch.md).

Parallel cheapest insertion unless there are routes to begin from, then guided local search with
neighbours to relocate.
"""

from __future__ import annotations

from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach
from dispatch.rules import capacity, costs, priorities, skills, time
from dispatch.rules.model import RoutingModel

NAME = "ortools-gls"


def search(
    problem: Problem,
    reaches: dict[str, Reach],
    vehicles: list[tuple[int, Vehicle]],
    seconds: float,
    start: dict[str, list[int]] | None = None,
) -> dict[str, list[int]]:
    """Return vehicle id → stop numbers in order, for vehicles that go out.

    ``start``: routes to begin from; used if they are feasible. Every stop is optional, so there is always
    an answer.
    """
    model = RoutingModel(problem, reaches, vehicles)
    for rule in (costs, capacity, time, skills, priorities):
        rule.apply(model)
    parameters = _parameters(seconds)
    model.routing.CloseModelWithParameters(parameters)
    solution = None
    if start:
        routes = [[model.stop_index(s) for s in start.get(v.id, [])] for _, v in vehicles]
        first = model.routing.ReadAssignmentFromRoutes(routes, True)
        if first is not None:
            solution = model.routing.SolveFromAssignmentWithParameters(first, parameters)
    if solution is None:
        solution = model.routing.SolveWithParameters(parameters)
    return _routes(model, solution) if solution is not None else {}


def _parameters(seconds: float) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.local_search_operators.use_relocate_neighbors = optional_boolean_pb2.BOOL_TRUE
    parameters.time_limit.FromMilliseconds(max(50, int(seconds * 1000)))
    return parameters


def _routes(model: RoutingModel, solution: Any) -> dict[str, list[int]]:
    routes = {}
    for nth, (_, vehicle) in enumerate(model.vehicles):
        index, stops = model.routing.Start(nth), []
        while not model.routing.IsEnd(index):
            node = model.manager.IndexToNode(index)
            if node < len(model.problem.stops):
                stops.append(int(node))
            index = solution.Value(model.routing.NextVar(index))
        if stops:
            routes[vehicle.id] = stops
    return routes
