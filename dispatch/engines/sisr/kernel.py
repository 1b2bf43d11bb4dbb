"""The search, compiled: ruin by strings of neighbouring stops, rebuild greedily with blinks, accept as annealing does.

Source: Christiaens & Vanden Berghe 2020, "Slack Induction by String Removals for Vehicle Routing Problems"
(Transportation Science 54(2)), with optional stops, several windows, soft due times, pickups with their drops, ranks
and penalties of who serves what. All compiled functions are in one file: Numba's cache does not see changes in others.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]
NEVER = 1 << 40
NOBODY = -1
LONGEST_STRING, REMOVED_ON_AVERAGE = 10, 10.0
# The caller keeps the arrays alive. Counting references to each of them at every call, as Numba does unless it is told
# not to, takes four fifths of the time; handing them over from function to function takes half of what is left. So
# functions are put where they are called, and none makes arrays: what it needs is handed in.
compiled = njit(cache=True, _nrt=False, forceinline=True)
BLINK, SPLIT, STOP_SPLITTING = 0.01, 0.5, 0.01
ABSENT_AS_SEED = 0.2
RETRIED_ABSENT = 24
# Up to so many stops every place is tried for each; beyond, those beside so many of its neighbours.
FEW, BESIDE = 150, 40


class Model(NamedTuple):
    """What the search reads. n stops, m vehicles, P places (stops first), G profiles, D loads, K windows.

    Seconds unless said. ``pen[v, i]``: what vehicle v serving stop i costs besides travel; ``may``: whether it may at
    all. ``load``: what a stop takes off the vehicle (or puts on it, a pickup). ``rank``: a route's stops never fall
    in rank. ``mate``: the drop of a pickup and the other way round; ``twin``: never on one vehicle. ``frozen``: how
    many stops at a route's beginning stand still. ``alike``: vehicles with the same number can replace each other.
    """

    travel: npt.NDArray[np.int32]  # (G, P, P)
    back: npt.NDArray[np.int32]  # (G, P, P) the same with rows and columns changed
    profile: Ints  # (m)
    start: Ints  # (m) place
    end: Ints  # (m) place
    begins: Ints  # (m) shift
    ends: Ints  # (m)
    longest: Ints  # (m)
    fixed: Ints  # (m)
    fair: Ints  # (m) work from which on each second costs ``unfair``
    unfair: int
    most_work: Ints  # (m)
    trips: Ints  # (m) at most
    reload: Ints  # (m)
    disinfects: Bytes  # (m)
    rests: Ints  # (m) how many
    rest_from: Ints  # (m, B)
    rest_until: Ints  # (m, B)
    rest: Ints  # (m, B)
    frozen: Ints  # (m)
    alike: Ints  # (m)
    room: Ints  # (m, D)
    caps: Ints  # (m, C) of the whole route
    service: Ints  # (G, n)
    load: Ints  # (n, D)
    use: Ints  # (n, C)
    opens: Ints  # (n, K)
    closes: Ints  # (n, K)
    windows: Ints  # (n) how many
    until: Ints  # (n) latest start of service
    due: Ints  # (n, S)
    late: Ints  # (n, S) cost per second behind ``due``
    rank: Ints  # (n)
    mate: Ints  # (n)
    is_pickup: Bytes  # (n)
    twin: Ints  # (n)
    price: Ints  # (n) of leaving out
    may: Bytes  # (m, n)
    pen: Ints  # (m, n)
    is_soft: Bytes  # (n) whether being late costs something
    near: npt.NDArray[np.int32]  # (n, N) neighbours, nearest first
    has_pickups: bool
    far: npt.NDArray[np.float64]  # (n) from the depots


class State(NamedTuple):
    """Routes and what is known of them; W the longest route possible."""

    stops: Ints  # (m, W) behind the last one the end's place
    length: Ints  # (m)
    where: Ints  # (n) vehicle or NOBODY
    at: Ints  # (n) position in the route
    via: Bytes  # (m, W + 1) whether the vehicle loads anew before this stop
    leg: Ints  # (m, W + 1) seconds on the way to this position from the one before; 0 where nothing is served
    free: Ints  # (m, W + 1) earliest time at which the vehicle is free behind so many stops
    latest: Ints  # (m, W + 1) latest start of the stop at this position; of the end, latest arrival
    soft: Ints  # (m, W + 1) how many stops from here on may be late at a price
    carried: Ints  # (m, D) taken along on the last trip
    peak: Ints  # (m, W + 1, D) most on board up to here; this and the next only where something is picked up
    board: Ints  # (m, W + 1, D) on board behind so many stops
    used: Ints  # (m, C)
    level: Ints  # (m) how many stops have rank 0
    work: Ints  # (m)
    cost: Ints  # (m)
    over: Ints  # (m) when the route ends, from when the shift begins
    is_ok: Bytes  # (m)


class Scratch(NamedTuple):
    """Lists that a round fills: stops taken out, to be put back, absent, absent before, put off; routes touched."""

    gone: Ints  # (n)
    todo: Ints  # (n)
    absent: Ints  # (n)
    was_absent: Ints  # (n)
    waiting: Ints  # (n)
    touched: Ints  # (m + 1)
    keys: npt.NDArray[np.float64]  # (n)


@compiled
def earliest(model: Any, i: int, at: int) -> int:
    """Return when service can start at the earliest, NEVER if every window is over."""
    if model.windows[i] == 0:
        return at
    for k in range(model.windows[i]):
        if at <= model.closes[i, k]:
            return max(at, model.opens[i, k])
    return NEVER


@compiled
def latest(model: Any, i: int, until: int) -> int:
    """Return when service can start at the latest, -NEVER if no window is open by then."""
    if model.windows[i] == 0:
        return until
    for k in range(model.windows[i] - 1, -1, -1):
        if model.opens[i, k] <= until:
            return min(until, model.closes[i, k])
    return -NEVER


@compiled
def excess(model: Any, v: int, work: int) -> int:
    """Return what a vehicle's work costs beyond its fair share."""
    return max(0, work - model.fair[v]) * model.unfair


