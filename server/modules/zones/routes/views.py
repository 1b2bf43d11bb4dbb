"""From rows to answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from server.core.people import service as people
from server.core.places import service as places
from server.core.places.service import Doorway
from server.kit import clock
from server.kit.permissions import current_actor
from server.kit.tenancy import CommunityRef
from server.modules.zones import service
from server.modules.zones.models import Zone, ZoneAppeal, ZoneList, ZoneRow
from server.modules.zones.rules.lifecycle import COUNTED
from server.modules.zones.rules.standing import strictest
from server.modules.zones.schemas import (
    DoorLevelOut,
    MyZoneOut,
    ReadPartOut,
    ReadPlaceOut,
    ReadRowOut,
    ZoneAppealOut,
    ZoneGroupsOut,
    ZoneListOut,
    ZoneListRowOut,
    ZoneOut,
)


def list_rows_out(
    session: Session, community: CommunityRef, found: Sequence[ZoneList]
) -> list[ZoneListRowOut]:
    """Return lists with how many rows are in each group."""
    counts = service.counts_of(session, community.id, [one.id for one in found])
    names = people.names(session, {one.imported_by for one in found})
    return [ZoneListRowOut.model_validate(_list(one, counts[one.id], names)) for one in found]


def list_out(session: Session, community: CommunityRef, found: ZoneList) -> ZoneListOut:
    """Return one list whole."""
    counts = service.counts_of(session, community.id, [found.id])[found.id]
    by = (found.imported_by, found.confirmed_by, found.approved_by, found.ended_by)
    names = people.names(session, {one for one in by if one is not None})
    doorways = {door.id: door for door in places.doorways(session, community.id)}
    zones = service.zones_of(session, found)
    if zones:
        levels = [(zone.entrance_id, zone.level) for zone in zones if zone.ended_at is None]
    else:
        rows = service.rows_of(session, found)
        counted = [row for row in rows if row.state in COUNTED and row.level]
        levels = [(UUID(door), row.level or "") for row in counted for door in row.doors]
    me = current_actor().person_id
    doors = _door_levels(levels, doorways)
    return ZoneListOut.model_validate(
        {
            **_list(found, counts, names),
            "other_names": found.other_names,
            "reason": found.reason,
            "legal_basis": found.legal_basis,
            "confirmed_by_name": names.get(found.confirmed_by) if found.confirmed_by else None,
            "approved_by_name": names.get(found.approved_by) if found.approved_by else None,
            "approved_why": found.approved_why,
            "ended_at": found.ended_at,
            "ended_by_name": names.get(found.ended_by) if found.ended_by else None,
            "ended_why": found.ended_why,
            "may_approve": str(me) not in found.hands,
            "homes": len(places.homes_behind(session, community.id, {door.entrance_id for door in doors})),
            "doors": doors,
            "zones": [_zone(zone, doorways) for zone in zones if zone.entrance_id in doorways],
        }
    )


def rows_out(session: Session, community: CommunityRef, rows: Sequence[ZoneRow]) -> list[ReadRowOut]:
    """Return rows with what was read and where that is."""
    doorways = places.doorways(session, community.id)
    names = people.names(session, {row.decided_by for row in rows if row.decided_by})
    return [
        ReadRowOut.model_validate(
            {
                "id": row.id,
                "line": row.line,
                "text": row.text,
                "district": row.district,
                "street": row.street,
                "level": row.level,
                "from_on": row.from_on,
                "until_on": row.until_on,
                "state": row.state,
                "parts": [_part(part) for part in row.parts],
                "doubts": [{"why": why, "words": words} for why, words in row.doubts],
                "places": _places({UUID(door) for door in row.doors}, doorways),
                "door_ids": row.doors,
                "decided_by_name": names.get(row.decided_by) if row.decided_by else None,
                "decided_why": row.decided_why,
            }
        )
        for row in rows
    ]


def standing_out(session: Session, community: CommunityRef) -> list[DoorLevelOut]:
    """Return the entrances that are in a zone now, each with its strictest level."""
    doorways = {door.id: door for door in places.doorways(session, community.id)}
    zones = service.standing_now(session, community.id)
    return _door_levels([(zone.entrance_id, zone.level) for zone in zones], doorways)


def mine_out(session: Session, community: CommunityRef, home_id: UUID) -> list[MyZoneOut]:
    """Return the zones around a home as those who live there see them."""
    found = service.zones_of_home(session, community.id, home_id)
    appeals = service.appeals_of(session, community.id, [one.home.id for one in found])
    by = {who for one in found for who in (one.of_list.confirmed_by, one.of_list.approved_by) if who}
    names = people.names(session, by)
    return [
        MyZoneOut.model_validate(
            {
                "zone_home_id": one.home.id,
                "level": one.zone.level,
                "is_red": one.home.flag_id is not None,
                "from_at": one.zone.from_at,
                "until_at": one.zone.until_at,
                "list_name": one.of_list.name,
                "reason": one.of_list.reason,
                "legal_basis": one.of_list.legal_basis,
                "proposed_by_name": names.get(one.of_list.confirmed_by, "")
                if one.of_list.confirmed_by
                else "",
                "approved_by_name": names.get(one.of_list.approved_by, "") if one.of_list.approved_by else "",
                "appeals": [
                    appeal_out(row, "", is_home=True) for row in appeals if row.zone_home_id == one.home.id
                ],
            }
        )
        for one in found
    ]


def appeal_out(row: ZoneAppeal, home_label: str, *, is_home: bool = False) -> ZoneAppealOut:
    """Return an appeal with its words; its reader is written down unless it is their own home."""
    is_own = is_home or row.made_by == current_actor().person_id
    return ZoneAppealOut.model_validate(
        {
            "about": None if is_own else row.subject_id,
            "id": row.id,
            "zone_home_id": row.zone_home_id,
            "home_label": home_label,
            "state": row.state,
            "words": row.words,
            "answer": row.answer,
            "made_at": row.made_at,
        }
    )


def _list(found: ZoneList, counts: dict[str, int], names: dict[UUID, str]) -> dict[str, object]:
    groups = {
        group: sum(counts.get(state, 0) for state in states) for group, states in service.GROUPS.items()
    }
    return {
        "id": found.id,
        "name": found.name,
        "state": found.state,
        "groups": ZoneGroupsOut(**groups),
        "until_on": found.until_on,
        "imported_at": found.imported_at,
        "imported_by_name": names.get(found.imported_by, ""),
    }


def _part(part: dict[str, object]) -> ReadPartOut:
    return ReadPartOut.model_validate(
        {
            "name": part["name"],
            "spots": part["spots"],
            "excepted": [*_texts(part["except"]), *_texts(part["except_names"])],
            "except_levels": part["except_levels"],
        }
    )


def _texts(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list) else []


def _places(door_ids: set[UUID], doorways: Sequence[Doorway]) -> list[ReadPlaceOut]:
    by_building: dict[tuple[str, UUID], list[Doorway]] = defaultdict(list)
    for door in doorways:
        by_building[door.building, door.building_id].append(door)
    found = []
    for (building, building_id), doors in by_building.items():
        named = [door.label for door in doors if door.id in door_ids]
        if named:
            is_whole = len(named) == len(doors)
            found.append(
                ReadPlaceOut(building_id=building_id, building=building, doors=named, is_whole=is_whole)
            )
    return found


def _door_levels(levels: Iterable[tuple[UUID, str]], doorways: dict[UUID, Doorway]) -> list[DoorLevelOut]:
    by_door: dict[UUID, list[str]] = defaultdict(list)
    for entrance_id, level in levels:
        by_door[entrance_id].append(level)
    return [
        DoorLevelOut(entrance_id=door, building_id=doorways[door].building_id, level=strictest(found))
        for door, found in by_door.items()
        if door in doorways
    ]


def _zone(zone: Zone, doorways: dict[UUID, Doorway]) -> ZoneOut:
    door, now = doorways[zone.entrance_id], clock.now()
    is_over = zone.ended_at is not None or zone.until_at <= now
    return ZoneOut.model_validate(
        {
            "entrance_id": zone.entrance_id,
            "building_id": door.building_id,
            "label": f"{door.building}-{door.label}",
            "level": zone.level,
            "from_at": zone.from_at,
            "until_at": zone.until_at,
            "state": "ended" if is_over else "standing" if zone.from_at <= now else "to_come",
            "ended_why": zone.ended_why,
        }
    )
