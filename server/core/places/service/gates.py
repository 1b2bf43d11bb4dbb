"""Opening and closing gates, and which are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.events import GateChanged
from server.core.places.models import Gate
from server.core.places.rules import hours as hour_rules
from server.core.places.service.version import bump
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import NotFound
from server.kit.outbox import emit
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


@dataclass(frozen=True)
class GateNow:
    """A gate as it stands now. ``is_open_by_hand``: not closed by anybody; ``is_open``: and within its hours."""

    id: UUID
    label: str
    is_open: bool
    is_open_by_hand: bool
    node_id: UUID
    takes_goods: bool


def gates(session: Session, community: CommunityRef) -> list[GateNow]:
    """Return the community's gates by label."""
    rows = session.scalars(
        select(Gate).where(Gate.community_id == community.id).order_by(Gate.label, Gate.ref)
    )
    return [
        GateNow(
            gate.id,
            gate.label,
            _is_open_now(gate, community),
            gate.is_open,
            gate.node_id,
            gate.takes_goods,
        )
        for gate in rows
    ]


def gate_is_open(session: Session, community: CommunityRef, gate_id: UUID | None) -> bool:
    """Tell whether a gate is open now. Raises NotFound for a gate that is none of the community's."""
    gate = session.scalars(
        select(Gate)
        .where(Gate.community_id == community.id, Gate.id == gate_id)
        .execution_options(populate_existing=True)
    ).first()
    if gate is None:
        raise NotFound("places.gate_not_found")
    return _is_open_now(gate, community)


def _is_open_now(gate: Gate, community: CommunityRef) -> bool:
    return gate.is_open and hour_rules.is_within(gate.hours, clock.now(), community.zone)


def change_gate(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    gate_id: UUID,
    *,
    label: str | None = None,
    is_open: bool | None = None,
    takes_goods: bool | None = None,
    hours: list[tuple[int, int]] | None = None,
) -> Gate:
    """Name, open or close a gate, or set its hours; None leaves a value. Raises NotFound, Refused for bad hours."""
    gate = session.scalars(
        select(Gate).where(Gate.community_id == community.id, Gate.id == gate_id).with_for_update()
    ).first()
    if gate is None:
        raise NotFound("places.gate_not_found")
    if hours is not None:
        hour_rules.check_hours(hours)
    wanted: dict[str, Any] = {
        "label": label.strip()[:40] if label and label.strip() else None,
        "is_open": is_open,
        "takes_goods": takes_goods,
        "hours": [list(span) for span in hours] if hours is not None else None,
    }
    for column, value in wanted.items():
        if value is not None:
            setattr(gate, column, value)
    bump(session, community.id)
    facts = {"is_open": gate.is_open, "takes_goods": gate.takes_goods, "hours": gate.hours}
    record(session, actor, community.id, "places.gate_changed", ("gate", gate.id), facts=facts)
    emit(session, GateChanged(community.id, gate_id=gate.id, is_open=gate.is_open))
    return gate