@compiled
def lateness(model: Any, i: int, start: int) -> int:
    """Return what it costs that a stop's service starts then."""
    cost = 0
    for k in range(model.due.shape[1]):
        if start > model.due[i, k]:
            cost += model.late[i, k] * (start - model.due[i, k])
    return cost


@compiled
def load_up(model: Any, state: Any, v: int) -> bool:
    """Note what is taken along on a route, and before which stops it loads anew; return whether that can be."""
    loads, is_ok, top, trip = model.load.shape[1], True, 0, 0
    for d in range(loads):
        state.carried[v, d] = 0
    for k in range(state.length[v]):
        i = state.stops[v, k]
        is_full, falls = False, model.rank[i] < top
        for d in range(loads):
            is_full |= state.carried[v, d] + model.load[i, d] > model.room[v, d]
        state.via[v, k] = 0
        if (is_full or falls) and k > 0 and trip + 1 < model.trips[v]:
            state.via[v, k] = 1
            trip += 1
            is_full = False
            for d in range(loads):
                state.carried[v, d] = 0
                is_full |= model.load[i, d] > model.room[v, d]
            if model.disinfects[v]:
                top, falls = 0, False
        if falls or (is_full and not model.has_pickups):
            is_ok = False
        top = max(top, model.rank[i])
        for d in range(loads):
            state.carried[v, d] += model.load[i, d]
    return is_ok and (not model.has_pickups or take_along(model, state, v))


