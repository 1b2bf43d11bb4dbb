"""A list's steps: one officer proposes, another approves, a named decision or its end lifts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from server.core.notices import service as notices
from server.kit import clock
from server.kit.audit import record
from server.kit.db import touched
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef
from server.modules.zones.models import Zone, ZoneList
from server.modules.zones.rules import lifecycle
from server.modules.zones.rules.lifecycle import COUNTED, ListState
from server.modules.zones.rules.standing import Standing, spans, today_in
from server.modules.zones.rules.structure import Level
from server.modules.zones.service.effects import end_zones, put_in_force
from server.modules.zones.service.lists import find, rows_of, run_of, sort_again, tell


@dataclass(frozen=True)
class Proposal:
    """On what ground the list shall hold, and until when at the latest."""

    reason: str
    legal_basis: str
    until_on: date


def confirm(
    session: Session, actor: Actor, community: CommunityRef, list_id: UUID, wanted: Proposal
) -> ZoneList:
    """Propose the list to a second officer. Raises Refused while rows wait, or without reason, basis or end."""
    found = find(session, community.id, list_id, for_update=True)
    target = lifecycle.check_step("confirm", found.state)
    rows = sort_again(session, community, found)
    doors = {door for row in rows if row.state in COUNTED for door in row.doors}
    lifecycle.check_confirmation(
        [row.state for row in rows],
        len(doors),
        wanted.reason,
        wanted.legal_basis,
        wanted.until_on,
        today=today_in(community.zone, clock.now()),
    )
    found.reason, found.legal_basis = wanted.reason.strip(), wanted.legal_basis.strip()
    found.until_on, found.state = wanted.until_on, target
    found.confirmed_by, found.confirmed_at = actor.id, clock.now()
    found.hands = sorted({*found.hands, str(actor.id)})
    session.flush()
    facts = {"doors": len(doors), "until": wanted.until_on.isoformat()}
    _note(session, actor, found, "zones.confirmed", found.reason, facts)
    kind = notices.NoticeKind.ZONE_PROPOSED
    notices.tell_workers(session, community.id, kind, ("zones", found.id), roles=["officer"])
    return found


def step_back(
    session: Session, actor: Actor, community: CommunityRef, list_id: UUID, step: str, why: str
) -> ZoneList:
    """Send a proposed list back, or drop a draft. Raises Refused without a reason, Conflict from another state."""
    why = lifecycle.check_reason(why)
    found = find(session, community.id, list_id, for_update=True)
    found.state = lifecycle.check_step(step, found.state)
    session.flush()
    _note(session, actor, found, f"zones.{step}", why)
    return found


def approve(session: Session, actor: Actor, community: CommunityRef, list_id: UUID, why: str) -> ZoneList:
    """Put a list in force: its zones stand and its homes are told and marked, all in this transaction.

    Raises Forbidden for whoever had a hand in it, Conflict if it does not wait any more, Refused if its end has passed
    or the map no longer has what was proposed.
    """
    why = lifecycle.check_reason(why)
    found = find(session, community.id, list_id)
    lifecycle.check_second(actor.person_id, [UUID(hand) for hand in found.hands])
    lifecycle.check_step("approve", found.state)
    now = clock.now()
    # Two officers may approve at once, in two processes: the row itself says who was first.
    won = session.execute(
        update(ZoneList)
        .where(
            ZoneList.community_id == community.id,
            ZoneList.id == list_id,
            ZoneList.state == ListState.WAITING,
        )
        .values(state=ListState.IN_FORCE, approved_by=actor.id, approved_at=now, approved_why=why)
        .execution_options(synchronize_session=False)
    )
    if touched(won) != 1:
        raise Conflict("zones.moved_on")
    session.refresh(found)
    # It may have been sent back, worked on and proposed anew since it was read.
    lifecycle.check_second(actor.person_id, [UUID(hand) for hand in found.hands])
    homes = _effect(session, actor, community, found)
    _note(session, actor, found, "zones.approved", why, {"homes": homes})
    return found


def _effect(session: Session, actor: Actor, community: CommunityRef, found: ZoneList) -> int:
    now, until_on = clock.now(), found.until_on
    assert until_on is not None  # the table's own constraint
    lifecycle.check_end(until_on, today=today_in(community.zone, now))
    before = {row.line: (row.state, tuple(row.doors)) for row in rows_of(session, found)}
    rows = sort_again(session, community, found)
    # What is approved is what was proposed: days have passed or doors were renamed in between.
    if any(before[row.line] != (row.state, tuple(row.doors)) for row in rows):
        raise Refused("zones.changed_since")
    standing = [
        Standing(frozenset(UUID(door) for door in row.doors), Level(row.level or ""), run_of(row))
        for row in rows
        if row.state in COUNTED
    ]
    wanted = spans(standing, until_on, now=now, zone=community.zone)
    if not wanted:
        raise Refused("zones.no_doors")
    return put_in_force(session, actor, community, found, wanted)


def lift(
    session: Session,
    actor: Actor,
    community: CommunityRef,
    list_id: UUID,
    why: str,
    *,
    entrance_ids: Sequence[UUID] = (),
) -> ZoneList:
    """End a list's zones before their time, some entrances' or all; with the last of them the list has ended.

    Raises Conflict unless it is in force, Refused without a reason, NotFound if it has no zone there.
    """
    why = lifecycle.check_reason(why)
    found = find(session, community.id, list_id, for_update=True)
    ended = lifecycle.check_step("lift", found.state)
    zones = [
        zone for zone in _standing(session, found) if not entrance_ids or zone.entrance_id in entrance_ids
    ]
    if not zones:
        raise NotFound("zones.zone_not_found")
    end_zones(session, actor, community, zones, why)
    if not _standing(session, found):
        found.state, found.ended_at = ended, clock.now()
        found.ended_by, found.ended_why = actor.id, why
    session.flush()
    _note(session, actor, found, "zones.lifted", why, {"zones": len(zones)})
    return found


def end_due(session: Session, community: CommunityRef) -> int:
    """End the zones whose time is over, and the lists that have none left; return how many zones."""
    now = clock.now()
    due = (Zone.community_id == community.id, Zone.ended_at.is_(None), Zone.until_at <= now)
    count = 0
    for list_id in sorted(set(session.scalars(select(Zone.list_id).where(*due)))):
        # The list is locked before its zones, as by whoever lifts it: neither waits for the other for ever.
        found = find(session, community.id, list_id, for_update=True)
        zones = list(session.scalars(select(Zone).where(*due, Zone.list_id == list_id).order_by(Zone.id)))
        if zones:
            end_zones(session, SYSTEM, community, zones, "")
            count += len(zones)
        if zones and found.state == ListState.IN_FORCE and not _standing(session, found):
            found.state, found.ended_at = lifecycle.check_step("lift", found.state), now
            session.flush()
            _note(session, SYSTEM, found, "zones.ended", None)
    return count


def waiting_here(session: Session, community_id: UUID) -> int:
    """Count the lists that wait for a second officer."""
    where = (ZoneList.community_id == community_id, ZoneList.state == ListState.WAITING)
    return session.scalar(select(func.count()).where(*where)) or 0


def _standing(session: Session, found: ZoneList) -> list[Zone]:
    wanted = select(Zone).where(Zone.list_id == found.id, Zone.ended_at.is_(None))
    return list(session.scalars(wanted.order_by(Zone.id)))


def _note(
    session: Session,
    actor: Actor,
    found: ZoneList,
    action: str,
    why: str | None,
    facts: dict[str, object] | None = None,
) -> None:
    record(session, actor, found.community_id, action, ("zones", found.id), facts=facts, why=why)
    tell(session, found)
