"""What deliveries do in the background: planning, looking for help, weighing gates, giving up, forgetting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from flask import current_app

from server.core.communities import service as communities
from server.core.deliveries import helping, planning, service
from server.core.deliveries.planning import SolverFailed
from server.kit.db import reading, transaction
from server.kit.errors import Problem
from server.kit.module import JobContext

log = structlog.get_logger()
# The neighbourhood does not stand still while a plan is made; so often it is made again before it is given up.
TRIES = 3
REPLAN_S = 2.0
GATES_S = 10.0
# A solver that was killed this often by what it had to solve will be killed again: then the rule of thumb has its try.
MOST_ATTEMPTS = 3


def plan_wave(context: JobContext, payload: dict[str, Any]) -> None:
    """Plan a wave: read, solve with no transaction open, check, write if what was read still holds."""
    wave_id = UUID(payload["wave_id"])
    try:
        trouble = _plan_wave(wave_id, payload["round"], context.attempt)
    except Problem as problem:
        trouble = problem.code
    if trouble is not None:
        log.warning("deliveries.wave_failed", wave=str(wave_id), trouble=trouble)
        with transaction() as session:
            service.fail_wave(session, wave_id, trouble)


def _plan_wave(wave_id: UUID, planning_round: int, attempt: int) -> str | None:
    if attempt > 2 * MOST_ATTEMPTS:
        return "solver_failed"
    is_wary = attempt > MOST_ATTEMPTS
    for _ in range(TRIES):
        with reading() as session:
            inputs = service.gather_for(session, wave_id, planning_round)
        if inputs is None:
            return None
        try:
            problem = planning.problem_of(inputs)
            plan, violations = planning.make_plan(problem, _limit_s(), is_apart=_is_apart(), is_wary=is_wary)
        except SolverFailed as error:
            log.warning("deliveries.solver_failed", error=repr(error))
            return "solver_failed"
        if violations:
            log.error(
                "deliveries.plan_rejected", violations=[str(violation) for violation in violations[:10]]
            )
            return "plan_is_wrong"
        sheets = planning.sheets_of(inputs, problem, plan)
        unserved = planning.unserved_of(inputs, plan)
        figures = planning.figures_of(inputs, plan, violations)
        with transaction() as session:
            if service.write_plan(session, wave_id, inputs, sheets, unserved, figures):
                return None
    return "keeps_changing"


def help_wave(context: JobContext, payload: dict[str, Any]) -> None:
    """Find what would help a planned wave. Whatever goes wrong, the plan stays as it is and nothing is said."""
    wave_id = UUID(payload["wave_id"])
    limit_s = _help_limit_s()
    if limit_s <= 0 or context.attempt > MOST_ATTEMPTS:
        return
    with reading() as session:
        asked = service.gather_help(session, wave_id, payload["round"])
    if asked is None:
        return
    try:
        found = helping.find_help(asked.inputs, asked.sheets, limit_s, is_apart=_is_apart())
    except SolverFailed as error:
        log.warning("deliveries.help_failed", wave=str(wave_id), error=repr(error))
        return
    with transaction() as session:
        service.write_help(session, wave_id, payload["round"], found)


def weigh_gates(context: JobContext, payload: dict[str, Any]) -> None:
    """Find which gates to open, and say so. Nothing is opened or closed here; whatever goes wrong, it says that."""
    if context.community_id is None:
        return
    asked_round = payload["round"]
    answer: dict[str, Any] | None = None
    try:
        with reading() as session:
            community = communities.by_id(session, context.community_id)
            asked = service.gather_gates(session, community, asked_round)
        if asked is None:
            return
        if context.attempt <= MOST_ATTEMPTS:
            problem = planning.gates_problem(asked.inputs)
            plan = planning.choose(problem, GATES_S, is_apart=_is_apart())
            answer = planning.answer_of(plan) | {
                "stays": {str(gate.id): gate.stays for gate in asked.inputs.gates if gate.stays},
                "are_people_counted": asked.are_people_counted,
                "are_goods_counted": asked.are_goods_counted,
            }
    except (SolverFailed, Problem) as error:
        log.warning("deliveries.gates_failed", error=repr(error))
    with transaction() as session:
        service.write_gates(session, context.community_id, asked_round, answer)


def replan_route(context: JobContext, payload: dict[str, Any]) -> None:
    """Plan the rest of a route anew if what has changed touches it; otherwise the courier is left alone."""
    route_id = UUID(payload["route_id"])
    for _ in range(TRIES):
        with reading() as session:
            rest = service.gather_rest(session, route_id)
        if rest is None:
            return
        problem = planning.problem_of(rest.inputs)
        if rest.is_as_planned and planning.is_still_the_way(rest.inputs, problem, rest.legs):
            with transaction() as session:
                service.keep_rest(session, route_id, rest)
            return
        problem, plan, violations = _plan_rest(problem, is_wary=context.attempt > MOST_ATTEMPTS)
        if violations:
            raise SolverFailed(f"the rest of route {route_id}: {violations[0]}")
        sheets = planning.sheets_of(rest.inputs, problem, plan)
        unserved = planning.unserved_of(rest.inputs, plan)
        with transaction() as session:
            if service.write_rest(session, route_id, rest, sheets, unserved):
                return
    raise SolverFailed(f"the rest of route {route_id} keeps changing")


def _plan_rest(
    problem: planning.Problem, *, is_wary: bool
) -> tuple[planning.Problem, planning.Plan, list[planning.Violation]]:
    """Plan what is left of a route; where a break would leave homes waiting, it comes after the round."""
    seconds = min(REPLAN_S, _limit_s())
    plan, violations = planning.make_plan(problem, seconds, is_apart=_is_apart(), is_wary=is_wary)
    if plan.unserved and any(vehicle.breaks for vehicle in problem.vehicles):
        without = planning.without_breaks(problem)
        other, wrong = planning.make_plan(without, seconds, is_apart=_is_apart(), is_wary=is_wary)
        if len(other.unserved) < len(plan.unserved) and not wrong:
            return without, other, wrong
    return problem, plan, violations


def tidy(context: JobContext, payload: dict[str, Any]) -> None:
    """Give up waves that nobody plans any more, so that the next one can begin."""
    if context.community_id is None:
        return
    with reading() as session:
        waiting = service.open_wave(session, context.community_id)
    if waiting is not None and waiting.state == "planning":
        with transaction() as session:
            service.fail_lost_waves(session, context.community_id)


def forget_photos(context: JobContext, payload: dict[str, Any]) -> None:
    """Delete the photos whose time is over: first the row, then the file, which nobody can find any more."""
    with transaction() as session:
        refs = service.forget_photos(session)
    photos = current_app.extensions["linli"].ports["photos"]
    for ref in refs:
        photos.delete(ref)


def _limit_s() -> float:
    return float(current_app.extensions["linli"].settings.solve_limit_s)


def _help_limit_s() -> float:
    return float(current_app.extensions["linli"].settings.help_limit_s)


def _is_apart() -> bool:
    # Tests solve small problems where they stand: a process for each would take longer than they do.
    return bool(current_app.extensions["linli"].settings.mode != "test")