@compiled
def take_along(model: Any, state: Any, v: int) -> bool:
    """Note what is on board along a route on which goods are also picked up; return whether it fits."""
    n, is_ok, first = state.length[v], True, 0
    # On board at a trip's beginning is what it takes to its stops; pickups come on the way.
    for k in range(n + 1):
        if k < n and not state.via[v, k]:
            continue
        for d in range(model.load.shape[1]):
            on_board = 0
            for z in range(first, k):
                if model.mate[state.stops[v, z]] < 0:
                    on_board += model.load[state.stops[v, z], d]
            if first == 0:
                state.board[v, 0, d] = on_board
                state.peak[v, 0, d] = on_board
            most = on_board
            for z in range(first, k):
                i = state.stops[v, z]
                on_board += model.load[i, d] if model.is_pickup[i] else -model.load[i, d]
                most = max(most, on_board)
                state.board[v, z + 1, d] = on_board
                state.peak[v, z + 1, d] = most
            if most > model.room[v, d]:
                is_ok = False
        first = k
    return is_ok


@compiled
def refresh(model: Any, state: Any, v: int) -> None:
    """Take a route's times, loads and cost anew."""
    n, g = state.length[v], model.profile[v]
    is_ok = load_up(model, state, v)
    for c in range(model.use.shape[1]):
        state.used[v, c] = 0
    t, place, travel, pen, late, work = model.begins[v], model.start[v], 0, 0, 0, 0
    state.free[v, 0] = t
    state.level[v] = 0
    rest = 0
    left = t
    for k in range(n):
        i = state.stops[v, k]
        if state.via[v, k]:
            back = model.travel[g, place, model.start[v]]
            t += back + model.reload[v]
            travel += back
            work += back
            place = model.start[v]
        on = model.travel[g, place, i]
        state.leg[v, k] = on if not state.via[v, k] else model.travel[g, state.stops[v, k - 1], i]
        service = model.service[g, i]
        start = earliest(model, i, t + on)
        while rest < model.rests[v] and start + service > model.rest_until[v, rest]:
            if t > model.rest_until[v, rest]:
                is_ok = False
            t = max(t, model.rest_from[v, rest]) + model.rest[v, rest]
            rest += 1
            start = earliest(model, i, t + on)
        if start >= NEVER:
            is_ok = False
        if k == 0 and rest == 0:
            left = max(left, start - on)
        if model.rank[i] == 0:
            state.level[v] += 1
        if model.is_soft[i]:
            late += lateness(model, i, start)
        state.at[i] = k
        t = start + service
        travel += on
        work += on + service
        pen += model.pen[v, i]
        place = i
        state.free[v, k + 1] = t
        for c in range(model.use.shape[1]):
            state.used[v, c] += model.use[i, c]
    home = model.travel[g, place, model.end[v]]
    state.stops[v, n] = model.end[v]
    state.leg[v, n] = home if n > 0 else 0
    while n > 0 and rest < model.rests[v] and t + home > model.rest_until[v, rest]:
        if t > model.rest_until[v, rest]:
            is_ok = False
        t = max(t, model.rest_from[v, rest]) + model.rest[v, rest]
        rest += 1
    ends = t + home
    if n > 0:
        travel += home
        work += home
    if n > 0 and (ends > model.ends[v] or work > model.most_work[v]):
        is_ok = False
    for c in range(model.use.shape[1]):
        if state.used[v, c] > model.caps[v, c]:
            is_ok = False
    look_back(model, state, v)
    if n > 0 and is_ok and model.longest[v] < NEVER:
        if model.rests[v] == 0 and model.trips[v] == 1:
            left = begin(model, state, v, ends)
        if ends - left > model.longest[v]:
            is_ok = False
    state.work[v] = work
    state.over[v] = ends - model.begins[v] if n > 0 else 0
    state.cost[v] = travel + pen + late + model.fixed[v] + excess(model, v, work) if n > 0 else 0
    state.is_ok[v] = 1 if is_ok else 0


@compiled
def look_back(model: Any, state: Any, v: int) -> None:
    """Note how late each stop of a route could start. Rests are not thought of: what is put in is driven anew."""
    n, g = state.length[v], model.profile[v]
    until, after = model.ends[v], model.end[v]
    state.latest[v, n] = until
    state.soft[v, n] = 0
    for k in range(n - 1, -1, -1):
        i = state.stops[v, k]
        on = model.travel[g, i, after]
        if k + 1 < n and state.via[v, k + 1]:
            on = model.travel[g, i, model.start[v]] + model.reload[v] + model.travel[g, model.start[v], after]
        until = latest(model, i, until - on - model.service[g, i])
        after = i
        state.latest[v, k] = until
        state.soft[v, k] = state.soft[v, k + 1] + model.is_soft[i]


