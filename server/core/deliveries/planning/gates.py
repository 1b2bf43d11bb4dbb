"""Which gates to open: from rows to the dispatcher's problem of gates, and from its answer to what an officer reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from dispatch import BadProblem, GatesPlan, GatesProblem, check_gates, choose_gates
from dispatch.gates.plan import GateLoad, Layout
from dispatch.gates.problem import HOUR_S, Gate, Home
from server.core.deliveries import rules
from server.core.deliveries.planning.inputs import PROFILES, SolverFailed, speed_m_s
from server.core.deliveries.planning.problem import lanes_of, nodes_of, points_of
from server.core.deliveries.planning.solving import MEMORY_BYTES
from server.core.places.service import NetworkData
from server.kit.apart import Died, run_aside

# Starting the process, finding the ways and weighing each gate by itself come on top of the choice.
GRACE_S = 60.0


@dataclass(frozen=True)
class GatePlace:
    """A gate. ``is_open``: nobody closed it; ``stays``: why it must be open (asked, goods), None if it need not."""

    id: UUID
    node: UUID
    is_open: bool
    takes_goods: bool
    stays: str | None = None


@dataclass(frozen=True)
class HomesBehind:
    """The homes behind an entrance: how many people go out and how many deliveries come in, an hour."""

    entrance_id: UUID
    node: UUID
    exits: int
    deliveries: int


@dataclass(frozen=True)
class GateInputs:
    """Everything a choice is made from. ``people_per_hour``: how many can pass one gate; one guard keeps it."""

    network: NetworkData
    gates: tuple[GatePlace, ...]
    doors: tuple[HomesBehind, ...]
    guards: int
    people_per_hour: int


def gates_problem(inputs: GateInputs) -> GatesProblem:
    """Return the dispatcher's problem. Raises SolverFailed for what it could not read."""
    try:
        return GatesProblem(
            nodes=nodes_of(inputs.network),
            lanes=lanes_of(inputs.network),
            profiles=PROFILES,
            gates=tuple(_gate(gate, inputs) for gate in inputs.gates),
            homes=tuple(
                Home(str(door.entrance_id), str(door.node), door.exits, door.deliveries)
                for door in inputs.doors
            ),
            guards=inputs.guards,
            standing_points=points_of(inputs.network),
            hours_per_day=rules.BUSY_HOURS,
        )
    except BadProblem as error:
        raise SolverFailed(str(error)) from error


def _gate(gate: GatePlace, inputs: GateInputs) -> Gate:
    return Gate(
        id=str(gate.id),
        node=str(gate.node),
        people_per_hour=inputs.people_per_hour,
        must_be_open=gate.stays is not None,
        lets_goods_in=gate.takes_goods,
        is_open=gate.is_open,
    )


def choose(problem: GatesProblem, seconds: float, *, is_apart: bool) -> GatesPlan:
    """Return the checked choice, found in a process of its own if ``is_apart``. Raises SolverFailed."""
    try:
        if is_apart:
            plan = run_aside(
                choose_gates, problem, seconds, within_s=seconds + GRACE_S, memory_bytes=MEMORY_BYTES
            )
        else:
            plan = choose_gates(problem, seconds)
    except Died as error:
        raise SolverFailed(str(error)) from error
    violations = check_gates(problem, plan)
    if violations:
        raise SolverFailed(f"the choice of gates did not pass its check: {violations[0]}")
    return plan


def answer_of(plan: GatesPlan) -> dict[str, Any]:
    """Return what is kept of a choice: sums and gates, and no home."""
    today, chosen = ({load.gate: load for load in one.loads} for one in (plan.today, plan.chosen))
    alone = {change.gate: change for change in plan.changes}
    return {
        "today": _figures(plan.today),
        "chosen": _figures(plan.chosen),
        "saves_residents_h": _hours_a_day(_residents_s(plan.today) - _residents_s(plan.chosen)),
        "saves_goods_h": _hours_a_day(plan.today.cost.goods_s - plan.chosen.cost.goods_s),
        "today_obstacles": list(plan.today_obstacles),
        "gap_percent": plan.gap_percent,
        "is_proven": plan.is_proven,
        "gates": {
            gate: {
                "should_be_open": gate in plan.chosen.open,
                "today": _use(today[gate]) if gate in today else None,
                "chosen": _use(chosen[gate]) if gate in chosen else None,
                "alone": {
                    "change": change.change,
                    "residents_h": change.residents_h_per_day,
                    "goods_h": change.goods_h_per_day,
                    "left": change.left_per_day,
                    "obstacles": list(change.obstacles),
                },
            }
            for gate, change in alone.items()
        },
    }


def _figures(layout: Layout) -> dict[str, Any]:
    people = sum(walk.people for walk in layout.walks)
    deliveries = sum(supply.deliveries for supply in layout.supplies)
    haul_s = sum(supply.deliveries * supply.way_s for supply in layout.supplies)
    left = {what: sum(one.count for one in layout.left if one.what == what) for what in _LEFT}
    return {
        "people": people,
        "walk_m": round(layout.cost.walking_s * speed_m_s("walk") / max(1, people)),
        "wait_s": round(layout.cost.queueing_s / max(1, people)),
        "queue": round(layout.cost.queueing_s / HOUR_S, 1),
        "contacts": round(sum(_met(load) for load in layout.loads)),
        "deliveries": deliveries,
        "haul_s": round(haul_s / max(1, deliveries)),
        "left_people": left["people"],
        "left_deliveries": left["deliveries"],
        "left_why": sorted({one.reason for one in layout.left}),
    }


_LEFT = ("people", "deliveries")


def _use(load: GateLoad) -> dict[str, Any]:
    return {
        "people": load.people,
        "percent": load.percent,
        "wait_s": round(load.queueing_s / max(1, load.people)),
        "deliveries": load.deliveries,
    }


def _met(load: GateLoad) -> float:
    """Return how many people those of an hour find waiting before them: each as many as wait on average."""
    return load.people * load.queueing_s / HOUR_S


def _residents_s(layout: Layout) -> int:
    return layout.cost.walking_s + layout.cost.queueing_s


def _hours_a_day(seconds: int) -> float:
    return round(seconds * rules.BUSY_HOURS / HOUR_S, 1)
