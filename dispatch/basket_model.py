"""The split of baskets as a CP-SAT model: of a whole wave, or of some baskets while the others keep what they have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

from dispatch.sharing import Layout, Split
from dispatch.shortage import TENTH, TENTHS

# CP-SAT's own search first, and for what is left of the time all its strategies in turns. Measured: the first proves
# small models in a thousandth of the time, the second finds far better splits where the first proves nothing.
STRATEGIES = ((False, 0.3), (True, 0.7))


@dataclass(frozen=True)
class Effort:
    """When the solver stops: after so much deterministic time, and after so many seconds if that is given.

    ``is_thorough``: with both STRATEGIES, for a model that may be large.
    """

    deterministic: float
    seconds: float | None
    seed: int
    is_thorough: bool = True


@dataclass(frozen=True)
class Found:
    """``split`` of the whole wave, None if the solver found none; ``bound`` on what it minimised.

    ``spent``: deterministic time.
    """

    split: dict[tuple[int, int], int] | None
    bound: int
    is_optimal: bool
    spent: float


class BasketModel:
    """Variables: units by line and stock row, whether a basket goes to a shop, what it misses by tenths."""

    def __init__(
        self, layout: Layout, baskets: Sequence[int], start: Split, *, has_shops: bool = True
    ) -> None:
        """``start``: units by line and row of the whole wave: a hint, and for other baskets what they keep."""
        self.layout, self.baskets, self.has_shops = layout, baskets, has_shops
        self.model = cp_model.CpModel()
        self.units: dict[tuple[int, int], cp_model.IntVar] = {}
        self.short: dict[bool, list[tuple[cp_model.IntVar, int]]] = {True: [], False: []}
        self.spent_fen: list[tuple[cp_model.IntVar, int]] = []
        own = set(baskets)
        self.start = {one: n for one, n in start.items() if layout.wishes[one[0]].basket in own}
        self.kept = {one: n for one, n in start.items() if layout.wishes[one[0]].basket not in own}
        for basket in baskets:
            self._add_basket(basket)
        self._share()

    def cheapest_guaranteed(self, effort: Effort) -> Found:
        """Minimise what baskets on the guarantee list miss."""
        return self._solve(self.short[True], effort)

    def cheapest(self, guaranteed: int, effort: Effort) -> Found:
        """Minimise the total, the guarantee list's shortage of these baskets being at most ``guaranteed``."""
        if self.short[True]:
            self.model.add(_sum(self.short[True]) <= guaranteed)
        return self._solve([*self.short[True], *self.short[False], *self.spent_fen], effort)

    def _add_basket(self, basket: int) -> None:
        layout, model = self.layout, self.model
        stock, one = layout.problem.stock, layout.problem.baskets[basket]
        opened: dict[str, cp_model.IntVar] = {}
        come_from = {stock[row].shop for wish, row in self.start if layout.wishes[wish].basket == basket}
        served: list[tuple[cp_model.IntVar, int]] = []
        whole = 0
        for number in layout.of_basket[basket]:
            wish = layout.wishes[number]
            whole += wish.parts * wish.line.quantity
            units = []
            for choice in wish.choices:
                row = stock[choice.row]
                most = min(wish.line.quantity, row.on_hand)
                if most == 0:
                    continue
                taken = model.new_int_var(0, most, "")
                model.add_hint(taken, self.start.get((number, choice.row), 0))
                self.units[number, choice.row] = taken
                units.append(taken)
                self.spent_fen.append((taken, choice.fen))
                if self.has_shops:
                    if row.shop not in opened:
                        opened[row.shop] = model.new_bool_var("")
                        model.add_hint(opened[row.shop], row.shop in come_from)
                    model.add(taken <= most * opened[row.shop])
            if units:
                model.add(sum(units) <= wish.line.quantity)
            served += [(taken, wish.parts) for taken in units]
        weights = layout.problem.weights
        self.spent_fen += [(shop, weights.shop_fen) for shop in opened.values()]
        tenths = [model.new_int_var(0, TENTH, "") for _ in range(TENTHS)]
        model.add(sum(tenths) + _sum(served) == whole)
        missing = whole - sum(
            self.start.get(key, 0) * layout.wishes[key[0]].parts for key in self._keys(basket)
        )
        for n, tenth in enumerate(tenths):
            model.add_hint(tenth, min(TENTH, max(0, missing - n * TENTH)))
            self.short[one.is_guaranteed].append((tenth, (n + 1) * weights.short_fen))

    def _keys(self, basket: int) -> list[tuple[int, int]]:
        return [
            (wish, choice.row)
            for wish in self.layout.of_basket[basket]
            for choice in self.layout.wishes[wish].choices
        ]

    def _share(self) -> None:
        """Nobody takes what others keep, nor more than a household's limit."""
        left = self.layout.caps()
        for (wish, row), units in self.kept.items():
            for cap in self.layout.counted_by(wish, row):
                left[cap] -= units
        asked: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for (wish, row), taken in self.units.items():
            for cap in self.layout.counted_by(wish, row):
                asked[cap].append(taken)
        for cap, takers in asked.items():
            self.model.add(sum(takers) <= left[cap])

    def _solve(self, terms: Sequence[tuple[cp_model.IntVar, int]], effort: Effort) -> Found:
        self.model.minimize(_sum(terms))
        best, lowest, bound, spent = None, float("inf"), 0, 0.0
        for is_in_turns, share in STRATEGIES[: 2 if effort.is_thorough else 1]:
            solver = self._solver(effort, is_in_turns, share if effort.is_thorough else 1.0)
            status = solver.solve(self.model)
            spent += solver.response_proto.deterministic_time
            if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
                continue
            bound = max(bound, -int(-solver.best_objective_bound // 1))
            if solver.objective_value < lowest:
                lowest = solver.objective_value
                best = {one: int(solver.value(variable)) for one, variable in self.units.items()}
            if status == cp_model.OPTIMAL:
                break
        if best is None:
            return Found(None, 0, False, spent)
        split = {**self.kept, **{one: n for one, n in best.items() if n}}
        return Found(split, bound, round(lowest) == bound, spent)

    def _solver(self, effort: Effort, is_in_turns: bool, share: float) -> cp_model.CpSolver:
        solver = cp_model.CpSolver()
        # One thread: the same answer for the same deterministic time.
        solver.parameters.num_workers = 1
        solver.parameters.interleave_search = is_in_turns
        solver.parameters.random_seed = effort.seed
        solver.parameters.max_deterministic_time = share * effort.deterministic
        if effort.seconds is not None:
            solver.parameters.max_time_in_seconds = max(0.001, share * effort.seconds)
        return solver


def _sum(terms: Sequence[tuple[cp_model.IntVar, int]]) -> cp_model.LinearExpr:
    return cp_model.LinearExpr.weighted_sum([one for one, _ in terms], [times for _, times in terms])