@compiled
def begin(model: Any, state: Any, v: int, ends: int) -> int:
    """Return the latest instant to begin a route that still ends at ``ends``."""
    g, until, after = model.profile[v], ends, model.end[v]
    for k in range(state.length[v] - 1, -1, -1):
        i = state.stops[v, k]
        until = latest(model, i, until - model.travel[g, i, after] - model.service[g, i])
        after = i
    return until - model.travel[g, model.start[v], after]


@compiled
def later(model: Any, state: Any, v: int, k: int, leaves: int, last: int, enough: int) -> int:
    """Return what the stops from position k on cost more in lateness, when the one before is left at ``leaves``.

    Beyond ``enough`` it is not counted further.
    """
    g, t, place, more = model.profile[v], leaves, last, 0
    for z in range(k, state.length[v]):
        if state.soft[v, z] == 0 or more >= enough:
            break
        i = state.stops[v, z]
        start = earliest(model, i, t + model.travel[g, place, i])
        old = state.free[v, z + 1] - model.service[g, i]
        if start <= old:
            break
        if model.is_soft[i]:
            more += lateness(model, i, start) - lateness(model, i, old)
        t, place = start + model.service[g, i], i
    return more


@compiled
def is_worth_trying(model: Any, state: Any, v: int, i: int) -> bool:
    """Tell whether the vehicle might take the stop, place and time aside."""
    if not model.may[v, i] or state.length[v] + 2 >= state.stops.shape[1]:
        return False
    if model.twin[i] >= 0 and state.where[model.twin[i]] == v:
        return False
    for c in range(model.use.shape[1]):
        if state.used[v, c] + model.use[i, c] > model.caps[v, c]:
            return False
    return True


@compiled
def place_of(model: Any, state: Any, v: int, k: int) -> int:
    """Return the place of the stop at position k; the start before the first, the end behind the last."""
    if k < 0:
        return int(model.start[v])
    if k >= state.length[v]:
        return int(model.end[v])
    return int(state.stops[v, k])


@compiled
def has_room(model: Any, state: Any, v: int, i: int, k: int) -> bool:
    """Tell whether goods loaded at the depot fit on board until the stop is served at position k."""
    if model.trips[v] > 1:
        return True
    for d in range(model.load.shape[1]):
        most = state.peak[v, k, d] if model.has_pickups else state.carried[v, d]
        if model.load[i, d] > 0 and most + model.load[i, d] > model.room[v, d]:
            return False
    return True


@compiled
def more_at(model: Any, state: Any, v: int, i: int, k: int, way: int, enough: int) -> int:
    """Return what a stop costs at this position besides ``way``, the seconds on the way that it costs there.

    NEVER if it cannot stand there; beyond ``enough`` it is not counted further.
    """
    g = model.profile[v]
    before = state.stops[v, k - 1] if k > 0 else model.start[v]
    service = model.service[g, i]
    start = earliest(model, i, state.free[v, k] + model.travel[g, before, i])
    leaves = start + service
    if leaves + model.travel[g, i, state.stops[v, k]] > state.latest[v, k]:
        return NEVER
    work = state.work[v] + way + service
    if work > model.most_work[v] or (model.has_pickups and not has_room(model, state, v, i, k)):
        return NEVER
    cost = 0
    if model.is_soft[i]:
        cost += lateness(model, i, start)
    if model.unfair > 0:
        cost += excess(model, v, work) - excess(model, v, state.work[v])
    if state.soft[v, k] > 0 and cost < enough:
        cost += later(model, state, v, k, leaves, i, enough - cost)
    return cost


