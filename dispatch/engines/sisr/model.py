"""From a Problem and its times to the arrays that the compiled search reads."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dispatch.engines.sisr.kernel import NEVER, NOBODY, Bytes, Ints, Model, Scratch, State
from dispatch.problem import Problem, Vehicle
from dispatch.reach import Reach, end_place, start_place
from dispatch.rules import failures, fairness, lateness
from dispatch.rules.capacity import LOADS
from dispatch.rules.priorities import price_of_leaving_out
from dispatch.rules.shifts import last_moment
from dispatch.serving import may_serve

NEIGHBOURS = 250
Working = Sequence[tuple[int, Vehicle]]


def model_of(
    problem: Problem, reaches: dict[str, Reach], working: Working, twins: Sequence[int] = ()
) -> Model:
    """Return the arrays for the vehicles that work, in their order.

    ``twins``: for each stop another one that needs another courier at the same time, or -1.
    """
    stops, n = problem.stops, len(problem.stops)
    profiles = list({id(reaches[v.id]): reaches[v.id] for _, v in working}.values())
    number = {id(reach): g for g, reach in enumerate(profiles)}
    travel = np.stack([reach.travel_s for reach in profiles])
    opens, closes, windows = _windows(problem)
    load, room = _that_bind(
        np.array([[getattr(s, load) for load in LOADS] for s in stops], np.int64),
        np.array([[getattr(v, load) for load in LOADS] for _, v in working], np.int64),
        at_least=1,
    )
    use, caps = _that_bind(
        np.array([[s.floors] for s in stops], np.int64),
        np.array([[_or_never(v.max_floors)] for _, v in working], np.int64),
    )
    service = np.array([[r.service_s(i, problem) for i in range(n)] for r in profiles], np.int64)
    there = travel[:, :n, :n].min(axis=0).astype(np.int64)
    may = _by_class(working, reaches, problem, _who)
    starts = _ints(start_place(problem, i) for i, _ in working)
    rests = max(1, max((len(v.breaks) for _, v in working), default=0))
    return Model(
        travel=travel,
        back=np.ascontiguousarray(travel.transpose(0, 2, 1)),
        profile=_ints(number[id(reaches[v.id])] for _, v in working),
        start=starts,
        end=_ints(end_place(problem, i) for i, _ in working),
        begins=_ints(max(0, v.shift_start_s) for _, v in working),
        ends=_ints(last_moment(problem, v) for _, v in working),
        longest=_ints(_or_never(v.max_route_s) for _, v in working),
        fixed=np.full(len(working), problem.weights.vehicle_s, np.int64),
        fair=_ints(fairness.free_work_s(problem, v) for _, v in working),
        unfair=0 if problem.fair_work_s is None else problem.weights.unfair,
        most_work=_ints(_or_never(v.max_work_s) for _, v in working),
        trips=_ints(1 if v.has_left else v.trips for _, v in working),
        reload=_ints(v.reload_s for _, v in working),
        disinfects=np.array([v.disinfects and not v.has_left for _, v in working], np.uint8),
        rests=_ints(len(v.breaks) for _, v in working),
        rest_from=_rests(working, rests, "from_s"),
        rest_until=_rests(working, rests, "until_s"),
        rest=_rests(working, rests, "rest_s"),
        frozen=_ints(len(v.frozen) for _, v in working),
        alike=_alike(problem, reaches, working),
        room=room,
        caps=caps,
        service=service,
        load=load,
        use=use,
        opens=opens,
        closes=closes,
        windows=windows,
        until=_ints(c[w - 1] if w else NEVER for c, w in zip(closes, windows, strict=True)),
        due=np.array([[at for at, _ in lateness.dues(s, problem.weights)] for s in stops], np.int64),
        late=np.array([[cost for _, cost in lateness.dues(s, problem.weights)] for s in stops], np.int64),
        rank=_ints(int(s.is_red) for s in stops),
        mate=_mates(problem),
        is_pickup=np.array([s.kind == "pickup" for s in stops], np.uint8),
        twin=_ints(twins) if twins else np.full(n, NOBODY, np.int64),
        price=_ints(price_of_leaving_out(s, problem.weights) for s in stops),
        may=may,
        pen=_penalties(problem, reaches, working),
        is_soft=np.array(
            [any(cost for _, cost in lateness.dues(s, problem.weights)) for s in stops], np.uint8
        ),
        near=_nearest(there + there.T, NEIGHBOURS),
        has_pickups=any(s.kind == "pickup" for s in stops),
        far=travel[:, starts, :n].min(axis=(0, 1)).astype(np.float64),
    )


def empty_state(model: Model, widest: int | None = None) -> State:
    """Return routes without a stop. ``widest``: the longest route that is possible, if that is known."""
    n, m, loads, caps = len(model.price), len(model.profile), model.load.shape[1], model.use.shape[1]
    wide = (widest or _widest(model)) + 4
    picked = wide + 1 if model.has_pickups else 0
    return State(
        stops=np.zeros((m, wide), np.int64),
        via=np.zeros((m, wide + 1), np.uint8),
        length=np.zeros(m, np.int64),
        where=np.full(n, NOBODY, np.int64),
        at=np.zeros(n, np.int64),
        leg=np.zeros((m, wide + 1), np.int64),
        free=np.zeros((m, wide + 1), np.int64),
        latest=np.zeros((m, wide + 1), np.int64),
        soft=np.zeros((m, wide + 1), np.int64),
        carried=np.zeros((m, loads), np.int64),
        peak=np.zeros((m, picked, loads), np.int64),
        board=np.zeros((m, picked, loads), np.int64),
        used=np.zeros((m, caps), np.int64),
        level=np.zeros(m, np.int64),
        work=np.zeros(m, np.int64),
        cost=np.zeros(m, np.int64),
        over=np.zeros(m, np.int64),
        is_ok=np.ones(m, np.uint8),
    )


def empty_scratch(model: Model) -> Scratch:
    """Return the lists that a round of the search fills."""
    n, m = len(model.price), len(model.profile)
    gone, todo, absent, was_absent, waiting = np.zeros((5, n), np.int64)
    return Scratch(gone, todo, absent, was_absent, waiting, np.zeros(m + 1, np.int64), np.zeros(n))


def _widest(model: Model) -> int:
    """Return how many stops a route can have at most: by time, and by whatever every stop takes some of."""
    n = len(model.price)
    shortest = max(1, int(model.service.min())) if n else 1
    bounds = [n, int((model.ends - model.begins).max()) // shortest]
    for d in range(model.load.shape[1]):
        least = int(model.load[:, d].min()) if n else 0
        if least > 0 and not model.is_pickup.any():
            bounds.append(int(model.room[:, d].max()) // least)
    return max(1, min(bounds))


def _ints(values: Any) -> Ints:
    return np.fromiter(values, np.int64)


def _or_never(limit: int | None) -> int:
    return NEVER if limit is None else limit


def _that_bind(used: Ints, bounds: Ints, at_least: int = 0) -> tuple[Ints, Ints]:
    """Return the columns of which some vehicle could have too much; ``at_least`` so many columns."""
    binds = used.sum(axis=0) > bounds.min(axis=0)
    binds[:at_least] |= not binds.any()
    return np.ascontiguousarray(used[:, binds]), np.ascontiguousarray(bounds[:, binds])


def _rests(working: Working, most: int, what: str) -> Ints:
    found = np.zeros((len(working), most), np.int64)
    for row, (_, vehicle) in enumerate(working):
        for column, rest in enumerate(vehicle.breaks):
            found[row, column] = getattr(rest, what)
    return found


def _mates(problem: Problem) -> Ints:
    """Return the drop of each pickup and the pickup of each drop."""
    number = {stop.id: i for i, stop in enumerate(problem.stops)}
    mates = np.full(len(problem.stops), NOBODY, np.int64)
    for drop, stop in enumerate(problem.stops):
        if stop.goods_from is not None:
            pickup = number[stop.goods_from]
            mates[drop], mates[pickup] = pickup, drop
    return mates


def _penalties(problem: Problem, reaches: dict[str, Reach], working: Working) -> Ints:
    """Return what a stop costs with each vehicle besides travel: walking, failing, not being whom it was promised."""
    walks: dict[int, Ints] = {}
    rows = []
    for _, vehicle in working:
        reach = reaches[vehicle.id]
        if id(reach) not in walks:
            walks[id(reach)] = np.array([halt.walk_s if halt else 0 for halt in reach.halts], np.int64)
        rows.append(walks[id(reach)] + failures.price_s(problem, vehicle))
    found = np.stack(rows)
    names = {vehicle.id: row for row, (_, vehicle) in enumerate(working)}
    for i, stop in enumerate(problem.stops):
        if stop.promised is not None:
            found[:, i] += problem.weights.moved_s
            if stop.promised.vehicle in names:
                found[names[stop.promised.vehicle], i] -= problem.weights.moved_s
    return found


def _windows(problem: Problem) -> tuple[Ints, Ints, Ints]:
    """Return openings, closings and their number; a stop whose windows are all over gets one that cannot be met."""
    horizon = problem.horizon_s
    kept = [
        sorted((start, min(end, horizon)) for start, end in stop.windows if start <= horizon)
        or ([(NEVER - 1, -1)] if stop.windows else [])
        for stop in problem.stops
    ]
    most = max((len(windows) for windows in kept), default=0) or 1
    opens, closes = np.zeros((len(kept), most), np.int64), np.zeros((len(kept), most), np.int64)
    for i, windows in enumerate(kept):
        for k, (start, end) in enumerate(windows):
            opens[i, k], closes[i, k] = start, end
    return opens, closes, _ints(len(windows) for windows in kept)


def _who(problem: Problem, reach: Reach, vehicle: Vehicle) -> list[bool]:
    return [may_serve(vehicle, reach, i, stop) for i, stop in enumerate(problem.stops)]


def _by_class(working: Working, reaches: dict[str, Reach], problem: Problem, row: Any) -> Bytes:
    """Return a row for each vehicle; vehicles that differ in nothing that counts share the work."""
    named = _named(problem)
    made: dict[Hashable, list[bool]] = {}
    rows = []
    for _, v in working:
        own = v.id if v.id in named else None
        key = (id(reaches[v.id]), v.skills, v.has_left, v.has_been_red, v.start_node, v.trips > 1, own)
        if key not in made:
            made[key] = row(problem, reaches[v.id], v)
        rows.append(made[key])
    return np.array(rows, np.uint8)


def _named(problem: Problem) -> set[str | None]:
    """Return the vehicles that some stop names."""
    found: set[str | None] = set()
    for stop in problem.stops:
        found |= {stop.only_vehicle} | stop.only_by | stop.not_by
        found.add(stop.promised.vehicle if stop.promised else None)
    return found


def _alike(problem: Problem, reaches: dict[str, Reach], working: Working) -> Ints:
    """Return one number for vehicles that could swap their routes."""
    named = _named(problem)
    numbers: dict[Hashable, int] = {}
    found = []
    for _, v in working:
        own = v.id if v.id in named or v.frozen else ""
        found.append(numbers.setdefault((id(reaches[v.id]), replace(v, id=own)), len(numbers)))
    return _ints(found)


def _nearest(apart: Ints, most: int) -> npt.NDArray[np.int32]:
    """Return each stop's neighbours, nearest first, by how far apart they are."""
    n = len(apart)
    count = max(0, min(most, n - 1))
    if count == 0:
        return np.zeros((n, 0), np.int32)
    apart = apart.copy()
    np.fill_diagonal(apart, NEVER)
    kept = np.argpartition(apart, count - 1, axis=1)[:, :count]
    order = np.argsort(np.take_along_axis(apart, kept, axis=1), axis=1, kind="stable")
    return np.take_along_axis(kept, order, axis=1).astype(np.int32)
