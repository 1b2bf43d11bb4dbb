"""Waves that no committee should have, and that must not break the dispatcher."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from dispatch import Limits, Problem, baseline, check, solve
from dispatch.bench.compound import compound, with_all_rules

QUICK = Limits(rounds=50)


@pytest.fixture(scope="module")
def town() -> Problem:
    return with_all_rules(compound(40))


def _reasons(problem: Problem) -> set[str]:
    plan = solve(problem, QUICK)
    assert check(problem, plan) == []
    assert plan.served == 0
    return {one.reason for one in plan.unserved}


def test_without_couriers_everybody_hears_that_nobody_works(town: Problem) -> None:
    stops = tuple(replace(s, not_by=frozenset(), promised=None) for s in town.stops)
    assert _reasons(replace(town, vehicles=(), stops=stops)) == {"no_shift"}


def test_with_every_lane_closed_nobody_can_be_reached(town: Problem) -> None:
    lanes = tuple(replace(lane, is_open=False) for lane in town.lanes)
    assert "unreachable" in _reasons(replace(town, lanes=lanes))


def test_where_nobody_may_do_anything_each_stop_has_a_reason(town: Problem) -> None:
    stops = tuple(replace(s, skills=frozenset({"flying"})) for s in town.stops)
    assert _reasons(replace(town, stops=stops)) == {"no_skill"}


def test_loads_beyond_any_cart_are_left_with_that_reason(town: Problem) -> None:
    stops = tuple(replace(s, load_g=10_000_000, people=1) for s in town.stops)
    assert "too_heavy" in _reasons(replace(town, stops=stops))


def test_all_at_one_place_cost_no_way() -> None:
    problem = compound(30)
    gate = problem.vehicles[0].start_node
    stops = tuple(replace(s, node=gate, windows=(), load_g=1, volume_ml=1, parcels=1) for s in problem.stops)
    walkers = tuple(v for v in problem.vehicles if v.profile == "walk")
    one = replace(problem, stops=stops, vehicles=walkers)
    plan = solve(one, QUICK)
    assert (check(one, plan), plan.cost.travel_s, plan.unserved) == ([], 0, ())


def test_windows_as_long_as_the_horizon_bind_nobody(town: Problem) -> None:
    free = replace(town, stops=tuple(replace(s, windows=()) for s in town.stops))
    wide = replace(town, stops=tuple(replace(s, windows=((0, town.horizon_s),)) for s in town.stops))
    first, second = solve(free, QUICK), solve(wide, QUICK)
    assert check(wide, second) == []
    assert len(second.unserved) <= len(first.unserved)


def test_no_stop_is_no_work(town: Problem) -> None:
    plan = solve(replace(town, stops=()), QUICK)
    assert (plan.routes, plan.unserved, plan.cost.total) == ((), (), 0)


def test_ten_thousand_stops_fit_into_little_memory() -> None:
    # In a process of its own, which may not have more than so much.
    script = """
import resource
from dispatch import Limits, check, solve
from dispatch.bench.compound import compound
from dispatch.warm import warm_up
warm_up()
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
problem = compound(10_000)
plan = solve(problem, Limits(4))
assert check(problem, plan) == []
print(len(plan.unserved), plan.engine)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    left, engine = done.stdout.split(maxsplit=1)
    assert int(left) < 100
    assert "parts" in engine


def test_the_rule_of_thumb_plans_large_waves_part_by_part() -> None:
    problem = compound(2_000)
    plan = baseline(problem)
    assert (plan.engine, check(problem, plan)) == ("nearest", [])
    assert plan.served > 1_500