@compiled
def span(model: Any, state: Any, v: int, i: int) -> tuple[int, int]:
    """Return the first and the last position at which the vehicle may take the stop; last before first if none."""
    if not is_worth_trying(model, state, v, i) or not has_room(model, state, v, i, 0):
        return 0, -1
    first, last = model.frozen[v], state.length[v]
    if not model.disinfects[v] and model.rank[i] == 0:
        last = state.level[v]
    elif not model.disinfects[v]:
        first = max(first, state.level[v])
    return first, last


@compiled
def best_place(model: Any, state: Any, i: int, blink: float) -> tuple[int, int, int]:
    """Return (cost, vehicle, position) of the cheapest place of a stop; vehicle NOBODY if there is none."""
    best, best_v, best_k, seen = NEVER, NOBODY, 0, NOBODY
    for v in range(state.length.shape[0]):
        if state.length[v] == 0:
            # Empty vehicles that can replace each other stand in a row: one of them is enough.
            if model.alike[v] == seen:
                continue
            seen = model.alike[v]
        first, last = span(model, state, v, i)
        g = model.profile[v]
        base = model.pen[v, i] + (model.fixed[v] if state.length[v] == 0 else 0)
        before = state.stops[v, first - 1] if first > 0 else model.start[v]
        for k in range(first, last + 1):
            # Both in the rows of this one stop, which lie together in memory.
            after = state.stops[v, k]
            way = model.back[g, i, before] + model.travel[g, i, after] - state.leg[v, k]
            before = after
            if base + way >= best:
                continue
            if state.free[v, k] > model.until[i]:
                # Later positions are reached later still.
                break
            cost = base + way + more_at(model, state, v, i, k, way, best - base - way)
            if cost < best and not np.random.random() < blink:
                best, best_v, best_k = cost, v, k
    return best, best_v, best_k


@compiled
def best_pair(model: Any, state: Any, i: int, blink: float) -> tuple[int, int, int, int]:
    """Return (cost, vehicle, position, position of the drop behind it) for a pickup ``i`` and its drop."""
    j = model.mate[i]
    best, best_v, best_k, best_z = NEVER, NOBODY, 0, 0
    seen = NOBODY
    for v in range(state.length.shape[0]):
        n, g = state.length[v], model.profile[v]
        if n == 0:
            if model.alike[v] == seen:
                continue
            seen = model.alike[v]
        if not is_worth_trying(model, state, v, i) or not model.may[v, j]:
            continue
        base = model.pen[v, i] + model.pen[v, j] + (model.fixed[v] if n == 0 else 0)
        for k in range(model.frozen[v], n + 1):
            before = place_of(model, state, v, k - 1)
            start = earliest(model, i, state.free[v, k] + model.travel[g, before, i])
            if start >= NEVER:
                break
            if (
                n > 0
                and model.travel[g, before, i] + base
                >= best + model.travel[g, before, place_of(model, state, v, k)]
            ):
                continue
            # Walk on from the pickup; the drop may stand before any stop that is still reached in time.
            t, place, gone = start + model.service[g, i], i, model.travel[g, before, i]
            old = 0
            for z in range(k, n + 1):
                fits = True
                for d in range(model.load.shape[1]):
                    if state.board[v, z, d] + model.load[i, d] > model.room[v, d]:
                        fits = False
                if not fits:
                    break
                after = place_of(model, state, v, z)
                drop = earliest(model, j, t + model.travel[g, place, j])
                if drop >= NEVER:
                    break
                if drop + model.service[g, j] + model.travel[g, j, after] <= state.latest[v, z]:
                    came = model.travel[g, place_of(model, state, v, z - 1), after] if n > 0 else 0
                    cost = base + gone + model.travel[g, place, j] + model.travel[g, j, after] - old - came
                    cost += lateness(model, i, start) + lateness(model, j, drop)
                    if cost < best and not np.random.random() < blink:
                        best, best_v, best_k, best_z = cost, v, k, z + 1
                if z == n:
                    break
                old += model.travel[g, place_of(model, state, v, z - 1), after]
                gone += model.travel[g, place, after]
                s = earliest(model, after, t + model.travel[g, place, after])
                if s > state.latest[v, z]:
                    break
                t, place = s + model.service[g, after], after
    return best, best_v, best_k, best_z


