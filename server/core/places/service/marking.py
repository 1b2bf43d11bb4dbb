"""Marking, measuring, closing and reopening lanes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.events import LaneChanged
from server.core.places.models import Lane
from server.core.places.rules import keeping, marks
from server.core.places.service.standing import propose_anew
from server.core.places.service.version import bump
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, NotFound
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef


def mark_lane(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    lane_id: UUID,
    *,
    is_fire_lane: bool | None = None,
    width_cm: int | None = None,
    is_oneway: bool | None = None,
    is_whole_way: bool = False,
) -> Lane:
    """Set what a lane is, or with ``is_whole_way`` all pieces of its street in the map; None leaves a value.

    Raises Refused for an impossible width.
    """
    if width_cm is not None:
        marks.check_width(width_cm)
    lane = _lane(session, community.id, lane_id)
    wanted = {"is_fire_lane": is_fire_lane, "width_cm": width_cm, "is_oneway": is_oneway}
    version = bump(session, community.id)
    for piece in _pieces(session, lane) if is_whole_way else [lane]:
        set_marks(session, actor, piece, wanted, version)
    propose_anew(session, community.id)
    return lane


def set_marks(
    session: Session, actor: Actor, lane: Lane, wanted: Mapping[str, Any], version: int | None = None
) -> bool:
    """Set the marks that are not None; tell whether that changed anything.

    ``version``: of the lanes, where many change at once; else it is counted up.
    """
    new = {column: v for column, v in wanted.items() if v is not None and v != getattr(lane, column)}
    for column, value in new.items():
        setattr(lane, column, value)
    if new:
        lane.is_marked = True
        _changed(session, actor, lane, "places.lane_marked", version=version)
    return bool(new)


def close_lane(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    lane_id: UUID,
    reason: str,
    until: datetime | None,
) -> Lane:
    """Close a lane. Raises Refused without a reason, Conflict if it is closed already."""
    marks.check_closing(reason, until, now=clock.now())
    lane = _lane(session, community.id, lane_id)
    if lane.state == "closed":
        raise Conflict("places.closed_already")
    lane.state, lane.closed_by = "closed", actor.person_id
    lane.closed_reason, lane.closed_until = reason.strip(), until
    _changed(session, actor, lane, "places.lane_closed", why=reason)
    return lane


def reopen_lane(session: Session, actor: Actor, community_id: UUID, lane_id: UUID) -> Lane:
    """Reopen a lane. Raises Conflict if it is open."""
    lane = _lane(session, community_id, lane_id)
    if lane.state == "open":
        raise Conflict("places.open_already")
    lane.state, lane.closed_by, lane.closed_reason, lane.closed_until = "open", None, None, None
    _changed(session, actor, lane, "places.lane_reopened")
    return lane


def reopen_due_lanes(session: Session, community_id: UUID) -> int:
    """Reopen the lanes whose closing is over; return how many."""
    due = session.scalars(
        select(Lane.id).where(
            Lane.community_id == community_id, Lane.state == "closed", Lane.closed_until <= clock.now()
        )
    ).all()
    for lane_id in due:
        reopen_lane(session, SYSTEM, community_id, lane_id)
    return len(due)


def _lane(session: Session, community_id: UUID, lane_id: UUID) -> Lane:
    lane = session.scalars(
        select(Lane).where(Lane.community_id == community_id, Lane.id == lane_id).with_for_update()
    ).first()
    if lane is None:
        raise NotFound("places.lane_not_found")
    return lane


def _pieces(session: Session, lane: Lane) -> list[Lane]:
    """Return all pieces of the way that ``lane`` is cut from."""
    way = keeping.way_of(lane.ref)
    if way == lane.ref:
        return [lane]
    start = f"{way}."
    same = select(Lane).where(
        Lane.community_id == lane.community_id,
        Lane.ref.startswith(start, autoescape=True),
        Lane.kind == lane.kind,
    )
    return list(session.scalars(same.order_by(Lane.ref)))


def _changed(
    session: Session,
    actor: Actor,
    lane: Lane,
    action: str,
    *,
    why: str | None = None,
    version: int | None = None,
) -> None:
    version = version or bump(session, lane.community_id)
    facts: dict[str, Any] = {
        "is_fire_lane": lane.is_fire_lane,
        "width_cm": lane.width_cm,
        "state": lane.state,
    }
    record(session, actor, lane.community_id, action, ("lane", lane.id), facts=facts, why=why)
    emit(
        session,
        LaneChanged(
            lane.community_id,
            lane_id=lane.id,
            state=lane.state,
            is_fire_lane=lane.is_fire_lane,
            width_cm=lane.width_cm,
            network_version=version,
        ),
    )


def has_due_lanes(session: Session, community_id: UUID) -> bool:
    """Tell whether some closing is over."""
    due = select(Lane.id).where(
        Lane.community_id == community_id, Lane.state == "closed", Lane.closed_until <= clock.now()
    )
    return session.scalar(due.limit(1)) is not None
