"""The dispatcher: Problem in, Plan out. Imports nothing of server/."""

from __future__ import annotations

from dispatch.baseline import baseline
from dispatch.check import Violation, check
from dispatch.check.gates import check_gates
from dispatch.gates.choose import choose_gates
from dispatch.gates.plan import GatesPlan
from dispatch.gates.problem import GatesProblem
from dispatch.matching import Candidate, Matching, Task, Unmatched, match
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reading import BadProblem
from dispatch.solve import Limits, solve

__all__ = [
    "BadProblem",
    "Candidate",
    "GatesPlan",
    "GatesProblem",
    "Limits",
    "Matching",
    "Plan",
    "Problem",
    "Task",
    "Unmatched",
    "Violation",
    "baseline",
    "check",
    "check_gates",
    "choose_gates",
    "match",
    "solve",
]
