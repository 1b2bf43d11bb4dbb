"""Sources the baskets of a wave: one model for all that compete for something scarce.

First as little as possible is missing on the committee's list, then everything together costs least. Baskets that want
nothing scarce in common are solved apart. A few baskets are one program for CP-SAT, with proof; of many, a few
that compete are planned anew together, again and again (large neighbourhood search; Shaw 1998, "Using constraint
programming and local search methods to solve vehicle routing problems"). Fairness as convex costs of what a basket
lacks; source: Ahuja, Magnanti & Orlin, Network Flows (1993), chapter 14.
"""

from __future__ import annotations

import random
import time
from collections import Counter, defaultdict
from dataclasses import replace
from typing import Any

from ortools.sat.python import cp_model

from dispatch.sourcing import greedy
from dispatch.sourcing.plan import Allocation, SourcingPlan
from dispatch.sourcing.problem import Basket, SourcingProblem, asked
from dispatch.sourcing.supply import Shelf, Source, cost_of, shorts, sources, steps

NAME = "cp-sat"
SECONDS, SEED = 2.0, 20200210
LEAST_S = 0.02
# Baskets in one program; baskets planned anew together, for so long at most.
WHOLE, TOGETHER, EACH_S = 12, 8, 0.3


def source_baskets(problem: SourcingProblem, seconds: float = SECONDS) -> SourcingPlan:
    """Return the best answer found within ``seconds``, with a proven bound."""
    began = time.perf_counter()
    known = sources(problem)
    groups = _apart(problem, known)
    allocations: list[Allocation] = []
    bound, engines = 0, set()
    for nth, group in enumerate(groups):
        left_s = seconds - (time.perf_counter() - began)
        # The larger groups come last and have what the small ones did not need.
        share_s = max(LEAST_S, left_s / (len(groups) - nth))
        part = replace(problem, baskets=tuple(group))
        if len(group) <= WHOLE:
            found = _Model(part, known).solve(share_s, greedy.source_greedily(part))
        else:
            found = _Many(part, known).solve(share_s)
        allocations += found[0]
        bound += found[1]
        engines.add(found[2])
    cost = cost_of(problem, allocations)
    order = {basket.id: nth for nth, basket in enumerate(problem.baskets)}
    allocations.sort(key=lambda one: (order[one.basket], one.line, one.shop, one.product))
    return SourcingPlan(
        problem.digest(),
        tuple(allocations),
        shorts(problem, allocations),
        cost,
        min(bound, cost.total),
        " and ".join(sorted(engines)) or NAME,
        round(time.perf_counter() - began, 3),
    )


def _apart(problem: SourcingProblem, known: dict[tuple[str, str], list[Source]]) -> list[list[Basket]]:
    """Return groups of baskets that compete for nothing with each other, the smallest first."""
    scarce = _scarce(problem, known)
    above = {basket.id: basket.id for basket in problem.baskets}

    def root(name: str) -> str:
        while above[name] != name:
            above[name] = above[above[name]]
            name = above[name]
        return name

    first: dict[Shelf, str] = {}
    for (basket, _), choices in known.items():
        for source in choices:
            if source.shelf in scarce:
                above[root(basket)] = root(first.setdefault(source.shelf, basket))
    groups: dict[str, list[Basket]] = defaultdict(list)
    for basket_ in problem.baskets:
        groups[root(basket_.id)].append(basket_)
    return sorted(groups.values(), key=lambda group: (len(group), group[0].id))


def _scarce(problem: SourcingProblem, known: dict[tuple[str, str], list[Source]]) -> set[Shelf]:
    """Return the shelves from which more could be wanted than is there."""
    wanted = Counter[Shelf]()
    for basket in problem.baskets:
        for line in basket.lines:
            for source in known[basket.id, line.id]:
                wanted[source.shelf] += line.quantity
    return {(one.shop, one.product) for one in problem.stock if wanted[one.shop, one.product] > one.on_hand}


