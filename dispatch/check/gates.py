"""Gates: can people and goods pass as the answer says, and does it add up? It finds its own ways and its own queues."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import fields
from fractions import Fraction
from typing import Any

from dispatch.check.findings import Violation
from dispatch.check.ways import Times
from dispatch.gates.plan import GatesCost, GatesPlan, Layout, Supply
from dispatch.gates.problem import Gate, GatesProblem

PRICE_OF_LEAVING_S = 1_000_000
LONGEST_S = 14_400
BENDS = (Fraction(1, 2), Fraction(3, 5), Fraction(7, 10), Fraction(4, 5), Fraction(9, 10), Fraction(19, 20))


def check_gates(problem: GatesProblem, plan: GatesPlan) -> list[Violation]:
    """Return everything that is wrong with the answer; an empty list if the gates can be run as it says.

    ``facts["layout"]``: chosen or today.
    """
    if plan.digest != problem.digest():
        return [Violation("plan_of_another_problem")]
    times, found = Times(problem.network), []
    for name, layout in (("chosen", plan.chosen), ("today", plan.today)):
        one = _LayoutCheck(problem, times, layout, name)
        one.run()
        found += one.found
    say = _LayoutCheck(problem, times, plan.chosen, "chosen")
    say.check_may_be_open()
    found += say.found
    if set(plan.today.open) != {gate.id for gate in problem.gates if gate.is_open}:
        found.append(Violation("not_todays_gates", facts={"open": list(plan.today.open)}))
    if Counter(change.gate for change in plan.changes) != Counter(gate.id for gate in problem.gates):
        found.append(Violation("changes_incomplete"))
    if plan.bound_s > plan.chosen.cost.total:
        found.append(Violation("wrong_bound", facts={"bound_s": plan.bound_s}))
    return found


class _LayoutCheck:
    """One set of open gates and its use."""

    def __init__(self, problem: GatesProblem, times: Times, layout: Layout, name: str) -> None:
        self.problem, self.times, self.layout, self.name = problem, times, layout, name
        self.gates = {gate.id: gate for gate in problem.gates}
        self.homes = {home.id: home for home in problem.homes}
        self.walking = problem.network.profile(problem.walking_profile)
        self.cart = problem.network.profile(problem.goods_profile)
        self.found: list[Violation] = []

    def run(self) -> None:
        """Note everything that is wrong with it."""
        layout = self.layout
        loaded = [load.gate for load in layout.loads]
        gates = {*layout.open, *loaded, *(w.gate for w in layout.walks), *(s.gate for s in layout.supplies)}
        homes = (
            {w.home for w in layout.walks} | {s.home for s in layout.supplies} | {o.home for o in layout.left}
        )
        for name in (gates - set(self.gates)) | (homes - set(self.homes)):
            self._say("unknown_name", name=name)
        if len(set(layout.open)) < len(layout.open) or sorted(loaded) != sorted(layout.open):
            self._say("wrong_loads", open=list(layout.open))
        if self.found:
            return
        self._check_walks()
        self._check_supplies()
        self._check_nobody_lost()
        self._check_loads()
        self._check_left()
        self._check_cost()

    def check_may_be_open(self) -> None:
        """Note where more gates are open than may be, or one is closed that must not be."""
        open_ = [self.gates[name] for name in self.layout.open if name in self.gates]
        for gate in self.problem.gates:
            if gate.must_be_open and gate not in open_:
                self._say("must_be_open", gate=gate.id)
        if (guards := sum(gate.guards for gate in open_)) > self.problem.guards:
            self._say("too_few_guards", guards=guards, has=self.problem.guards)
        if self.problem.most_open is not None and len(open_) > self.problem.most_open:
            self._say("too_many_open", open=len(open_), may=self.problem.most_open)

    def _say(self, code: str, **facts: Any) -> None:
        self.found.append(Violation(code, facts={"layout": self.name, **facts}))

    def _check_walks(self) -> None:
        for walk in self.layout.walks:
            if walk.gate not in self.layout.open:
                self._say("gate_closed", home=walk.home, gate=walk.gate)
            way_s = self._walk_s(walk.home, walk.gate)
            if way_s is None or way_s != walk.walk_s or walk.people < 1:
                self._say("no_such_walk", home=walk.home, gate=walk.gate, says=walk.walk_s, is_=way_s)

    def _walk_s(self, home: str, gate: str) -> int | None:
        return self._within(self.times.between(self.walking, self.homes[home].node, self.gates[gate].node))

    def _within(self, seconds: int | None) -> int | None:
        return None if seconds is None or seconds > LONGEST_S else seconds

    def _check_supplies(self) -> None:
        for supply in self.layout.supplies:
            if supply.gate not in self.layout.open:
                self._say("gate_closed", home=supply.home, gate=supply.gate)
            if not self.gates[supply.gate].lets_goods_in:
                self._say("goods_not_let_in", home=supply.home, gate=supply.gate)
            if not self._may_halt(supply.halt_node):
                self._say("no_standing_point", home=supply.home, halt=supply.halt_node)
            way_s = self._haul_s(supply)
            if way_s is None or way_s != supply.way_s or supply.deliveries < 1:
                self._say("no_such_haul", home=supply.home, gate=supply.gate, says=supply.way_s, is_=way_s)

    def _may_halt(self, node: str) -> bool:
        wide = (
            point.width_cm >= self.cart.width_cm
            for point in self.problem.standing_points
            if point.node == node
        )
        return not self.cart.halts_at_standing_points or any(wide)

    def _haul_s(self, supply: Supply) -> int | None:
        """Return the seconds of the cart's way and of the last metres, None where it cannot be."""
        home, gate, halt = self.homes[supply.home].node, self.gates[supply.gate].node, supply.halt_node
        there, back = self.times.between(self.cart, gate, halt), self.times.between(self.cart, halt, gate)
        to_door, from_door = self._on_foot(halt, home), self._on_foot(home, halt)
        if to_door is None or from_door is None:
            return None
        if (to_door - 1) * self.walking.speed_m_s > self.problem.max_walk_m:
            return None
        if there is None or back is None or max(there, back, to_door + from_door) > LONGEST_S:
            return None
        return there + back + to_door + from_door

    def _on_foot(self, from_node: str, to_node: str) -> int | None:
        """Return the seconds between a halt and a door; a cart that halts anywhere halts at the door itself."""
        if self.cart.halts_at_standing_points:
            return self.times.between(self.walking, from_node, to_node)
        return 0 if from_node == to_node else None

    def _check_nobody_lost(self) -> None:
        people, deliveries = Counter[str](), Counter[str]()
        for walk in self.layout.walks:
            people[walk.home] += walk.people
        for supply in self.layout.supplies:
            deliveries[supply.home] += supply.deliveries
        for one in self.layout.left:
            if one.what not in ("people", "deliveries") or not one.reason or one.count < 1:
                self._say("left_without_reason", home=one.home)
            (people if one.what == "people" else deliveries)[one.home] += one.count
        for home in self.problem.homes:
            if people[home.id] != home.people_per_hour:
                self._say("people_lost", home=home.id, says=people[home.id], is_=home.people_per_hour)
            if deliveries[home.id] != home.deliveries_per_hour:
                self._say("goods_lost", home=home.id, says=deliveries[home.id], is_=home.deliveries_per_hour)

    def _check_loads(self) -> None:
        for load in self.layout.loads:
            gate = self.gates[load.gate]
            people = sum(walk.people for walk in self.layout.walks if walk.gate == load.gate)
            deliveries = sum(s.deliveries for s in self.layout.supplies if s.gate == load.gate)
            if people > gate.people_per_hour * 95 // 100:
                self._say("overcrowded", gate=gate.id, people=people, people_per_hour=gate.people_per_hour)
                continue
            own = (people, gate.people_per_hour, deliveries, _queueing_s(gate, people))
            if own != (load.people, load.people_per_hour, load.deliveries, load.queueing_s):
                self._say(
                    "wrong_load", gate=gate.id, people=people, deliveries=deliveries, queueing_s=own[-1]
                )

    def _check_left(self) -> None:
        """Nobody stays in who reaches an open gate with room."""
        passing = Counter[str]()
        for walk in self.layout.walks:
            passing[walk.gate] += walk.people
        for one in self.layout.left:
            for name in self.layout.open if one.what == "people" else ():
                has_room = passing[name] < self.gates[name].people_per_hour * 95 // 100
                if has_room and self._walk_s(one.home, name) is not None:
                    self._say("left_without_need", home=one.home, gate=name)

    def _check_cost(self) -> None:
        layout = self.layout
        own = GatesCost(
            walking_s=sum(walk.people * walk.walk_s for walk in layout.walks),
            queueing_s=sum(load.queueing_s for load in layout.loads),
            goods_s=self.problem.goods_weight * sum(s.deliveries * s.way_s for s in layout.supplies),
            left_s=PRICE_OF_LEAVING_S * sum(one.count for one in layout.left),
        )
        for part in fields(GatesCost):
            says, is_ = getattr(layout.cost, part.name), getattr(own, part.name)
            if says != is_:
                self._say("wrong_cost", part=part.name, says=says, is_=is_)


def _queueing_s(gate: Gate, people: int) -> int:
    """Return the seconds that all who pass in an hour wait together, along the line between the bends."""
    total, before = 0, 0
    for after in _whole(gate.people_per_hour * share for share in BENDS):
        if before < min(people, after):
            rise = _mean_queue(gate, after) - _mean_queue(gate, before)
            total += (min(people, after) - before) * round(3600 * rise / (after - before))
        before = max(before, after)
    return total


def _whole(figures: Iterable[Fraction]) -> list[int]:
    return [int(figure) for figure in figures]


def _mean_queue(gate: Gate, people: int) -> Fraction:
    """Return how many wait on average: ρ² / 2(1 - ρ), Pollaczek–Khinchine with equal service times."""
    load = Fraction(people, gate.people_per_hour)
    return load * load / (2 * (1 - load))
