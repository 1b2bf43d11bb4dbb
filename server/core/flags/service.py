"""Raising, ending and asking for flags."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from server.core.flags import rules
from server.core.flags.events import FlagEnded, FlagRaised
from server.core.flags.models import Flag
from server.core.places import service as places
from server.kit import clock
from server.kit.audit import record
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound, Refused
from server.kit.outbox import emit
from server.kit.permissions import Actor


def raise_flag(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    home_id: UUID,
    kind: str,
    ground: str,
    until_at: datetime | None = None,
    from_at: datetime | None = None,
) -> Flag:
    """Raise a flag on a home; without ``until_at`` for two weeks.

    Raises Refused without a ground, NotFound for a home of no such community.
    """
    [flag] = raise_flags(
        session,
        actor,
        community_id,
        home_ids=[home_id],
        kind=kind,
        ground=ground,
        until_at=until_at,
        from_at=from_at,
    )
    return flag


def raise_flags(
    session: Session,
    actor: Actor,
    community_id: UUID,
    *,
    home_ids: Sequence[UUID],
    kind: str,
    ground: str,
    until_at: datetime | None = None,
    from_at: datetime | None = None,
) -> list[Flag]:
    """Raise the same flag on several homes, each with its record and its event; return them in the homes' order.

    Raises as ``raise_flag`` does; then none is raised.
    """
    now = clock.now()
    from_at = from_at or now
    until_at = until_at or from_at + rules.USUAL
    rules.check_flag(kind, ground, from_at, until_at, now=now)
    if len(places.home_labels(session, community_id, home_ids)) != len(set(home_ids)):
        raise NotFound("places.home_not_found")
    flags = [
        Flag(
            id=new_id(),
            community_id=community_id,
            home_id=home_id,
            kind=kind,
            author_id=actor.person_id,
            ground=ground.strip(),
            from_at=from_at,
            until_at=until_at,
        )
        for home_id in home_ids
    ]
    session.add_all(flags)
    session.flush()
    for flag in flags:
        facts, subject = {"flag": kind}, ("home", flag.home_id)
        record(session, actor, community_id, "flags.raised", subject, facts=facts, why=ground)
        event = FlagRaised(community_id, flag_id=flag.id, flag=kind, home_id=flag.home_id, person_id=None)
        emit(session, event)
    return flags


def end_flag(session: Session, actor: Actor, community_id: UUID, flag_id: UUID, why: str) -> Flag:
    """End a flag before its time. Raises Refused without a reason, Conflict if it is over already."""
    if not why.strip():
        raise Refused("flags.ground_missing")
    flag = session.scalars(select(Flag).where(Flag.community_id == community_id, Flag.id == flag_id)).first()
    if flag is None:
        raise NotFound("flags.not_found")
    if flag.ended_at is not None:
        raise Conflict("flags.over_already")
    _end(session, actor, flag, why)
    return flag


def end_flags(
    session: Session, actor: Actor, community_id: UUID, flag_ids: Iterable[UUID], why: str
) -> list[Flag]:
    """End several flags before their time, but for those that are over already. Raises Refused without a reason."""
    if not why.strip():
        raise Refused("flags.ground_missing")
    wanted = select(Flag).where(
        Flag.community_id == community_id, Flag.id.in_(list(flag_ids)), Flag.ended_at.is_(None)
    )
    flags = list(session.scalars(wanted.order_by(Flag.id)))
    for flag in flags:
        _end(session, actor, flag, why)
    return flags


def _end(session: Session, actor: Actor, flag: Flag, why: str) -> None:
    flag.ended_at, flag.ended_by, flag.ended_why = clock.now(), actor.person_id, why.strip()
    facts, subject = {"flag": flag.kind}, ("home", flag.home_id)
    record(session, actor, flag.community_id, "flags.ended", subject, facts=facts, why=why)
    event = FlagEnded(
        flag.community_id, flag_id=flag.id, flag=flag.kind, home_id=flag.home_id, person_id=flag.person_id
    )
    emit(session, event)


def red_homes(session: Session, community_id: UUID, at: datetime | None = None) -> frozenset[UUID]:
    """Return the homes with a red flag at an instant (default: now)."""
    rows = session.scalars(
        select(Flag.home_id).where(
            *_holds(community_id, at), Flag.kind == rules.RED, Flag.home_id.is_not(None)
        )
    )
    return frozenset(home_id for home_id in rows if home_id is not None)


def is_red(
    session: Session, community_id: UUID, home_ids: Iterable[UUID], at: datetime | None = None
) -> dict[UUID, bool]:
    """Return for each home whether it has a red flag at an instant (default: now)."""
    red = red_homes(session, community_id, at)
    return {home_id: home_id in red for home_id in home_ids}


def flags_here(session: Session, community_id: UUID, home_id: UUID | None = None) -> list[Flag]:
    """Return the community's flags that are not over, newest first; of one home if it is named."""
    query = select(Flag).where(Flag.community_id == community_id, Flag.ended_at.is_(None))
    if home_id is not None:
        query = query.where(Flag.home_id == home_id)
    now = clock.now()
    return [
        f for f in session.scalars(query.order_by(Flag.id.desc())) if f.until_at is None or f.until_at > now
    ]


def kinds_that_hold(
    session: Session,
    community_id: UUID,
    *,
    home_id: UUID | None,
    person_id: UUID | None,
    at: datetime | None = None,
) -> frozenset[str]:
    """Return the kinds of flags on the home or on the person at an instant (default: now)."""
    subjects = []
    if home_id is not None:
        subjects.append(Flag.home_id == home_id)
    if person_id is not None:
        subjects.append(Flag.person_id == person_id)
    if not subjects:
        return frozenset()
    return frozenset(session.scalars(select(Flag.kind).where(*_holds(community_id, at), or_(*subjects))))


def held_subjects(
    session: Session, community_id: UUID, kinds: Iterable[str], at: datetime | None = None
) -> tuple[frozenset[UUID], frozenset[UUID]]:
    """Return the (homes, persons) with a flag of these kinds at an instant (default: now)."""
    rows = session.execute(
        select(Flag.home_id, Flag.person_id).where(*_holds(community_id, at), Flag.kind.in_(list(kinds)))
    ).all()
    return (
        frozenset(home_id for home_id, _ in rows if home_id is not None),
        frozenset(person_id for _, person_id in rows if person_id is not None),
    )


def held_query(
    community_id: UUID, kinds: Iterable[str], at: datetime | None = None
) -> tuple[Select[UUID], Select[UUID]]:
    """Return the queries for (homes, persons) with a flag of these kinds: to be asked within another query.

    A whole compound may be held: its thousands of ids need not travel to the program and back.
    """
    holds = (*_holds(community_id, at), Flag.kind.in_(list(kinds)))
    homes = select(Flag.home_id).where(*holds, Flag.home_id.is_not(None))
    persons = select(Flag.person_id).where(*holds, Flag.person_id.is_not(None))
    return cast("Select[UUID]", homes), cast("Select[UUID]", persons)


def _holds(community_id: UUID, at: datetime | None) -> tuple[ColumnElement[bool], ...]:
    at = at or clock.now()
    return (
        Flag.community_id == community_id,
        Flag.from_at <= at,
        or_(Flag.until_at.is_(None), Flag.until_at > at),
        or_(Flag.ended_at.is_(None), Flag.ended_at > at),
    )
