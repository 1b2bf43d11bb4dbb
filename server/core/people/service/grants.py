"""Persons and the roles they are granted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from server.core.communities.models import Area
from server.core.people import rules
from server.core.people.events import RoleGranted
from server.core.people.models import Person, RoleGrant
from server.kit import clock
from server.kit.audit import record
from server.kit.crypto import blind_index
from server.kit.db import new_id
from server.kit.errors import Conflict, NotFound
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor, Grant
from server.kit.tenancy import CommunityRef


def create_person(
    session: Session,
    *,
    name: str,
    phone: str | None,
    login: str | None = None,
    password_hash: str | None = None,
    is_demo: bool = False,
    locale: str = "zh-CN",
    wants_elder_mode: bool = False,
) -> Person:
    """Create a person. Raises Refused for a bad phone, Conflict if the phone or login is somebody's already."""
    number = rules.normal_phone(phone) if phone else None
    if number and find_by_phone(session, number) is not None:
        raise Conflict("people.phone_taken")
    if login and session.scalar(select(Person.id).where(Person.login == login)) is not None:
        raise Conflict("people.login_taken")
    person = Person(
        id=new_id(),
        name=name.strip(),
        phone=number,
        phone_index=blind_index(number, "phone") if number else None,
        login=login,
        password=password_hash,
        is_demo=is_demo,
        locale=locale,
        wants_elder_mode=wants_elder_mode,
        created_at=clock.now(),
    )
    session.add(person)
    session.flush()
    return person


def person(session: Session, person_id: UUID) -> Person:
    """Return the person. Raises NotFound."""
    found = session.get(Person, person_id)
    if found is None:
        raise NotFound("people.not_found")
    return found


def find_by_phone(session: Session, phone: str) -> Person | None:
    """Return whose phone it is, or None. Raises Refused if it cannot be a phone."""
    index = blind_index(rules.normal_phone(phone), "phone")
    return session.scalars(select(Person).where(Person.phone_index == index)).first()


def person_by_phone(session: Session, phone: str, name: str = "") -> Person:
    """Return whose phone it is; a new person if it is nobody's yet."""
    return find_by_phone(session, phone) or create_person(session, name=name, phone=phone)


def update_me(
    session: Session, actor: Actor, *, name: str | None, locale: str | None, wants_elder_mode: bool | None
) -> Person:
    """Change one's own record; None leaves a value as it is."""
    me = person(session, actor.id)
    if name is not None:
        me.name = name.strip()
    if locale is not None:
        me.locale = locale
    if wants_elder_mode is not None:
        me.wants_elder_mode = wants_elder_mode
    return me


def grant_role(
    session: Session,
    person_id: UUID,
    role: str,
    *,
    community_id: UUID | None = None,
    area_id: UUID | None = None,
    actor: Actor = SYSTEM,
    until_at: datetime | None = None,
) -> RoleGrant:
    """Grant a role at one community or at an area; a grant that is there already is returned as it is.

    Whether ``actor`` may grant it is the route's question (``rules.check_may_grant``).
    """
    rules.check_role(role)
    now = clock.now()
    known = session.scalars(
        select(RoleGrant).where(
            RoleGrant.person_id == person_id,
            RoleGrant.role == role,
            RoleGrant.community_id == community_id if community_id else RoleGrant.area_id == area_id,
            _is_live(now),
        )
    ).first()
    if known is not None:
        return known
    grant = RoleGrant(
        person_id=person_id,
        role=role,
        community_id=community_id,
        area_id=area_id,
        granted_by=actor.person_id,
        from_at=now,
        until_at=until_at,
    )
    session.add(grant)
    session.flush()
    if community_id is not None:
        record(
            session, actor, community_id, "people.role_granted", ("person", person_id), facts={"role": role}
        )
        emit(session, RoleGranted(community_id, person_id=person_id, role=role))
    return grant


def end_grant(session: Session, actor: Actor, community: CommunityRef, grant_id: UUID) -> RoleGrant:
    """End a grant at the community. Twice is once.

    Raises NotFound for another community's, Refused for a role that the actor could not grant.
    """
    grant = session.get(RoleGrant, grant_id, with_for_update=True)
    if grant is None or grant.community_id != community.id:
        raise NotFound("people.grant_not_found")
    if not actor.is_system:
        rules.check_may_grant(actor.roles_in(community), grant.role)
    now = clock.now()
    if grant.until_at is None or grant.until_at > now:
        grant.until_at = now
        facts = {"role": grant.role}
        record(session, actor, community.id, "people.role_ended", ("person", grant.person_id), facts=facts)
    return grant


def grants_of(session: Session, person_id: UUID) -> tuple[Grant, ...]:
    """Return the grants that hold now."""
    rows = session.execute(
        select(RoleGrant.role, RoleGrant.community_id, Area.path)
        .outerjoin(Area, Area.id == RoleGrant.area_id)
        .where(RoleGrant.person_id == person_id, _is_live(clock.now()))
    ).all()
    return tuple(Grant(role, community_id=community_id, area_path=path) for role, community_id, path in rows)


def roles_at(session: Session, person_id: UUID, community_id: UUID) -> list[str]:
    """Return the roles granted to the person at the community itself, sorted."""
    rows = session.scalars(
        select(RoleGrant.role).where(
            RoleGrant.person_id == person_id, RoleGrant.community_id == community_id, _is_live(clock.now())
        )
    )
    return sorted(set(rows))


def people_with_role(session: Session, community_id: UUID, role: str) -> list[UUID]:
    """Return who has the role at the community itself."""
    rows = session.scalars(
        select(RoleGrant.person_id).where(
            RoleGrant.community_id == community_id, RoleGrant.role == role, _is_live(clock.now())
        )
    )
    return sorted(set(rows))


def ended_grants(session: Session, after: datetime, until: datetime) -> list[tuple[UUID, UUID]]:
    """Return (grant id, person id) of the grants that ended in ``(after, until]``."""
    rows = session.execute(
        select(RoleGrant.id, RoleGrant.person_id).where(
            RoleGrant.until_at > after, RoleGrant.until_at <= until
        )
    )
    return [(grant_id, person_id) for grant_id, person_id in rows]


def _is_live(now: datetime) -> ColumnElement[bool]:
    return (RoleGrant.from_at <= now) & or_(RoleGrant.until_at.is_(None), RoleGrant.until_at > now)
