"""Marking lanes and places: by hand on the map page, or by CSV."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.places.events import LaneChanged
from server.core.places.models import Building, Entrance, Gate, Home, Lane, Network, Node, StandingPoint
from server.core.places.rules import marks
from server.kit import clock
from server.kit.audit import record
from server.kit.errors import Conflict, NotFound, Refused
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
) -> Lane:
    """Set what a lane is; None leaves a value. Raises Refused for an impossible width."""
    lane = _lane(session, community.id, lane_id)
    if width_cm is not None:
        marks.check_width(width_cm)
        lane.width_cm = width_cm
    if is_fire_lane is not None:
        lane.is_fire_lane = is_fire_lane
    if is_oneway is not None:
        lane.is_oneway = is_oneway
    lane.is_marked = True
    _changed(session, actor, lane, "places.lane_marked")
    propose_anew(session, community.id)
    return lane


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


def add_standing_point(
    session: Session, actor: Actor, community: CommunityRef, x_m: float, y_m: float
) -> StandingPoint:
    """Mark the fire-lane node nearest to (x, y) as a standing point. Raises Refused if none is within 30 m."""
    on_fire_lanes = select(Lane.from_node).where(Lane.community_id == community.id, Lane.is_fire_lane)
    others = select(Lane.to_node).where(Lane.community_id == community.id, Lane.is_fire_lane)
    nodes = session.scalars(
        select(Node).where(Node.community_id == community.id, Node.id.in_(on_fire_lanes.union(others)))
    ).all()
    near = min(nodes, key=lambda n: (n.x_m - x_m) ** 2 + (n.y_m - y_m) ** 2, default=None)
    if near is None or (near.x_m - x_m) ** 2 + (near.y_m - y_m) ** 2 > 900:
        raise Refused("places.no_fire_lane_here")
    known = session.scalars(
        select(StandingPoint).where(
            StandingPoint.community_id == community.id, StandingPoint.node_id == near.id
        )
    ).first()
    point = known or StandingPoint(community_id=community.id, node_id=near.id)
    point.is_proposed = False
    session.add(point)
    session.flush()
    _bump(session, community.id)
    record(session, actor, community.id, "places.standing_point_marked", ("standing_point", point.id))
    return point


def remove_standing_point(session: Session, actor: Actor, community: CommunityRef, point_id: UUID) -> None:
    """Remove a standing point. Raises NotFound."""
    point = session.scalars(
        select(StandingPoint).where(StandingPoint.community_id == community.id, StandingPoint.id == point_id)
    ).first()
    if point is None:
        raise NotFound("places.standing_point_not_found")
    session.delete(point)
    _bump(session, community.id)
    record(session, actor, community.id, "places.standing_point_removed", ("standing_point", point_id))


def change_gate(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    gate_id: UUID,
    *,
    label: str | None,
    is_open: bool | None,
    takes_goods: bool | None,
) -> Gate:
    """Name, open or close a gate. Raises NotFound."""
    gate = session.scalars(select(Gate).where(Gate.community_id == community.id, Gate.id == gate_id)).first()
    if gate is None:
        raise NotFound("places.gate_not_found")
    if label is not None:
        gate.label = label.strip()[:40]
    if is_open is not None:
        gate.is_open = is_open
    if takes_goods is not None:
        gate.takes_goods = takes_goods
    _bump(session, community.id)
    record(
        session,
        actor,
        community.id,
        "places.gate_changed",
        ("gate", gate.id),
        facts={"is_open": gate.is_open},
    )
    return gate


def import_lanes(session: Session, actor: Actor, community: CommunityRef, text: str) -> int:
    """Apply lanes.csv, all of it or nothing; return how many lanes it names. Raises Refused naming the line."""
    rows = marks.read_lane_rows(text)
    lanes = {
        lane.ref: lane for lane in session.scalars(select(Lane).where(Lane.community_id == community.id))
    }
    for row in rows:
        lane = lanes.get(row.ref)
        if lane is None:
            raise Refused("places.csv_unknown_lane", line=row.line, ref=row.ref)
        for column in ("is_fire_lane", "width_cm", "is_oneway"):
            value = getattr(row, column)
            if value is not None and value != getattr(lane, column):
                setattr(lane, column, value)
                lane.is_marked = True
        if row.state == "closed" and lane.state == "open":
            close_lane(session, actor, community, lane.id, row.reason or "CSV", None)
        elif row.state == "open" and lane.state == "closed":
            reopen_lane(session, actor, community.id, lane.id)
    _bump(session, community.id)
    record(session, actor, community.id, "places.lanes_imported", ("lane", None), facts={"rows": len(rows)})
    propose_anew(session, community.id)
    return len(rows)


def export_lanes(session: Session, community_id: UUID) -> str:
    """Return lanes.csv as ``import_lanes`` reads it."""
    lanes = session.scalars(select(Lane).where(Lane.community_id == community_id).order_by(Lane.ref))
    columns = ["ref", "name", "kind", "length_m", "width_cm", "is_fire_lane", "is_oneway", "state", "reason"]
    rows = [
        {
            **{c: getattr(lane, c) for c in ("ref", "name", "kind", "length_m", "width_cm", "state")},
            "is_fire_lane": "yes" if lane.is_fire_lane else "no",
            "is_oneway": "yes" if lane.is_oneway else "no",
            "reason": lane.closed_reason or "",
        }
        for lane in lanes
    ]
    return marks.write_csv(columns, rows)


def import_homes(session: Session, actor: Actor, community: CommunityRef, text: str) -> int:
    """Add the homes of homes.csv, all of them or none; known ones stay. Return how many are new.

    Raises Refused naming the line: places.csv_unknown_entrance, places.csv_doubtful_building.
    """
    rows = marks.read_home_rows(text)
    doors: dict[tuple[str, str], list[Entrance]] = {}
    for door, label in session.execute(
        select(Entrance, Building.label)
        .join(Building, Building.id == Entrance.building_id)
        .where(Entrance.community_id == community.id)
    ):
        doors.setdefault((label, door.label), []).append(door)
    known = {
        (entrance_id, door)
        for entrance_id, door in session.execute(
            select(Home.entrance_id, Home.door).where(Home.community_id == community.id)
        )
    }
    added = 0
    for row in rows:
        found = doors.get((row.building, row.entrance), [])
        if not found:
            raise Refused(
                "places.csv_unknown_entrance", line=row.line, building=row.building, entrance=row.entrance
            )
        if len(found) > 1:
            raise Refused("places.csv_doubtful_building", line=row.line, building=row.building)
        if (found[0].id, row.door) in known:
            continue
        known.add((found[0].id, row.door))
        session.add(
            Home(
                community_id=community.id,
                entrance_id=found[0].id,
                floor=row.floor,
                door=row.door,
                label=f"{row.building}-{row.entrance}-{row.door}",
            )
        )
        added += 1
    session.flush()
    record(session, actor, community.id, "places.homes_imported", ("home", None), facts={"added": added})
    return added


def export_homes(session: Session, community_id: UUID) -> str:
    """Return homes.csv as ``import_homes`` reads it."""
    rows = session.execute(
        select(Building.label, Entrance.label, Home.floor, Home.door)
        .join(Entrance, Entrance.id == Home.entrance_id)
        .join(Building, Building.id == Entrance.building_id)
        .where(Home.community_id == community_id)
        .order_by(Home.label)
    )
    columns = ["building", "entrance", "floor", "door"]
    return marks.write_csv(columns, [dict(zip(columns, row, strict=True)) for row in rows])


def propose_anew(session: Session, community_id: UUID) -> None:
    """Propose standing points for the fire lanes as they are marked now; those set by hand stay."""
    session.flush()
    session.execute(
        delete(StandingPoint).where(StandingPoint.community_id == community_id, StandingPoint.is_proposed)
    )
    by_hand = set(
        session.scalars(select(StandingPoint.node_id).where(StandingPoint.community_id == community_id))
    )
    lanes_at: dict[UUID, list[Lane]] = {}
    for lane in session.scalars(
        select(Lane).where(Lane.community_id == community_id, Lane.kind != "approach")
    ):
        for node_id in (lane.from_node, lane.to_node):
            lanes_at.setdefault(node_id, []).append(lane)
    nodes = session.scalars(
        select(Node).where(Node.community_id == community_id, Node.id.in_(list(lanes_at)))
    ).all()
    junctions = [
        marks.Junction(
            node=node.id,
            x_m=node.x_m,
            y_m=node.y_m,
            lanes=len(lanes_at[node.id]),
            has_wide_fire_lane=any(
                lane.is_fire_lane and lane.width_cm >= marks.STAND_ON_CM for lane in lanes_at[node.id]
            ),
        )
        for node in nodes
    ]
    for node_id in marks.propose_standing_points(junctions):
        if node_id not in by_hand:
            session.add(StandingPoint(community_id=community_id, node_id=node_id))
    session.flush()


def _lane(session: Session, community_id: UUID, lane_id: UUID) -> Lane:
    lane = session.scalars(select(Lane).where(Lane.community_id == community_id, Lane.id == lane_id)).first()
    if lane is None:
        raise NotFound("places.lane_not_found")
    return lane


def _changed(session: Session, actor: Actor, lane: Lane, action: str, why: str | None = None) -> None:
    version = _bump(session, lane.community_id)
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


def _bump(session: Session, community_id: UUID) -> int:
    network = session.get(Network, community_id, with_for_update=True)
    if network is None:
        raise Refused("places.no_map_yet")
    network.version += 1
    return network.version


def has_due_lanes(session: Session, community_id: UUID) -> bool:
    """Tell whether some closing is over."""
    due = select(Lane.id).where(
        Lane.community_id == community_id, Lane.state == "closed", Lane.closed_until <= clock.now()
    )
    return session.scalar(due.limit(1)) is not None
