"""Asking for less never costs more: a plan of the stricter problem is where the search for the laxer one begins.

What shelves cost is not compared: calls are decided once the routes stand, and goods that come sooner may wait longer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from dispatch import Limits, Plan, Problem, check, solve
from dispatch.bench.compound import compound, with_all_rules
from tests.dispatch.test_solve import problems

ROUNDS = Limits(rounds=60)


def _wider_windows(problem: Problem) -> Problem:
    return replace(problem, stops=tuple(replace(s, windows=()) for s in problem.stops))


def _later_due(problem: Problem) -> Problem:
    return replace(problem, stops=tuple(replace(s, due_s=None) for s in problem.stops))


def _longer_shifts(problem: Problem) -> Problem:
    return replace(
        problem, vehicles=tuple(replace(v, shift_end_s=v.shift_end_s + 900) for v in problem.vehicles)
    )


def _larger_bags(problem: Problem) -> Problem:
    vehicles = tuple(replace(v, load_g=2 * v.load_g, parcels=2 * v.parcels) for v in problem.vehicles)
    return replace(problem, vehicles=vehicles)


def _anyone_welcome(problem: Problem) -> Problem:
    stops = tuple(replace(s, only_by=frozenset(), not_by=frozenset()) for s in problem.stops)
    return replace(problem, stops=stops)


def _one_more_courier(problem: Problem) -> Problem:
    ones = [
        replace(vehicle, id="one more", frozen=(), has_left=False, work_before_s=0)
        for vehicle in problem.vehicles[:1]
    ]
    return replace(problem, vehicles=(*problem.vehicles, *ones))


def _cost(plan: Plan) -> int:
    return plan.cost.total - plan.cost.waits_s - plan.cost.contacts_s


RELAXED = [_wider_windows, _later_due, _longer_shifts, _larger_bags, _anyone_welcome, _one_more_courier]


@pytest.mark.parametrize("relaxed", RELAXED)
def test_a_compound_with_fewer_rules_costs_no_more(relaxed: Callable[[Problem], Problem]) -> None:
    problem = with_all_rules(compound(45))
    strict = solve(problem, Limits(rounds=2000))
    lax = relaxed(problem)
    plan = solve(lax, Limits(rounds=500), start=strict)
    assert check(lax, plan) == []
    assert _cost(plan) <= _cost(strict)


@pytest.mark.parametrize("relaxed", RELAXED)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_a_relaxation_never_costs_more(relaxed: Callable[[Problem], Problem], problem: Problem) -> None:
    strict = solve(problem, ROUNDS)
    plan = solve(relaxed(problem), ROUNDS, start=strict)
    assert check(relaxed(problem), plan) == []
    assert _cost(plan) <= _cost(strict)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problem=problems())
def test_beginning_from_a_plan_never_ends_worse(problem: Problem) -> None:
    first = solve(problem, ROUNDS)
    assert _cost(solve(problem, ROUNDS, start=first)) <= _cost(first)
