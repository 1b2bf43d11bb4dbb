"""The choice of gates: the best one found, today's beside it, and what each single change would do."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator

from dispatch.gates.layout import use
from dispatch.gates.location import locate
from dispatch.gates.plan import GateChange, GatesPlan, Layout
from dispatch.gates.problem import HOUR_S, GatesProblem
from dispatch.gates.ways import Ways, ways_of

SECONDS = 10.0
# The program counts in floating point: costs are whole seconds, and such a share of them is its rounding.
TOLERANCE_S, TOLERANCE_SHARE = 0.5, 1e-6
Numbers = frozenset[int]


def choose_gates(problem: GatesProblem, seconds: float = SECONDS) -> GatesPlan:
    """Return the gates to open, today's for comparison, and what opening or closing each one would change.

    ``seconds``: for the choice; if the proof does not end in time, the best found counts, and the gap is told. Gates
    that nobody would use stay closed unless they must be open. Who cannot get out is named with a reason, never an
    exception. Raises ValueError for a limit that is no time.
    """
    if not 0 < seconds < float("inf"):
        raise ValueError(f"a choice needs a positive time limit, not {seconds}")
    began = time.perf_counter()
    ways = ways_of(problem)
    now = frozenset(g for g, gate in enumerate(problem.gates) if gate.is_open)
    today = use(problem, ways, now)
    found = locate(problem, ways, seconds)
    # Today's gates first: nothing is changed for nothing. Those that must be open are always allowed.
    always = frozenset(g for g, gate in enumerate(problem.gates) if gate.must_be_open)
    allowed = [
        gates for gates in (now, found.gates, always) if gates is not None and not obstacles(problem, gates)
    ]
    chosen = min((use(problem, ways, gates) for gates in allowed), key=lambda layout: layout.cost.total)
    chosen = _without_idle(problem, ways, chosen)
    bound_s = _bound_s(found.bound_s, chosen.cost.total)
    return GatesPlan(
        problem.digest(),
        chosen,
        today,
        obstacles(problem, now),
        tuple(_changes(problem, ways, now, today)),
        bound_s,
        round(100 * (chosen.cost.total - bound_s) / max(1, chosen.cost.total), 3),
        round(time.perf_counter() - began, 3),
    )


def obstacles(problem: GatesProblem, gates: Numbers) -> tuple[str, ...]:
    """Return why these gates, and no others, cannot be open: must_be_open, too_few_guards, too_many_open."""
    found = []
    if any(gate.must_be_open and g not in gates for g, gate in enumerate(problem.gates)):
        found.append("must_be_open")
    if sum(problem.gates[g].guards for g in gates) > problem.guards:
        found.append("too_few_guards")
    if problem.most_open is not None and len(gates) > problem.most_open:
        found.append("too_many_open")
    return tuple(found)


def _bound_s(bound_s: float, total_s: int) -> int:
    if bound_s >= total_s - max(TOLERANCE_S, TOLERANCE_SHARE * total_s):
        return total_s
    return max(0, math.floor(bound_s))


def _without_idle(problem: GatesProblem, ways: Ways, layout: Layout) -> Layout:
    used = {load.gate for load in layout.loads if load.people or load.deliveries}
    kept = (g for g, gate in enumerate(problem.gates) if gate.must_be_open or gate.id in used)
    return use(problem, ways, frozenset(kept))


def _changes(problem: GatesProblem, ways: Ways, now: Numbers, today: Layout) -> Iterator[GateChange]:
    for g, gate in enumerate(problem.gates):
        changed = now ^ {g}
        then = use(problem, ways, changed)
        residents_s = _residents_s(then) - _residents_s(today)
        goods_s = then.cost.goods_s - today.cost.goods_s
        left = sum(one.count for one in then.left) - sum(one.count for one in today.left)
        yield GateChange(
            gate.id,
            "close" if g in now else "open",
            then.cost.total - today.cost.total,
            _hours_per_day(problem, residents_s),
            _hours_per_day(problem, goods_s),
            left * problem.hours_per_day,
            obstacles(problem, changed),
        )


def _residents_s(layout: Layout) -> int:
    return layout.cost.walking_s + layout.cost.queueing_s


def _hours_per_day(problem: GatesProblem, seconds: int) -> float:
    return round(seconds * problem.hours_per_day / HOUR_S, 1)