@compiled
def insert(state: Any, v: int, k: int, i: int) -> None:
    """Put a stop into a route."""
    for z in range(state.length[v], k, -1):
        state.stops[v, z] = state.stops[v, z - 1]
    state.stops[v, k] = i
    state.length[v] += 1
    state.where[i] = v


@compiled
def append(model: Any, state: Any, v: int, i: int) -> None:
    """Put a stop at a route's end if it can stand there."""
    if state.where[i] >= 0 or state.length[v] + 2 >= state.stops.shape[1] or not model.may[v, i]:
        return
    insert(state, v, state.length[v], i)
    refresh(model, state, v)
    if not state.is_ok[v]:
        take_out(state, v, i)
        refresh(model, state, v)


@compiled
def take_out(state: Any, v: int, i: int) -> None:
    """Take a stop out of its route."""
    w = 0
    for k in range(state.length[v]):
        if state.stops[v, k] != i:
            state.stops[v, w] = state.stops[v, k]
            w += 1
    state.length[v] = w
    state.where[i] = NOBODY


@compiled
def copy_route(model: Any, state: Any, to: Any, v: int) -> None:
    """Copy all that is known of one route."""
    n = state.length[v]
    to.length[v] = n
    for k in range(n + 1):
        to.stops[v, k] = state.stops[v, k]
        to.via[v, k] = state.via[v, k]
        to.leg[v, k] = state.leg[v, k]
        to.free[v, k] = state.free[v, k]
        to.latest[v, k] = state.latest[v, k]
        to.soft[v, k] = state.soft[v, k]
    for d in range(model.load.shape[1]):
        to.carried[v, d] = state.carried[v, d]
        for k in range(n + 1 if model.has_pickups else 0):
            to.peak[v, k, d] = state.peak[v, k, d]
            to.board[v, k, d] = state.board[v, k, d]
    for c in range(model.use.shape[1]):
        to.used[v, c] = state.used[v, c]
    to.level[v], to.work[v], to.cost[v] = state.level[v], state.work[v], state.cost[v]
    to.over[v], to.is_ok[v] = state.over[v], state.is_ok[v]


@compiled
def keep(model: Any, state: Any, old: Any, v: int, touched: Any, count: int) -> int:
    """Remember a route as it was, the first time it is touched; return how many are."""
    for k in range(count):
        if touched[k] == v:
            return count
    copy_route(model, state, old, v)
    touched[count] = v
    return count + 1


@compiled
def string(model: Any, state: Any, v: int, c: int, most: float, gone: Any, count: int) -> int:
    """Take a string of stops with ``c`` in it out of a route, or one with a gap; return how many are gone in all."""
    first = model.frozen[v]
    n, pos = state.length[v] - first, state.at[c] - first
    size = math.floor(np.random.random() * min(float(n), most) + 1)
    gap = 0
    if 1 < size < n and np.random.random() < SPLIT:
        gap = 1
        while size + gap < n and np.random.random() > STOP_SPLITTING:
            gap += 1
    span = size + gap
    low, high = max(0, pos - span + 1), min(pos, n - span)
    at = low + np.random.randint(high - low + 1)
    gap_at = at + (np.random.randint(size + 1) if gap > 0 else 0)
    begun = count
    for k in range(at, at + span):
        if gap > 0 and gap_at <= k < gap_at + gap:
            continue
        gone[count] = state.stops[v, first + k]
        count += 1
    for k in range(begun, count):
        take_out(state, v, gone[k])
    for k in range(begun, count):
        mate = model.mate[gone[k]]
        if mate >= 0 and state.where[mate] == v:
            take_out(state, v, mate)
            gone[count] = mate
            count += 1
    refresh(model, state, v)
    return count


