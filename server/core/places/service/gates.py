"""Opening and closing gates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.models import Gate
from server.core.places.rules import hours as hour_rules
from server.core.places.service.version import bump
from server.kit.audit import record
from server.kit.errors import NotFound
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


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
    return gate
