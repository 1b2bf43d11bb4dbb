"""Cutting a large wave by where its stops are, so that what belongs together stays together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from dispatch.plan import Plan
from dispatch.problem import Problem, Stop, Vehicle
from dispatch.rules.shifts import has_shift


@dataclass(frozen=True)
class Cut:
    """A part of a wave, and routes to begin from: vehicle → stops, by their ids."""

    problem: Problem
    start: dict[str, list[str]]


@dataclass
class _Bundle:
    """Stops and vehicles that cannot be parted, and where they are."""

    stops: list[Stop]
    vehicles: list[Vehicle]
    at: tuple[float, float]


def cut(problem: Problem, size: int, start: Plan | None) -> list[Cut]:
    """Return parts of about ``size`` stops. Couriers whom nothing binds are dealt to them, each kind by itself."""
    routes = _routes(problem, start)
    bundles, free = _bundles(problem, routes)
    groups = _halved(bundles, size)
    dealt = _dealt(free, [sum(len(one.stops) for one in group) for group in groups])
    parts = []
    for group, others in zip(groups, dealt, strict=True):
        stops = [stop for one in group for stop in one.stops]
        vehicles = [vehicle for one in group for vehicle in one.vehicles] + others
        names, ids = {vehicle.id for vehicle in vehicles}, {stop.id for stop in stops}
        older = {name: [stop for stop in routes[name] if stop in ids] for name in routes if name in names}
        parts.append(Cut(restricted(problem, stops, vehicles), older))
    return parts


def restricted(problem: Problem, stops: Sequence[Stop], vehicles: Sequence[Vehicle]) -> Problem:
    """Return the problem with these stops and vehicles only, in its own order.

    Names of others go. A stop that nobody of these may serve is not among its stops.
    """
    names, ids = {vehicle.id for vehicle in vehicles}, {stop.id for stop in stops}
    order = {vehicle.id: nth for nth, vehicle in enumerate(problem.vehicles)}
    place = {stop.id: nth for nth, stop in enumerate(problem.stops)}
    kept = [
        replace(
            stop,
            only_by=stop.only_by & names,
            not_by=stop.not_by & names,
            promised=stop.promised if stop.promised and stop.promised.vehicle in names else None,
        )
        for stop in sorted(stops, key=lambda stop: place[stop.id])
        if stop.only_vehicle in {None, *names} and (not stop.only_by or stop.only_by & names)
    ]
    ids = {stop.id for stop in kept}
    fleet = [
        replace(vehicle, frozen=tuple(stop for stop in vehicle.frozen if stop in ids)) for vehicle in vehicles
    ]
    return replace(problem, stops=tuple(kept), vehicles=tuple(sorted(fleet, key=lambda one: order[one.id])))


def kind_of(vehicle: Vehicle) -> Hashable:
    """Return what vehicles that can replace each other have in common."""
    return replace(vehicle, id="", frozen=(), work_before_s=0)


def _routes(problem: Problem, start: Plan | None) -> dict[str, list[str]]:
    if start is None:
        return {}
    stops, names = {stop.id for stop in problem.stops}, {vehicle.id for vehicle in problem.vehicles}
    return {
        route.vehicle: [visit.stop for visit in route.visits if visit.stop in stops]
        for route in start.routes
        if route.vehicle in names
    }


def _bundles(problem: Problem, routes: dict[str, list[str]]) -> tuple[list[_Bundle], list[Vehicle]]:
    """Return what stays together, and the vehicles that nothing binds."""
    working = [vehicle for vehicle in problem.vehicles if has_shift(vehicle, problem.horizon_s)]
    works = {vehicle.id for vehicle in working}
    ties = _Ties()
    for stop in problem.stops:
        ties.tie(("stop", stop.id), ("stop", stop.goods_from) if stop.goods_from else None)
        ties.tie(("stop", stop.id), ("shelf", stop.shelf) if stop.shelf else None)
        wanted = [stop.only_vehicle] if stop.only_vehicle else sorted(stop.only_by & works)
        wanted = wanted or ([stop.promised.vehicle] if stop.promised else [])
        ties.tie(("stop", stop.id), ("vehicle", str(wanted[0])) if wanted else None)
    for name, order in (*routes.items(), *((v.id, v.frozen) for v in working)):
        for stop_id in order:
            ties.tie(("stop", stop_id), ("vehicle", name))
    nodes = {node.id: (node.x_m, node.y_m) for node in problem.nodes}
    found: dict[Hashable, _Bundle] = defaultdict(lambda: _Bundle([], [], (0.0, 0.0)))
    for stop in problem.stops:
        found[ties.root(("stop", stop.id))].stops.append(stop)
    free = []
    for vehicle in working:
        root = ties.root(("vehicle", vehicle.id))
        if root in found:
            found[root].vehicles.append(vehicle)
        else:
            free.append(vehicle)
    for bundle in found.values():
        places = [nodes[stop.node] for stop in bundle.stops]
        bundle.at = (sum(x for x, _ in places) / len(places), sum(y for _, y in places) / len(places))
    return list(found.values()), free


class _Ties:
    """Who belongs together (union–find)."""

    def __init__(self) -> None:
        self._of: dict[Hashable, Hashable] = {}

    def root(self, one: Hashable) -> Hashable:
        while (above := self._of.get(one, one)) != one:
            self._of[one] = self._of.get(above, above)
            one = above
        return one

    def tie(self, one: Hashable, other: Hashable | None) -> None:
        if other is not None:
            self._of[self.root(one)] = self.root(other)


def _halved(bundles: list[_Bundle], size: int) -> list[list[_Bundle]]:
    """Return groups of about ``size`` stops: cut across the longer side, half of the stops each, until small enough."""
    total = sum(len(one.stops) for one in bundles)
    if total <= size or len(bundles) == 1:
        return [bundles]
    wide, high = (
        max(one.at[axis] for one in bundles) - min(one.at[axis] for one in bundles) for axis in (0, 1)
    )
    ordered = sorted(bundles, key=lambda one: (one.at[0 if wide >= high else 1], one.stops[0].id))
    low, seen = 1, len(ordered[0].stops)
    while low < len(ordered) - 1 and seen + len(ordered[low].stops) <= total / 2:
        seen += len(ordered[low].stops)
        low += 1
    return [*_halved(ordered[:low], size), *_halved(ordered[low:], size)]


def _dealt(free: list[Vehicle], stops: list[int]) -> list[list[Vehicle]]:
    """Deal vehicles out so that each part has its share of each kind; where one is too few, the largest parts first."""
    kinds: dict[Hashable, list[Vehicle]] = defaultdict(list)
    for vehicle in free:
        kinds[kind_of(vehicle)].append(vehicle)
    dealt: list[list[Vehicle]] = [[] for _ in stops]
    for alike in kinds.values():
        has = [0] * len(stops)
        for vehicle in alike:
            # The part with the most stops for each vehicle of the kind (Webster's method of apportionment).
            part = max(range(len(stops)), key=lambda nth: (stops[nth] / (2 * has[nth] + 1), -nth))
            has[part] += 1
            dealt[part].append(vehicle)
    return dealt
