"""What others make of the same problem, one thread each: PyVRP, VROOM and plain OR-Tools.

Each takes travel times, loads, windows, skills and prices as far as it can state them, and returns orders of stops,
which the project's own timing and checker then judge. They are installed with the extra `bench`.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2
from ortools.util import optional_boolean_pb2

from dispatch.engines.sisr.kernel import NEVER
from dispatch.engines.sisr.model import Working, model_of
from dispatch.problem import Problem
from dispatch.reach import Reach

FAR_S = 10_000_000
Orders = dict[str, list[int]]
Peer = Callable[["Stated", float, int], Orders]


@dataclass(frozen=True)
class Stated:
    """The problem as arrays; see the search's Model. ``names``: of the vehicles."""

    model: Any
    names: Sequence[str]

    @property
    def stops(self) -> int:
        return len(self.model.price)

    def travel(self, profile: int) -> np.ndarray[Any, Any]:
        """Return travel seconds with what cannot be gone cut off; from red to green as well."""
        found = self.model.travel[profile].astype(np.int64)
        found[found >= FAR_S] = FAR_S
        red = np.flatnonzero(self.model.rank > 0)
        green = np.flatnonzero(self.model.rank == 0)
        if len(red) and len(green):
            found[np.ix_(red, green)] = FAR_S
        return found


def state(problem: Problem, reaches: dict[str, Reach], working: Working) -> Stated:
    """Return the problem for the peers."""
    return Stated(model_of(problem, reaches, working), [vehicle.id for _, vehicle in working])


def available() -> dict[str, Peer]:
    """Return the peers that are installed."""
    peers: dict[str, Peer] = {"ortools": ortools}
    if importlib.util.find_spec("pyvrp"):
        peers["pyvrp"] = pyvrp
    if importlib.util.find_spec("vroom"):
        peers["vroom"] = vroom
    return peers


def ortools(stated: Stated, seconds: float, seed: int) -> Orders:
    """Parallel cheapest insertion, guided local search with relocation of neighbours. It has no seed."""
    model, n, m = stated.model, stated.stops, len(stated.names)
    manager = pywrapcp.RoutingIndexManager(model.travel.shape[1], m, model.start.tolist(), model.end.tolist())
    routing = pywrapcp.RoutingModel(manager)
    costs, times = [], []
    for g in range(model.travel.shape[0]):
        travel = stated.travel(g)
        service = np.zeros(travel.shape[0], np.int64)
        service[:n] = model.service[g]
        costs.append(routing.RegisterTransitMatrix(travel.tolist()))
        times.append(routing.RegisterTransitMatrix((travel + service[:, None]).tolist()))
    horizon = int(model.ends.max())
    routing.AddDimensionWithVehicleTransits(
        [times[g] for g in model.profile], horizon, horizon, False, "time"
    )
    time = routing.GetDimensionOrDie("time")
    for v in range(m):
        routing.SetArcCostEvaluatorOfVehicle(costs[model.profile[v]], v)
        routing.SetFixedCostOfVehicle(int(model.fixed[v]), v)
        for index in (routing.Start(v), routing.End(v)):
            time.CumulVar(index).SetRange(int(model.begins[v]), int(model.ends[v]))
    idle = [0] * (model.travel.shape[1] - n)
    for d in range(model.load.shape[1]):
        # What a pickup takes on board its drop takes off again.
        sign = np.where((model.mate >= 0) & (model.is_pickup == 0), -1, 1)
        vector = routing.RegisterUnaryTransitVector([*(sign * model.load[:, d]).tolist(), *idle])
        routing.AddDimensionWithVehicleCapacity(vector, 0, model.room[:, d].tolist(), True, f"load{d}")
    _stops_of_ortools(stated, manager, routing, time)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.local_search_operators.use_relocate_neighbors = optional_boolean_pb2.BOOL_TRUE
    parameters.time_limit.FromMilliseconds(int(seconds * 1000))
    solution = routing.SolveWithParameters(parameters)
    orders: Orders = {}
    for v in range(m if solution else 0):
        index, order = routing.Start(v), []
        while not routing.IsEnd(index):
            node = manager.IndexToNode(index)
            if node < n:
                order.append(int(node))
            index = solution.Value(routing.NextVar(index))
        orders[stated.names[v]] = order
    return orders