@compiled
def ruin(model: Any, state: Any, old: Any, scratch: Any, missing: int) -> tuple[int, int]:
    """Take strings out of neighbouring routes; return how many routes are touched and stops gone."""
    n, out = state.where.shape[0], 0
    for v in range(state.length.shape[0]):
        if state.length[v] > 0:
            out += 1
    if out == 0:
        return 0, 0
    most = min(float(LONGEST_STRING), (n - missing) / out)
    strings = math.floor(np.random.random() * (4 * REMOVED_ON_AVERAGE / (1 + most) - 1) + 1)
    seed = np.random.randint(n)
    if missing > 0 and np.random.random() < ABSENT_AS_SEED:
        seed = scratch.absent[np.random.randint(missing)]
    routes, count = 0, 0
    for z in range(-1, model.near.shape[1]):
        if strings <= 0:
            break
        c = seed if z < 0 else model.near[seed, z]
        v = state.where[c]
        if v < 0 or state.at[c] < model.frozen[v]:
            continue
        is_seen = False
        for k in range(routes):
            is_seen |= scratch.touched[k] == v
        if is_seen:
            continue
        routes = keep(model, state, old, v, scratch.touched, routes)
        count = string(model, state, v, c, most, scratch.gone, count)
        strings -= 1
    return routes, count


@compiled
def rank_by(model: Any, i: int, how: int) -> float:
    """Return the key by which stops are put back, smallest first."""
    if how < 4:
        return float(np.random.random())
    if how < 7:
        return float(-model.load[i, 0])
    if how < 9:
        return float(-model.far[i])
    if how < 10:
        return float(model.far[i])
    if how < 12:
        return float(-model.price[i])
    last = model.windows[i] - 1
    opens = model.opens[i, 0] if last >= 0 else 0
    closes = model.closes[i, last] if last >= 0 else model.due[i, 0]
    if how < 13:
        return float(closes - opens)
    return float(opens) if how < 14 else float(-closes)


@compiled
def sort(model: Any, scratch: Any, count: int, how: int) -> None:
    """Put what is to be put back in an order."""
    todo, keys = scratch.todo, scratch.keys
    for k in range(count):
        i = todo[k]
        key, z = rank_by(model, i, how), k
        while z > 0 and keys[z - 1] > key:
            keys[z], todo[z] = keys[z - 1], todo[z - 1]
            z -= 1
        keys[z], todo[z] = key, i


@compiled
def put_back(
    model: Any, state: Any, old: Any, scratch: Any, count: int, routes: int, blink: float
) -> tuple[int, int]:
    """Insert stops one by one where each costs least; return how many stay absent and routes are touched."""
    sort(model, scratch, count, np.random.randint(15))
    missing = 0
    for z in range(count):
        i = scratch.todo[z]
        mate = model.mate[i]
        if mate >= 0 and not model.is_pickup[i]:
            # It comes and goes with its pickup.
            continue
        drop, price = 0, model.price[i]
        if mate >= 0:
            cost, v, k, drop = best_pair(model, state, i, blink)
            price += model.price[mate]
        else:
            cost, v, k = best_place(model, state, i, blink)
        if v >= 0 and cost < price:
            routes = keep(model, state, old, v, scratch.touched, routes)
            insert(state, v, k, i)
            if mate >= 0:
                insert(state, v, drop, mate)
            refresh(model, state, v)
            if state.is_ok[v]:
                continue
            take_out(state, v, i)
            if mate >= 0:
                take_out(state, v, mate)
            refresh(model, state, v)
        scratch.absent[missing] = i
        missing += 1
        if mate >= 0:
            scratch.absent[missing] = mate
            missing += 1
    return missing, routes


@compiled
def put_right(model: Any, state: Any, old: Any, scratch: Any, routes: int, count: int) -> None:
    """Give the touched routes back what they had."""
    for k in range(count):
        state.where[scratch.todo[k]] = NOBODY
    for k in range(routes):
        v = scratch.touched[k]
        copy_route(model, old, state, v)
        for z in range(state.length[v]):
            state.where[state.stops[v, z]] = v
            state.at[state.stops[v, z]] = z


