"""Which gates to open, as a facility location problem with capacities: a mixed-integer program, solved by SCIP.

Source: the strong formulation of Cornuéjols, Nemhauser & Wolsey 1990 (The uncapacitated facility location problem),
section 3, with a capacity for each gate and queues as convex costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ortools.linear_solver import pywraplp

from dispatch.gates.plan import LEFT_S
from dispatch.gates.problem import GatesProblem
from dispatch.gates.ways import Ways, queue_bands


@dataclass(frozen=True)
class Found:
    """The numbers of the gates to open, None if time was over before any; no choice costs less than ``bound_s``."""

    gates: frozenset[int] | None
    bound_s: float


def locate(problem: GatesProblem, ways: Ways, seconds: float) -> Found:
    """Return the best choice of gates found within ``seconds``."""
    program = _Program(problem, ways)
    solver = program.solver
    solver.SetTimeLimit(max(1, round(1000 * seconds)))
    to_proof = pywraplp.MPSolverParameters()
    to_proof.SetDoubleParam(pywraplp.MPSolverParameters.RELATIVE_MIP_GAP, 0.0)
    if solver.Solve(to_proof) not in (solver.OPTIMAL, solver.FEASIBLE):
        return Found(None, 0.0)
    gates = frozenset(g for g, var in enumerate(program.is_open) if var.solution_value() > 0.5)
    return Found(gates, solver.Objective().BestBound())


@dataclass
class _Program:
    """Only opening is a yes or no: with the gates given, people are a flow, whose best is in whole people by itself."""

    problem: GatesProblem
    ways: Ways
    solver: Any = field(init=False)

    def __post_init__(self) -> None:
        self.solver = pywraplp.Solver.CreateSolver("SCIP")
        self.is_open = [self.solver.BoolVar("") for _ in self.problem.gates]
        self.solver.Objective().SetMinimization()
        self._limit_gates()
        self._let_people_out()
        self._let_goods_in()

    def _limit_gates(self) -> None:
        gates, is_open = self.problem.gates, self.is_open
        needed = [gate.guards * var for gate, var in zip(gates, is_open, strict=True)]
        self.solver.Add(self.solver.Sum(needed) <= self.problem.guards)
        if self.problem.most_open is not None:
            self.solver.Add(self.solver.Sum(is_open) <= self.problem.most_open)
        for gate, var in zip(gates, is_open, strict=True):
            if gate.must_be_open:
                var.SetLb(1)

    def _let_people_out(self) -> None:
        passing = [self.solver.Constraint(0, 0) for _ in self.problem.gates]
        for h, home in enumerate(self.problem.homes):
            everybody = self._all_of(home.people_per_hour)
            for g, gate in enumerate(passing):
                if (h, g) in self.ways.walk_s:
                    part = self._part(home.people_per_hour, self.ways.walk_s[h, g], g)
                    everybody.SetCoefficient(part, 1)
                    gate.SetCoefficient(part, 1)
        for g, gate in enumerate(passing):
            for people, each_s in queue_bands(self.problem.gates[g]):
                gate.SetCoefficient(self._part(people, each_s, g), -1)

    def _let_goods_in(self) -> None:
        for h, home in enumerate(self.problem.homes):
            everything = self._all_of(home.deliveries_per_hour)
            for g, gate in enumerate(self.problem.gates):
                if gate.lets_goods_in and (h, g) in self.ways.hauls:
                    each_s = self.ways.hauls[h, g].way_s * self.problem.goods_weight
                    everything.SetCoefficient(self._part(home.deliveries_per_hour, each_s, g), 1)

    def _all_of(self, count: int) -> Any:
        """Return the constraint that all parts of a home's people or deliveries add up; one part stays behind."""
        whole = self.solver.Constraint(count, count)
        left = self.solver.NumVar(0, count, "")
        self.solver.Objective().SetCoefficient(left, LEFT_S)
        whole.SetCoefficient(left, 1)
        return whole

    def _part(self, most: int, each_s: int, g: int) -> Any:
        """Return how many use gate ``g``: none if it is closed."""
        part = self.solver.NumVar(0, most, "")
        self.solver.Objective().SetCoefficient(part, each_s)
        # Each home by itself: the bound is far tighter than through the gate's capacity alone.
        only_open = self.solver.Constraint(-self.solver.infinity(), 0)
        only_open.SetCoefficient(part, 1)
        only_open.SetCoefficient(self.is_open[g], -most)
        return part