def _stops_of_ortools(stated: Stated, manager: Any, routing: Any, time: Any) -> None:
    model, m = stated.model, len(stated.names)
    for i in range(stated.stops):
        index = manager.NodeToIndex(i)
        routing.AddDisjunction([index], int(min(model.price[i], 10**9)))
        able = [-1, *(v for v in range(m) if model.may[v, i])]
        if len(able) <= m:
            routing.VehicleVar(index).SetValues(able)
        if model.windows[i]:
            last = int(model.windows[i]) - 1
            time.CumulVar(index).SetRange(int(model.opens[i, 0]), int(model.closes[i, last]))
            for k in range(last):
                if model.closes[i, k] + 1 < model.opens[i, k + 1]:
                    time.CumulVar(index).RemoveInterval(
                        int(model.closes[i, k] + 1), int(model.opens[i, k + 1] - 1)
                    )
        for k in range(model.due.shape[1]):
            if model.late[i, k]:
                time.SetCumulVarSoftUpperBound(index, int(model.due[i, k]), int(model.late[i, k]))
        if model.is_pickup[i]:
            drop = manager.NodeToIndex(int(model.mate[i]))
            routing.AddPickupAndDelivery(index, drop)
            routing.solver().Add(routing.VehicleVar(index) == routing.VehicleVar(drop))
            routing.solver().Add(time.CumulVar(index) <= time.CumulVar(drop))
    used = {*model.start.tolist(), *model.end.tolist()}
    for place in range(stated.stops, model.travel.shape[1]):
        if place not in used:
            routing.AddDisjunction([manager.NodeToIndex(place)], 0)
            routing.VehicleVar(manager.NodeToIndex(place)).SetValue(-1)


def pyvrp(stated: Stated, seconds: float, seed: int) -> Orders:
    """Iterated local search of PyVRP; one vehicle type for each group of couriers who can replace each other."""
    import pyvrp as library
    from pyvrp.stop import MaxRuntime

    model, n = stated.model, stated.stops
    groups = sorted({int(kind) for kind in model.alike})
    first = {kind: int(np.flatnonzero(model.alike == kind)[0]) for kind in groups}
    depots = sorted({*model.start.tolist(), *model.end.tolist()})
    distances: list[Any] = []
    durations: list[Any] = []
    for kind in groups:
        v = first[kind]
        g = int(model.profile[v])
        travel = stated.travel(g)
        forbidden = np.flatnonzero(model.may[v] == 0)
        travel[:, forbidden] = FAR_S
        # What a stop costs besides the way, and how long it takes, is put on the way to and from it.
        distance, duration = travel.copy(), travel.copy()
        distance[:, :n] = np.minimum(FAR_S, distance[:, :n] + model.pen[v][None, :])
        duration[:n, :] = np.minimum(FAR_S, duration[:n, :] + model.service[g][:, None])
        keep = [*range(n), *depots]
        for matrix, found in ((distance, distances), (duration, durations)):
            cut = np.ascontiguousarray(matrix[np.ix_(keep, keep)])
            np.fill_diagonal(cut, 0)
            found.append(cut)
    locations = [library.Location(0, 0) for _ in range(n + len(depots))]
    singles = [i for i in range(n) if model.mate[i] < 0]
    clients = [
        library.Client(
            i,
            delivery=model.load[i].tolist(),
            tw_early=int(model.opens[i, 0]) if model.windows[i] else 0,
            tw_late=_closes(model, i),
            prize=int(min(model.price[i], 10**8)),
            required=False,
        )
        for i in singles
    ]
    pairs = [i for i in range(n) if model.is_pickup[i]]
    shipments = [_shipment(library, model, i) for i in pairs]
    types = [
        library.VehicleType(
            int((model.alike == kind).sum()),
            model.room[first[kind]].tolist(),
            start_depot=depots.index(int(model.start[first[kind]])),
            end_depot=depots.index(int(model.end[first[kind]])),
            fixed_cost=int(model.fixed[first[kind]]),
            tw_early=int(model.begins[first[kind]]),
            tw_late=int(model.ends[first[kind]]),
            shift_duration=int(min(model.longest[first[kind]], NEVER)),
            profile=nth,
        )
        for nth, kind in enumerate(groups)
    ]
    data = library.ProblemData(
        locations,
        clients,
        [library.Depot(n + d) for d in range(len(depots))],
        types,
        distances,
        durations,
        shipments=shipments,
    )
    result = library.solve(data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False)
    free = {kind: [stated.names[int(v)] for v in np.flatnonzero(model.alike == kind)] for kind in groups}
    return {
        free[groups[route.vehicle_type()]].pop(): [
            _stop_of(model, singles, pairs, a) for a in route if not a.is_depot()
        ]
        for route in result.best.routes()
    }


