"""The dispatcher: Problem in, Plan out. Imports nothing of server/."""

from __future__ import annotations

from dispatch.baseline import baseline
from dispatch.baskets import (
    Allocation,
    Basket,
    BasketLine,
    HouseholdLimit,
    Short,
    Sourcing,
    SourcingCost,
    SourcingProblem,
    SourcingWeights,
    Stock,
    Substitute,
)
from dispatch.check import Violation, check
from dispatch.check.gates import check_gates
from dispatch.check.sourcing import SourcingViolation, check_sourcing
from dispatch.gates.choose import choose_gates
from dispatch.gates.plan import GatesPlan
from dispatch.gates.problem import GatesProblem
from dispatch.matching import Candidate, Matching, Task, Unmatched, match
from dispatch.plan import Plan
from dispatch.problem import Problem
from dispatch.reading import BadProblem
from dispatch.solve import Limits, solve
from dispatch.sourcing import source, source_greedily

__all__ = [
    "Allocation",
    "BadProblem",
    "Basket",
    "BasketLine",
    "Candidate",
    "GatesPlan",
    "GatesProblem",
    "HouseholdLimit",
    "Limits",
    "Matching",
    "Plan",
    "Problem",
    "Short",
    "Sourcing",
    "SourcingCost",
    "SourcingProblem",
    "SourcingViolation",
    "SourcingWeights",
    "Stock",
    "Substitute",
    "Task",
    "Unmatched",
    "Violation",
    "baseline",
    "check",
    "check_gates",
    "check_sourcing",
    "choose_gates",
    "match",
    "solve",
    "source",
    "source_greedily",
]
