"""Endpoints of the choice of gates: what an officer asks, and what comes of it. Opening and closing is places'."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from server.core.deliveries import rules, service
from server.core.deliveries.routes.blueprint import bp
from server.core.deliveries.schemas.gates import (
    GateAloneOut,
    GatesAskedIn,
    GatesFiguresOut,
    GatesWeighedOut,
    GateUseOut,
    WeighedGateOut,
)
from server.core.places import service as places
from server.kit.db import reading, transaction
from server.kit.idempotency import idempotent
from server.kit.permissions import allow, current_actor
from server.kit.tenancy import CommunityRef, current_community


@bp.post("/gate-choice")
@bp.input(GatesAskedIn, arg_name="body")
@bp.output(GatesWeighedOut, status_code=202)
@allow("deliveries.plan")
@idempotent
def ask_gates(body: GatesAskedIn) -> GatesWeighedOut:
    """Have it found in the background which gates to open. No gate is opened or closed by it."""
    with transaction() as session:
        service.ask_gates(session, current_actor(), current_community(), **body.model_dump())
        return _weighed(session, current_community())


@bp.get("/gate-choice")
@bp.output(GatesWeighedOut)
@allow("deliveries.plan")
def get_gates() -> GatesWeighedOut:
    """What was last found about the gates, beside how they stand now."""
    with reading() as session:
        return _weighed(session, current_community())


def _weighed(session: Session, community: CommunityRef) -> GatesWeighedOut:
    gates = places.gates(session, community)
    choice = service.gate_choice(session, community.id)
    answer: dict[str, Any] = choice.answer if choice else {}
    state = "none" if choice is None else "failed" if service.is_lost(session, choice) else choice.state
    open_now = sum(gate.is_open_by_hand for gate in gates)
    return GatesWeighedOut.model_validate(
        {
            "state": state,
            "guards": choice.guards if choice else max(1, open_now),
            "people_per_hour": choice.people_per_hour if choice else rules.PEOPLE_PER_HOUR,
            "asked_at": choice.asked_at if choice else None,
            "is_outdated": choice.is_outdated if choice else False,
            "gates": [_gate(gate, answer) for gate in gates],
            "today": GatesFiguresOut(**answer["today"]) if answer else None,
            "chosen": GatesFiguresOut(**answer["chosen"]) if answer else None,
            "saves_residents_h": answer.get("saves_residents_h", 0),
            "saves_goods_h": answer.get("saves_goods_h", 0),
            "today_obstacles": answer.get("today_obstacles", []),
            "is_proven": answer.get("is_proven", False),
            "gap_percent": answer.get("gap_percent", 0),
            "are_people_counted": answer.get("are_people_counted", False),
            "are_goods_counted": answer.get("are_goods_counted", False),
        }
    )


def _gate(gate: places.GateNow, answer: dict[str, Any]) -> WeighedGateOut:
    # A gate that was put on the map since was not weighed.
    found = answer.get("gates", {}).get(str(gate.id), {})
    return WeighedGateOut(
        id=gate.id,
        label=gate.label,
        is_open=gate.is_open_by_hand,
        should_be_open=found.get("should_be_open"),
        stays=answer.get("stays", {}).get(str(gate.id)),
        today=GateUseOut(**found["today"]) if found.get("today") else None,
        chosen=GateUseOut(**found["chosen"]) if found.get("chosen") else None,
        alone=GateAloneOut(**found["alone"]) if found else None,
    )