def _shipment(library: Any, model: Any, i: int) -> Any:
    j = int(model.mate[i])
    return library.Shipment(
        i,
        j,
        pickup_tw_early=int(model.opens[i, 0]) if model.windows[i] else 0,
        pickup_tw_late=_closes(model, i),
        delivery_tw_early=int(model.opens[j, 0]) if model.windows[j] else 0,
        delivery_tw_late=_closes(model, j),
        amount=model.load[i].tolist(),
        prize=int(min(model.price[i] + model.price[j], 10**8)),
        required=False,
    )


def _stop_of(model: Any, singles: list[int], pairs: list[int], activity: Any) -> int:
    if activity.is_client():
        return singles[activity.idx]
    pickup = pairs[activity.idx]
    return pickup if activity.is_pickup() else int(model.mate[pickup])


def _closes(model: Any, i: int) -> int:
    # Of several windows it knows the hull only.
    return int(model.closes[i, model.windows[i] - 1]) if model.windows[i] else int(model.ends.max())


def vroom(stated: Stated, seconds: float, seed: int) -> Orders:
    """VROOM at its highest level, one thread. It has no seed."""
    import vroom as library

    model, n = stated.model, stated.stops
    wanted = library.Input()
    for g in range(model.travel.shape[0]):
        # It adds costs up before it looks at windows, and refuses what could overflow: beyond the end is far enough.
        travel = np.minimum(stated.travel(g), int(model.ends.max()) + 1).astype(np.uint32)
        wanted.set_durations_matrix(f"p{g}", travel)
    for v, _ in enumerate(stated.names):
        wanted.add_vehicle(
            library.Vehicle(
                v,
                start=int(model.start[v]),
                end=int(model.end[v]),
                profile=f"p{model.profile[v]}",
                capacity=model.room[v].tolist(),
                skills={i for i in range(n) if model.may[v, i]} if not model.may.all() else None,
                time_window=library.TimeWindow(int(model.begins[v]), int(model.ends[v])),
                costs=library.VehicleCosts(fixed=int(model.fixed[v])),
            )
        )
    for i in range(n):
        windows = [
            library.TimeWindow(int(model.opens[i, k]), int(model.closes[i, k]))
            for k in range(model.windows[i])
        ]
        facts = {"default_service": int(model.service[:, i].max()), "time_windows": windows}
        skills = {i} if not model.may.all() else None
        if model.mate[i] < 0:
            wanted.add_job(
                library.Job(
                    i, int(i), delivery=library.Amount(model.load[i].tolist()), skills=skills, **facts
                )
            )
        elif model.is_pickup[i]:
            j = int(model.mate[i])
            other = [
                library.TimeWindow(int(model.opens[j, k]), int(model.closes[j, k]))
                for k in range(model.windows[j])
            ]
            wanted.add_shipment(
                library.ShipmentStep(i, i, **facts),
                library.ShipmentStep(
                    j, j, default_service=int(model.service[:, j].max()), time_windows=other
                ),
                library.Amount(model.load[i].tolist()),
                skills,
            )
    found = wanted.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    orders: Orders = {}
    steps = found.routes
    for vehicle, kind, job in zip(steps["vehicle_id"], steps["type"], steps["id"], strict=True):
        if kind in ("job", "pickup", "delivery"):
            orders.setdefault(stated.names[int(vehicle)], []).append(int(job))
    return orders
