"""Lanes and homes by CSV, all of a file or nothing."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.places.models import Building, Entrance, Home, Lane
from server.core.places.rules import keeping, tables
from server.core.places.service.marking import close_lane, reopen_lane, set_marks
from server.core.places.service.standing import propose_anew
from server.core.places.service.version import bump
from server.kit.audit import record
from server.kit.csv_files import write_csv
from server.kit.errors import Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef


def import_lanes(session: Session, actor: Actor, community: CommunityRef, text: str) -> int:
    """Apply lanes.csv, all of it or nothing; return how many lanes it names. Raises Refused naming the line."""
    rows = tables.read_lane_rows(text)
    lanes = {
        lane.ref: lane for lane in session.scalars(select(Lane).where(Lane.community_id == community.id))
    }
    version = bump(session, community.id)
    for row in rows:
        lane = lanes.get(row.ref)
        if lane is None:
            raise Refused("places.csv_unknown_lane", line=row.line, ref=row.ref)
        set_marks(session, actor, lane, {column: getattr(row, column) for column in keeping.MARKS}, version)
        if row.state == "closed" and lane.state == "open":
            close_lane(session, actor, community, lane.id, row.reason or "CSV", None)
        elif row.state == "open" and lane.state == "closed":
            reopen_lane(session, actor, community.id, lane.id)
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
    return write_csv(columns, rows)


def import_homes(session: Session, actor: Actor, community: CommunityRef, text: str) -> int:
    """Add the homes of homes.csv, all of them or none; known ones stay. Return how many are new.

    Raises Refused naming the line: places.csv_unknown_entrance, places.csv_doubtful_building.
    """
    rows = tables.read_home_rows(text)
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
                label=keeping.home_label(row.building, row.entrance, row.door),
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
    return write_csv(columns, [dict(zip(columns, row, strict=True)) for row in rows])
