"""A home says that it should not be in a zone; somebody who had no hand in the list answers."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from server.core.people import service as people
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.permissions import Actor
from server.kit.tenancy import CommunityRef
from server.modules.zones.models import Zone, ZoneAppeal, ZoneHome, ZoneList
from server.modules.zones.rules import lifecycle
from server.modules.zones.service.effects import take_out
from server.modules.zones.service.lists import find, tell


def appeal(
    session: Session, actor: Actor, community: CommunityRef, zone_home_id: UUID, words: str
) -> ZoneAppeal:
    """Say why one's home should not be in the zone. Raises NotFound unless the actor lives there."""
    words = lifecycle.check_reason(words)
    row = session.scalars(
        select(ZoneHome).where(ZoneHome.community_id == community.id, ZoneHome.id == zone_home_id)
    ).first()
    if row is None or not people.is_member(session, community.id, row.home_id, actor.id):
        raise NotFound("zones.zone_not_found")
    zone = session.get_one(Zone, row.zone_id)
    if row.ended_at is not None or zone.until_at <= clock.now():
        raise Conflict("zones.moved_on", state="ended")
    made = ZoneAppeal(
        id=new_id(),
        community_id=community.id,
        zone_home_id=row.id,
        subject_id=people.subject_of_home(session, community.id, row.home_id),
        words=words,
        made_by=actor.id,
        made_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise Conflict("zones.appeal_open") from None
    # The words are the person's own: they stay here, sealed, and out of the trail.
    record(session, actor, community.id, "zones.appealed", ("zones", zone.list_id))
    tell(session, session.get_one(ZoneList, zone.list_id))
    return made


def decide_appeal(
    session: Session, actor: Actor, community: CommunityRef, appeal_id: UUID, *, grants: bool, answer: str
) -> ZoneAppeal:
    """Answer an appeal; granting it takes the home out of the zone by the same decision.

    Raises Refused for whoever had a hand in the list or approved it: nobody judges their own.
    """
    answer = lifecycle.check_reason(answer)
    found = session.scalars(
        select(ZoneAppeal)
        .where(ZoneAppeal.community_id == community.id, ZoneAppeal.id == appeal_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise NotFound("zones.appeal_not_found")
    if found.state != "open":
        raise Conflict("zones.appeal_decided")
    row = session.get_one(ZoneHome, found.zone_home_id)
    list_id = session.get_one(Zone, row.zone_id).list_id
    # Whoever lifts the list at this moment ends the same flag: one after the other.
    of_list = find(session, community.id, list_id, for_update=True)
    session.refresh(row)
    if actor.id == of_list.approved_by or str(actor.id) in of_list.hands:
        raise Refused("zones.own_list")
    found.answer, found.state = answer, "granted" if grants else "refused"
    found.decided_by, found.decided_at = actor.id, clock.now()
    if grants and row.ended_at is None:
        take_out(session, actor, community, [row], answer)
    session.flush()
    about = found.subject_id
    record(
        session,
        actor,
        community.id,
        f"zones.appeal_{found.state}",
        ("zones", of_list.id),
        why=answer,
        about=about,
    )
    tell(session, of_list)
    return found