class _Many:
    """More baskets than one program can hold."""

    def __init__(self, problem: SourcingProblem, known: dict[tuple[str, str], list[Source]]) -> None:
        self.problem, self.known = problem, known
        self.rng = random.Random(SEED)
        self.of: dict[str, list[Allocation]] = {basket.id: [] for basket in problem.baskets}
        self.left = {(one.shop, one.product): one.on_hand for one in problem.stock}
        self.wants: dict[str, list[Basket]] = defaultdict(list)
        for basket in problem.baskets:
            for product in sorted({option.product for line in basket.lines for option in line.options}):
                self.wants[product].append(basket)

    def solve(self, seconds: float) -> tuple[list[Allocation], int, str]:
        """Return allocations, a bound and the engine's name."""
        began = time.perf_counter()
        self._take(greedy.source_greedily(self.problem))
        bound = _cheapest(self.problem, self.known)
        until = began + seconds
        engine = greedy.NAME
        products = sorted(self.wants)
        while time.perf_counter() < until:
            if self._anew(self._rivals(self.rng.choice(products)), until):
                engine = NAME
        return [one for own in self.of.values() for one in own], bound, engine

    def _rivals(self, product: str) -> list[Basket]:
        """Return a few baskets that want the product, and some that want what these want."""
        found = self.rng.sample(self.wants[product], min(TOGETHER // 2, len(self.wants[product])))
        ids = {basket.id for basket in found}
        while len(found) < min(TOGETHER, len(self.problem.baskets)):
            line = self.rng.choice(self.rng.choice(found).lines)
            other = self.rng.choice(self.wants[line.options[0].product])
            if other.id in ids:
                other = self.rng.choice(self.problem.baskets)
            if other.id not in ids:
                ids.add(other.id)
                found.append(other)
        return found

    def _anew(self, baskets: list[Basket], until: float) -> bool:
        """Source these baskets anew from what they have and what is left; return whether that was better."""
        old = [one for basket in baskets for one in self.of[basket.id]]
        free = Counter(self.left)
        for one in old:
            free[one.shop, one.product] += one.quantity
        stock = tuple(
            replace(one, on_hand=free[one.shop, one.product])
            for one in self.problem.stock
            if free[one.shop, one.product] > 0
        )
        part = replace(self.problem, baskets=tuple(baskets), stock=stock)
        seconds = min(EACH_S, until - time.perf_counter())
        new = _Model(part, sources(part)).solve(seconds, old)[0]
        was, is_ = cost_of(self.problem_of(baskets), old), cost_of(self.problem_of(baskets), new)
        if (is_.guaranteed_fen, is_.total) >= (was.guaranteed_fen, was.total):
            return False
        for basket in baskets:
            for one in self.of[basket.id]:
                self.left[one.shop, one.product] += one.quantity
            self.of[basket.id] = []
        self._take(new)
        return True

    def problem_of(self, baskets: list[Basket]) -> SourcingProblem:
        """Return the problem with these baskets only."""
        return replace(self.problem, baskets=tuple(baskets))

    def _take(self, allocations: list[Allocation]) -> None:
        for one in allocations:
            self.of[one.basket].append(one)
            self.left[one.shop, one.product] -= one.quantity


def _cheapest(problem: SourcingProblem, known: dict[tuple[str, str], list[Source]]) -> int:
    """Return what all would cost at least if nothing were scarce and one shop had everything."""
    bound = 0
    for basket in problem.baskets:
        each = [
            (line.quantity, min([source.unit_fen for source in known[basket.id, line.id]], default=None))
            for line in basket.lines
        ]
        bound += sum(
            units * (problem.missing_fen if fen is None else min(fen, problem.missing_fen))
            for units, fen in each
        )
    return bound


class _Model:
    """Units taken for each line from each shelf; whether a basket is served by a shop; what it lacks, step by step."""

    def __init__(self, problem: SourcingProblem, known: dict[tuple[str, str], list[Source]]) -> None:
        self.problem, self.known = problem, known
        self.model = cp_model.CpModel()
        self.taken: dict[tuple[str, str, Shelf], Any] = {}
        self.visited: dict[tuple[str, str], Any] = {}
        self.lacks: dict[str, list[tuple[Any, int]]] = {}
        for basket in problem.baskets:
            self._basket(basket)
        self._shelves()
        self._limits()

    def solve(self, seconds: float, start: list[Allocation]) -> tuple[list[Allocation], int, str]:
        """Return allocations, no worse than ``start``, the proven bound and the engine's name."""
        until = time.perf_counter() + seconds
        self._hint(start)
        listed = [basket for basket in self.problem.baskets if basket.is_guaranteed]
        if listed:
            self.model.minimize(self._lack(listed))
            solver = self._run(until)
            if solver is None:
                return start, 0, greedy.NAME
            least = round(solver.objective_value)
            self.model.add(self._lack(listed) <= least)
            if cost_of(self.problem, start).guaranteed_fen > least:
                self._hint(self._allocations(solver))
        self.model.minimize(self._whole())
        solver = self._run(until)
        if solver is None:
            return start, 0, greedy.NAME
        return self._allocations(solver), max(0, int(solver.best_objective_bound - 1e-6) + 1), NAME

    def _basket(self, basket: Basket) -> None:
        got = []
        for line in basket.lines:
            choices = self.known[basket.id, line.id]
            for source in choices:
                units = self.model.new_int_var(0, line.quantity, "")
                self.taken[basket.id, line.id, source.shelf] = units
                self.model.add(units <= line.quantity * self._visit(basket.id, source.shelf[0]))
                got.append(units)
            if len(choices) > 1:
                of_line = [self.taken[basket.id, line.id, source.shelf] for source in choices]
                self.model.add(sum(of_line) <= line.quantity)
        self.lacks[basket.id] = [
            (self.model.new_int_var(0, size, ""), fen)
            for size, fen in steps(basket, self.problem.missing_fen)
        ]
        self.model.add(sum(got) + sum(var for var, _ in self.lacks[basket.id]) == asked(basket))

    def _visit(self, basket: str, shop: str) -> Any:
        if (basket, shop) not in self.visited:
            self.visited[basket, shop] = self.model.new_bool_var("")
        return self.visited[basket, shop]

    def _shelves(self) -> None:
        at: dict[Shelf, list[Any]] = defaultdict(list)
        for (_, _, shelf), units in self.taken.items():
            at[shelf].append(units)
        for one in self.problem.stock:
            self.model.add(sum(at[one.shop, one.product]) <= one.on_hand)

    def _limits(self) -> None:
        most = {limit.product: limit.most for limit in self.problem.limits}
        of: dict[tuple[str, str], list[Any]] = defaultdict(list)
        for (basket, _, (_, product)), units in self.taken.items():
            if product in most:
                of[basket, product].append(units)
        for (_, product), units in of.items():
            self.model.add(sum(units) <= most[product])

    def _lack(self, baskets: list[Basket]) -> Any:
        return sum(var * fen for basket in baskets for var, fen in self.lacks[basket.id])

    def _whole(self) -> Any:
        each = {
            (*key, source.shelf): source.unit_fen for key, choices in self.known.items() for source in choices
        }
        goods = sum(units * each[key] for key, units in self.taken.items())
        return (
            goods + self.problem.shop_fen * sum(self.visited.values()) + self._lack([*self.problem.baskets])
        )

    def _hint(self, allocations: list[Allocation]) -> None:
        units, shops = Counter[tuple[str, str, Shelf]](), {(one.basket, one.shop) for one in allocations}
        for one in allocations:
            units[one.basket, one.line, (one.shop, one.product)] += one.quantity
        self.model.clear_hints()
        for key, var in self.taken.items():
            self.model.add_hint(var, units[key])
        for visit, var in self.visited.items():
            self.model.add_hint(var, visit in shops)
        got = Counter[str]()
        for one in allocations:
            got[one.basket] += one.quantity
        for basket in self.problem.baskets:
            # A hint that leaves nothing open is a solution to begin from.
            missing = asked(basket) - got[basket.id]
            for var, size in zip(self.lacks[basket.id], steps(basket, 1), strict=True):
                self.model.add_hint(var[0], min(missing, size[0]))
                missing -= min(missing, size[0])

    def _run(self, until: float) -> cp_model.CpSolver | None:
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = SEED
        solver.parameters.max_time_in_seconds = max(LEAST_S, until - time.perf_counter())
        status = solver.solve(self.model)
        return solver if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None

    def _allocations(self, solver: cp_model.CpSolver) -> list[Allocation]:
        return [
            Allocation(basket, line, shop, product, int(solver.value(units)))
            for (basket, line, (shop, product)), units in self.taken.items()
            if solver.value(units) > 0
        ]
