"""What a list does to places and homes: zones, flags, notices; and how they end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.notices import service as notices
from server.core.people import service as people
from server.core.places import service as places
from server.kit import clock
from server.kit.db import new_id
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.zones.models import Zone, ZoneHome, ZoneList
from server.modules.zones.rules.lifecycle import RED_LEVELS
from server.modules.zones.rules.standing import Span

RED = "red"


def put_in_force(
    session: Session, actor: Actor, community: CommunityRef, found: ZoneList, spans: Sequence[Span]
) -> int:
    """Make zones of the spans, mark the homes in high-risk ones, and tell everybody there; return how many homes."""
    behind = places.homes_behind(session, community.id, {span.door for span in spans})
    homes: dict[UUID, list[UUID]] = defaultdict(list)
    for home_id, entrance_id in sorted(behind.items()):
        homes[entrance_id].append(home_id)
    for span in spans:
        zone = Zone(
            id=new_id(),
            community_id=community.id,
            list_id=found.id,
            entrance_id=span.door,
            level=span.level,
            from_at=span.from_at,
            until_at=span.until_at,
        )
        session.add(zone)
        session.flush()
        _take_in(session, actor, found, zone, homes[span.door])
    session.flush()
    _tell_homes(session, found, list(behind), notices.NoticeKind.ZONE_SET)
    return len(behind)


def _take_in(session: Session, actor: Actor, found: ZoneList, zone: Zone, home_ids: Sequence[UUID]) -> None:
    of_home: dict[UUID | None, UUID] = {}
    if zone.level in RED_LEVELS and home_ids:
        raised = flags.raise_flags(
            session,
            actor,
            zone.community_id,
            home_ids=home_ids,
            kind=RED,
            ground=f"{found.reason}（{found.legal_basis}）",
            from_at=zone.from_at,
            until_at=zone.until_at,
        )
        of_home = {flag.home_id: flag.id for flag in raised}
    session.add_all(
        ZoneHome(
            id=new_id(),
            community_id=zone.community_id,
            zone_id=zone.id,
            home_id=home_id,
            flag_id=of_home.get(home_id),
        )
        for home_id in home_ids
    )


def end_zones(
    session: Session, actor: Actor, community: CommunityRef, zones: Sequence[Zone], why: str
) -> None:
    """End zones: by somebody for a reason, or (``why`` empty) because their time is over, when flags lapse too."""
    now = clock.now()
    for zone in zones:
        zone.ended_at, zone.ended_by, zone.ended_why = now, actor.person_id, why
    of_zone = {zone.id: zone.list_id for zone in zones}
    wanted = select(ZoneHome).where(ZoneHome.zone_id.in_(list(of_zone)), ZoneHome.ended_at.is_(None))
    inside = list(session.scalars(wanted))
    if why:
        take_out(session, actor, community, inside, why)
    by_list: dict[UUID, list[UUID]] = defaultdict(list)
    for row in inside:
        row.ended_at = now
        by_list[of_zone[row.zone_id]].append(row.home_id)
    session.flush()
    for list_id, home_ids in by_list.items():
        found = session.get_one(ZoneList, list_id)
        _tell_homes(session, found, home_ids, notices.NoticeKind.ZONE_ENDED)


def take_out(
    session: Session, actor: Actor, community: CommunityRef, rows: Sequence[ZoneHome], why: str
) -> None:
    """Take homes out of their zones; their flags end with it, but for those that somebody has ended before."""
    flag_ids = [row.flag_id for row in rows if row.flag_id is not None]
    if flag_ids:
        flags.end_flags(session, actor, community.id, flag_ids, why)
    for row in rows:
        row.ended_at = clock.now()


def _tell_homes(
    session: Session, found: ZoneList, home_ids: Sequence[UUID], kind: notices.NoticeKind
) -> None:
    living = people.people_of_homes(session, found.community_id, home_ids)
    told = {person_id for members in living.values() for person_id in members}
    notices.tell(session, found.community_id, told, kind, ("zones", found.id))
