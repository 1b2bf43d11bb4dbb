"""The solver's process is killed, takes too much memory, or does not end: the wave is planned all the same."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from dispatch import Limits, Plan, Problem, solve
from dispatch.bench.compound import compound
from server.core.deliveries import planning
from server.core.deliveries.jobs import MOST_ATTEMPTS, plan_wave
from server.core.deliveries.planning import solving
from server.kit.db import new_id
from server.kit.module import JobContext
from tests.factories.wave_desk import BASE
from tests.factories.wave_yard import Yard, bring, put_on
from tests.processes import is_gone

# Long enough to be killed while it is solved.
LONG_S = 20.0


@pytest.fixture(autouse=True)
def fresh_solver() -> Iterator[None]:
    planning.solver.end()
    yield
    planning.solver.end()


@pytest.fixture(scope="module")
def problem() -> Problem:
    return compound(600)


def test_a_solver_that_is_killed_leaves_the_rule_of_thumb_and_the_next_wave_is_searched(
    problem: Problem,
) -> None:
    planning.make_plan(compound(5), 1.0, is_apart=True)
    pid = planning.solver.pid
    assert pid is not None
    threading.Timer(1.0, os.kill, (pid, signal.SIGKILL)).start()
    plan, violations = planning.make_plan(problem, LONG_S, is_apart=True)
    assert (plan.engine, violations) == (planning.RULE_OF_THUMB, [])
    assert plan.served > 500
    again, violations = planning.make_plan(compound(5), 1.0, is_apart=True)
    assert (again.engine != planning.RULE_OF_THUMB, violations) == (True, [])


def test_a_solver_that_does_not_end_is_ended(problem: Problem, monkeypatch: pytest.MonkeyPatch) -> None:
    planning.make_plan(compound(5), 1.0, is_apart=True)
    pid = planning.solver.pid
    assert pid is not None
    monkeypatch.setattr(solving, "GRACE_S", 0.5 - LONG_S)
    plan, violations = planning.make_plan(problem, LONG_S, is_apart=True)
    assert (plan.engine, violations) == (planning.RULE_OF_THUMB, [])
    assert is_gone(pid)


def test_a_solver_that_takes_too_much_memory_leaves_the_rule_of_thumb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(planning.solver, "memory_bytes", 64 << 20)
    plan, violations = planning.make_plan(compound(1200), 2.0, is_apart=True)
    assert (plan.engine, violations) == (planning.RULE_OF_THUMB, [])


def test_a_solver_that_breaks_leaves_the_rule_of_thumb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solving, "solve", _break)
    plan, violations = planning.make_plan(compound(5), 1.0, is_apart=True)
    assert (plan.engine, violations) == (planning.RULE_OF_THUMB, [])


def test_a_plan_that_the_checker_rejects_gives_way_to_the_rule_of_thumb(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def astray(problem: Problem, limits: Limits) -> Plan:
        plan = solve(problem, limits)
        return replace(plan, routes=tuple(replace(route, end_s=0) for route in plan.routes))

    monkeypatch.setattr(solving, "solve", astray)
    plan, violations = planning.make_plan(compound(5), 1.0, is_apart=False)
    assert (plan.engine, violations) == (planning.RULE_OF_THUMB, [])


def test_a_wave_that_finds_the_solver_busy_for_too_long_is_planned_all_the_same(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    letter = tmp_path / "letter"
    os.mkfifo(letter)
    at_work = threading.Thread(
        target=partial(planning.solver.run, Path.read_text, letter, within_s=10 * LONG_S)
    )
    at_work.start()
    with letter.open("w") as pen:
        monkeypatch.setattr(solving, "PATIENCE_S", 0.1)
        plan, violations = planning.make_plan(problem, LONG_S, is_apart=True)
        pen.write("done")
    at_work.join()
    assert (plan.engine, violations) == (planning.RULE_OF_THUMB, [])


def test_a_wave_whose_planning_killed_the_worker_again_and_again_is_planned_by_the_rule_of_thumb(
    yard: Yard, officer: Any, app: APIFlask
) -> None:
    put_on(yard)
    bring(yard, "1-101")
    wave = officer.post(f"{BASE}/waves").get_json()
    payload = {"wave_id": wave["id"], "round": 1}
    with app.app_context():
        plan_wave(JobContext(new_id(), yard.community.id, MOST_ATTEMPTS + 1), payload)
    found = officer.get(f"{BASE}/waves/{wave['id']}").get_json()
    assert (found["state"], found["figures"]["engine"]) == ("planned", planning.RULE_OF_THUMB)
    assert found["figures"]["stops"] == 1


def _break(problem: Problem, limits: Limits) -> Plan:
    """Stand in for a fault of the search that nobody has found yet."""
    raise AssertionError(f"{len(problem.stops)} stops, {limits.seconds} s")