@compiled
def total(model: Any, state: Any) -> int:
    """Return what the routes and the stops left out cost."""
    cost = 0
    for v in range(state.length.shape[0]):
        cost += state.cost[v]
    for i in range(state.where.shape[0]):
        if state.where[i] < 0:
            cost += model.price[i]
    return cost


@compiled
def sow(seed: int) -> None:
    """Begin the random numbers anew."""
    np.random.seed(seed)


@compiled
def fill(model: Any, state: Any, old: Any, scratch: Any) -> None:
    """Insert what is absent into the routes as they stand, the best place first and without blinks."""
    count = 0
    for v in range(state.length.shape[0]):
        refresh(model, state, v)
    for i in range(state.where.shape[0]):
        if state.where[i] < 0:
            scratch.todo[count] = i
            count += 1
    put_back(model, state, old, scratch, count, 0, 0.0)


@compiled
def choose(model: Any, scratch: Any, count: int, missing: int) -> tuple[int, int]:
    """List what is to be put back: all that is gone, and of many that are absent some; return how many, and put off."""
    waiting = 0
    share = 1.0 if missing <= RETRIED_ABSENT else RETRIED_ABSENT / missing
    for k in range(count):
        scratch.todo[k] = scratch.gone[k]
    for k in range(missing):
        i = scratch.absent[k]
        scratch.was_absent[k] = i
        # A pickup brings its drop along.
        if model.mate[i] >= 0 or share >= 1.0 or np.random.random() < share:
            scratch.todo[count] = i
            count += 1
        else:
            scratch.waiting[waiting] = i
            waiting += 1
    return count, waiting


@compiled
def remember(state: Any, best_stops: Any, best_length: Any) -> None:
    """Keep the routes as the best ones."""
    for v in range(state.length.shape[0]):
        best_length[v] = state.length[v]
        for z in range(state.length[v]):
            best_stops[v, z] = state.stops[v, z]


@compiled
def over(state: Any) -> int:
    """Return the sum of the times at which the routes are over."""
    when = 0
    for v in range(state.over.shape[0]):
        when += state.over[v]
    return when


@compiled
def improve(
    model: Any,
    state: Any,
    old: Any,
    scratch: Any,
    best_stops: Any,
    best_length: Any,
    best: Any,
    rounds: int,
    hot: float,
    cold: float,
) -> None:
    """Search ``rounds`` rounds, cooling from ``hot`` to ``cold``; keep the best routes and, in ``best``, their cost."""
    missing = 0
    for i in range(state.where.shape[0]):
        if state.where[i] < 0:
            scratch.absent[missing] = i
            missing += 1
    cost = total(model, state)
    for turn in range(rounds):
        temperature = hot * (cold / hot) ** (turn / rounds)
        routes, count = ruin(model, state, old, scratch, missing)
        size, waiting = choose(model, scratch, count, missing)
        was_missing = missing
        missing, routes = put_back(model, state, old, scratch, size, routes, BLINK)
        for k in range(waiting):
            scratch.absent[missing] = scratch.waiting[k]
            missing += 1
        new, is_ok = cost, True
        for k in range(routes):
            new += state.cost[scratch.touched[k]] - old.cost[scratch.touched[k]]
            # With fewer stops a cart loads anew elsewhere, and may come too late for it.
            is_ok &= state.is_ok[scratch.touched[k]] == 1
        for k in range(was_missing):
            new -= model.price[scratch.was_absent[k]]
        for k in range(missing):
            new += model.price[scratch.absent[k]]
        if is_ok and new < cost - temperature * math.log(np.random.random()):
            cost = new
            # Of equal plans the one that is over sooner: nobody stands about with a full cart.
            if new < best[0] or (new == best[0] and over(state) < best[1]):
                best[0], best[1] = new, over(state)
                remember(state, best_stops, best_length)
        else:
            put_right(model, state, old, scratch, routes, size)
            missing = was_missing
            for k in range(missing):
                scratch.absent[k] = scratch.was_absent[k]
