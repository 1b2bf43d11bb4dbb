"""The life of a need: steps of its lines, who may take them, and the need's own state, which is derived.

A draft lives on the phone of whoever writes it; here a need begins as submitted.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from server.core.needs.rules.kinds import Flow
from server.kit.errors import Conflict, Forbidden


class State(StrEnum):
    SUBMITTED = "submitted"
    NEEDS_INFO = "needs_info"
    ON_HOLD = "on_hold"
    TRIAGED = "triaged"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    SOURCING = "sourcing"
    SCHEDULED = "scheduled"
    AT_GATE = "at_gate"
    BATCHED = "batched"
    DROPPED = "dropped"
    VISITED = "visited"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    UNREACHABLE = "unreachable"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    # Of needs only, never of a line: some lines have an owner, others wait for one.
    PARTIAL = "partial"


class Party(StrEnum):
    """Who takes a step: the home itself, a worker, whoever serves the need, deliveries, or the clock."""

    HOME = "home"
    WORKER = "worker"
    SERVER = "server"
    DELIVERY = "delivery"
    SYSTEM = "system"


class ClosedBecause(StrEnum):
    DONE = "done"
    DONE_BY_OTHERS = "done_by_others"
    DUPLICATE = "duplicate"
    NOT_WANTED = "not_wanted"
    OUT_OF_SCOPE = "out_of_scope"
    UNRESPONSIVE = "unresponsive"


class Step(StrEnum):
    TRIAGE = "triage"
    ASK = "ask"
    HOLD = "hold"
    OFFER = "offer"
    GIVE_BACK = "give_back"
    ACCEPT = "accept"
    SOURCE = "source"
    SCHEDULE = "schedule"
    ARRIVE = "arrive"
    BATCH = "batch"
    UNBATCH = "unbatch"
    DROP = "drop"
    VISIT = "visit"
    UNDO = "undo"
    FAIL = "fail"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    CLOSE = "close"
    CANCEL = "cancel"


TERMINAL = frozenset({State.CLOSED, State.CANCELLED})
# The order of progress; a need is where its least advanced line is.
PROGRESS: tuple[State, ...] = (
    State.DISPUTED,
    State.UNREACHABLE,
    State.NEEDS_INFO,
    State.ON_HOLD,
    State.SUBMITTED,
    State.TRIAGED,
    State.OFFERED,
    State.ACCEPTED,
    State.SOURCING,
    State.SCHEDULED,
    State.AT_GATE,
    State.BATCHED,
    State.DROPPED,
    State.VISITED,
    State.CONFIRMED,
    State.CANCELLED,
    State.CLOSED,
)
WAITING = frozenset({State.SUBMITTED, State.NEEDS_INFO, State.ON_HOLD, State.TRIAGED, State.OFFERED})
OWNED = frozenset(PROGRESS) - WAITING - TERMINAL


@dataclass(frozen=True)
class Arc:
    """One kind of step: from which states, to which one, in which flows, by whom."""

    step: Step
    sources: frozenset[State]
    target: State
    by: frozenset[Party]
    flows: frozenset[Flow] = frozenset(Flow)


def _arc(step: Step, sources: str, target: State, by: str, flow: Flow | None = None) -> Arc:
    return Arc(
        step,
        frozenset(State(name) for name in sources.split()),
        target,
        frozenset(Party(name) for name in by.split()),
        frozenset(Flow) if flow is None else frozenset({flow}),
    )


G, V = Flow.GOODS, Flow.SERVICE
ARCS: tuple[Arc, ...] = (
    _arc(Step.TRIAGE, "submitted needs_info on_hold unreachable disputed", State.TRIAGED, "worker system"),
    _arc(Step.ASK, "submitted triaged on_hold", State.NEEDS_INFO, "worker"),
    _arc(Step.HOLD, "submitted needs_info triaged", State.ON_HOLD, "worker"),
    _arc(Step.OFFER, "triaged", State.OFFERED, "system worker"),
    _arc(Step.GIVE_BACK, "offered accepted sourcing scheduled", State.TRIAGED, "server worker system"),
    _arc(Step.ACCEPT, "offered", State.ACCEPTED, "server"),
    _arc(Step.SOURCE, "accepted", State.SOURCING, "server system", G),
    _arc(Step.SCHEDULE, "accepted", State.SCHEDULED, "server system", V),
    _arc(Step.ARRIVE, "accepted sourcing unreachable", State.AT_GATE, "delivery", G),
    _arc(Step.BATCH, "at_gate", State.BATCHED, "delivery", G),
    _arc(Step.BATCH, "scheduled", State.BATCHED, "delivery", V),
    _arc(Step.UNBATCH, "batched unreachable", State.AT_GATE, "delivery", G),
    _arc(Step.UNBATCH, "batched unreachable", State.SCHEDULED, "delivery", V),
    _arc(Step.DROP, "batched", State.DROPPED, "delivery", G),
    _arc(Step.VISIT, "scheduled batched", State.VISITED, "delivery server", V),
    _arc(Step.UNDO, "dropped unreachable", State.BATCHED, "delivery", G),
    _arc(Step.UNDO, "visited unreachable", State.BATCHED, "delivery", V),
    _arc(Step.FAIL, "batched at_gate", State.UNREACHABLE, "delivery", G),
    _arc(Step.FAIL, "batched scheduled", State.UNREACHABLE, "delivery server", V),
    _arc(Step.CONFIRM, "dropped", State.CONFIRMED, "home worker delivery system", G),
    _arc(Step.CONFIRM, "visited", State.CONFIRMED, "home worker delivery system", V),
    _arc(Step.DISPUTE, "dropped confirmed", State.DISPUTED, "home worker", G),
    _arc(Step.DISPUTE, "visited confirmed", State.DISPUTED, "home worker", V),
    _arc(Step.CLOSE, "confirmed dropped visited", State.CLOSED, "worker system"),
    _arc(Step.CLOSE, "submitted needs_info on_hold triaged unreachable disputed", State.CLOSED, "worker"),
    # What a shop does not have goes on as a need of its own.
    _arc(Step.CLOSE, "offered accepted sourcing", State.CLOSED, "server", G),
    _arc(Step.CLOSE, "triaged", State.CLOSED, "system", G),
    _arc(
        Step.CANCEL,
        "submitted needs_info on_hold triaged offered accepted sourcing scheduled",
        State.CANCELLED,
        "home worker",
    ),
)


def next_state(state: State, step: Step, flow: Flow, by: Party) -> State:
    """Return where ``step`` leads from ``state``.

    Raises Conflict("needs.not_now") if no such step leaves the state, Forbidden("needs.not_yours_to_do") if
    one does, but not for this party.
    """
    leaving = [arc for arc in ARCS if arc.step is step and state in arc.sources and flow in arc.flows]
    if not leaving:
        raise Conflict("needs.not_now", state=state, step=step)
    for arc in leaving:
        if by in arc.by:
            return arc.target
    raise Forbidden("needs.not_yours_to_do", step=step)


def step_to(state: State, target: State, flow: Flow, by: Party) -> Step:
    """Return the step that leads from ``state`` to ``target``. Raises as `next_state` does."""
    arcs = [a for a in ARCS if a.target is target and state in a.sources and flow in a.flows]
    if not arcs:
        raise Conflict("needs.not_now", state=state, target=target)
    for arc in arcs:
        if by in arc.by:
            return arc.step
    raise Forbidden("needs.not_yours_to_do", step=arcs[0].step)


def state_of_need(lines: Iterable[State]) -> State:
    """Return the need's state: where its least advanced open line is, or partial if some have an owner, some
    none.

    Without open lines: closed if any line was, else cancelled. Raises ValueError for a need without lines.
    """
    states = set(lines)
    if not states:
        raise ValueError("a need has at least one line")
    live = states - TERMINAL
    if not live:
        return State.CLOSED if State.CLOSED in states else State.CANCELLED
    if State.DISPUTED in live:
        return State.DISPUTED
    if live & WAITING and live & OWNED:
        return State.PARTIAL
    return min(live, key=PROGRESS.index)
