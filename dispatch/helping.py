"""What would help: the smallest changes to a wave that make its plan better, found by planning again with each.

Each change is planned from the plan at hand, so that a second or two are enough for a dozen of them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from dispatch.plan import Plan
from dispatch.problem import Lane, Problem, Vehicle
from dispatch.solve import Limits, solve

SECONDS = 3.0
LEAST_S_EACH = 0.1
MOST_LANES = 12
HOUR_S = 3600
# Less is the search's own luck.
WORTH_S, WORTH_SHARE = 60, 0.01


@dataclass(frozen=True)
class Help:
    """A change, how many more stops it serves, and how many seconds the plan then costs less besides.

    ``change``: {"add": profile, "from_s", "until_s"}, {"reopen": lane} or {"lengthen_shift": vehicle, "minutes"}.
    """

    change: dict[str, Any]
    serves_more: int
    saves_s: int


def what_would_help(problem: Problem, plan: Plan, seconds: float = SECONDS) -> list[Help]:
    """Return the changes that help, the one that serves most first, then by what it saves.

    ``seconds``: for all of them together. ``plan``: of this problem, or only routes to begin from.
    """
    wanted = list(_changes(problem))
    if not wanted:
        return []
    each_s = max(LEAST_S_EACH, seconds / (len(wanted) + 1))
    until = time.perf_counter() + seconds
    # As long again without a change: what the search betters by itself is nobody's help.
    base = solve(problem, Limits(each_s), start=plan)
    if plan.digest == problem.digest():
        base = min((base, plan), key=lambda one: one.cost.total)
    found = []
    for change, changed in wanted:
        if time.perf_counter() > until:
            break
        better = solve(changed, Limits(each_s), start=base)
        more = len(base.unserved) - len(better.unserved)
        saves_s = _worked(base) - _worked(better)
        is_worth = saves_s >= max(WORTH_S, WORTH_SHARE * _worked(base))
        if more > 0 or (more == 0 and is_worth):
            found.append(Help(change, more, saves_s))
    return sorted(found, key=lambda one: (-one.serves_more, -one.saves_s))


def _worked(plan: Plan) -> int:
    return plan.cost.total - plan.cost.unserved_s


def _changes(problem: Problem) -> Iterator[tuple[dict[str, Any], Problem]]:
    yield from _one_more(problem)
    for lane in sorted((lane for lane in problem.lanes if not lane.is_open), key=_length)[:MOST_LANES]:
        lanes = tuple(replace(one, is_open=True) if one.id == lane.id else one for one in problem.lanes)
        yield {"reopen": lane.id}, replace(problem, lanes=lanes)
    ends = min((v.shift_end_s for v in problem.vehicles if v.shift_end_s < problem.horizon_s), default=None)
    if ends is not None:
        # Whoever stops first stays half an hour longer.
        first = next(v for v in problem.vehicles if v.shift_end_s == ends)
        longer = replace(first, shift_end_s=min(problem.horizon_s, ends + HOUR_S // 2))
        vehicles = tuple(longer if v.id == first.id else v for v in problem.vehicles)
        minutes = (longer.shift_end_s - ends) // 60
        yield {"lengthen_shift": first.id, "minutes": minutes}, replace(problem, vehicles=vehicles)


def _one_more(problem: Problem) -> Iterator[tuple[dict[str, Any], Problem]]:
    """One more courier of each kind that works, for each hour of the wave."""
    kinds: dict[str, Vehicle] = {}
    for vehicle in problem.vehicles:
        if vehicle.shift_start_s < vehicle.shift_end_s and not vehicle.has_left:
            kinds.setdefault(vehicle.profile, vehicle)
    taken = {vehicle.id for vehicle in problem.vehicles}
    skills = (
        frozenset[str]().union(*(stop.skills for stop in problem.stops))
        if problem.stops
        else frozenset[str]()
    )
    for profile, like in kinds.items():
        for from_s in range(0, problem.horizon_s, HOUR_S):
            until_s = min(problem.horizon_s, from_s + HOUR_S)
            name = f"one more {profile} {from_s}"
            one = replace(
                like, id=name, shift_start_s=from_s, shift_end_s=until_s, frozen=(), breaks=(), work_before_s=0,
                has_been_red=False, skills=skills,
            )  # fmt: skip
            if name not in taken:
                change = {"add": profile, "from_s": from_s, "until_s": until_s}
                yield change, replace(problem, vehicles=(*problem.vehicles, one))


def _length(lane: Lane) -> float:
    return lane.length_m
