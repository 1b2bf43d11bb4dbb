"""From rows to a Problem of the dispatcher, and from its Plan to sheets to be released. No table is touched here."""

from __future__ import annotations

from dispatch import Plan, Problem, Violation
from server.core.deliveries.planning.gates import (
    GateInputs,
    GatePlace,
    HomesBehind,
    answer_of,
    choose,
    gates_problem,
)
from server.core.deliveries.planning.inputs import (
    Inputs,
    PlanBreak,
    PlanHelper,
    PlanStop,
    SolverFailed,
    speed_m_s,
)
from server.core.deliveries.planning.problem import problem_of, without_breaks
from server.core.deliveries.planning.sheets import (
    breaks_from,
    figures_of,
    sheets_of,
    stop_from_spec,
    unserved_of,
)
from server.core.deliveries.planning.solving import MEMORY_BYTES, RULE_OF_THUMB, make_plan, solver
from server.core.deliveries.planning.ways import Leg, is_still_the_way, what_changed

__all__ = [
    "MEMORY_BYTES",
    "RULE_OF_THUMB",
    "GateInputs",
    "GatePlace",
    "HomesBehind",
    "Inputs",
    "Leg",
    "Plan",
    "PlanBreak",
    "PlanHelper",
    "PlanStop",
    "Problem",
    "SolverFailed",
    "Violation",
    "answer_of",
    "breaks_from",
    "choose",
    "figures_of",
    "gates_problem",
    "is_still_the_way",
    "make_plan",
    "problem_of",
    "sheets_of",
    "solver",
    "speed_m_s",
    "stop_from_spec",
    "unserved_of",
    "what_changed",
    "without_breaks",
]
