"""The dispatcher: Problem in, Plan out. Imports nothing of server/."""

from __future__ import annotations

from dispatch.check import Violation, check
from dispatch.matching import Candidate, Matching, Task, Unmatched, match
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reading import BadProblem
from dispatch.solve import Limits, solve

__all__ = [
    "BadProblem",
    "Candidate",
    "Limits",
    "Matching",
    "Plan",
    "Problem",
    "Task",
    "Unmatched",
    "Violation",
    "check",
    "match",
    "solve",
]
