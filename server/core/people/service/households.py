"""Households: who lives where, and how they join."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server.core.people import rules
from server.core.people.events import MemberJoined
from server.core.people.models import HomeCode, Household, Member, Person
from server.core.people.service.grants import grant_role
from server.core.places import service as places
from server.kit import clock, reads
from server.kit.audit import record
from server.kit.crypto import blind_index
from server.kit.errors import Refused
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.tenancy import CommunityRef

HOME_CODE = "home code"


def household_of_home(session: Session, community_id: UUID, home_id: UUID) -> Household:
    """Return the home's household; makes an empty one at first. Raises NotFound for a home of no such community."""
    places.home(session, community_id, home_id)
    household = session.scalars(
        select(Household).where(Household.community_id == community_id, Household.home_id == home_id)
    ).first()
    if household is None:
        household = Household(community_id=community_id, home_id=home_id)
        session.add(household)
        session.flush()
    return household


def add_member(
    session: Session,
    community_id: UUID,
    home_id: UUID,
    person_id: UUID,
    *,
    traits: Iterable[str] = (),
    actor: Actor = SYSTEM,
) -> Member:
    """Make the person a member of the home's household and a resident of the community."""
    traits = sorted(set(traits))
    rules.check_traits(traits)
    household = household_of_home(session, community_id, home_id)
    member = session.scalars(
        select(Member).where(Member.household_id == household.id, Member.person_id == person_id)
    ).first()
    if member is None:
        member = Member(
            community_id=community_id,
            household_id=household.id,
            person_id=person_id,
            traits=",".join(traits),
            joined_at=clock.now(),
        )
        session.add(member)
        session.flush()
        facts = {"person_id": person_id}
        record(session, actor, community_id, "people.member_added", ("home", home_id), facts=facts)
        emit(session, MemberJoined(community_id, household_id=household.id, person_id=person_id))
    elif traits:
        member.traits = ",".join(traits)
        facts = {"person_id": person_id}
        record(session, actor, community_id, "people.traits_changed", ("home", home_id), facts=facts)
    grant_role(session, person_id, "resident", community_id=community_id)
    return member


def issue_home_codes(
    session: Session, actor: Actor, community: CommunityRef, home_ids: Sequence[UUID]
) -> list[tuple[UUID, str]]:
    """Make a paper code for each home and return (home id, code): shown once, kept only as a keyed hash."""
    issued = []
    expires_at = clock.now() + rules.HOME_CODE_LIVES
    for home_id in home_ids:
        places.home(session, community.id, home_id)
        code = rules.new_home_code()
        session.add(
            HomeCode(
                community_id=community.id,
                home_id=home_id,
                code_index=_code_index(code),
                expires_at=expires_at,
            )
        )
        issued.append((home_id, code))
    session.flush()
    record(
        session, actor, community.id, "people.home_codes_issued", ("home", None), facts={"count": len(issued)}
    )
    return issued


def join_home(session: Session, actor: Actor, community: CommunityRef, code: str, name: str) -> Member:
    """Join the home that the paper code belongs to. Raises Refused for a wrong, expired or used-up code."""
    row = session.scalars(
        select(HomeCode)
        .where(HomeCode.community_id == community.id, HomeCode.code_index == _code_index(code))
        .with_for_update()
    ).first()
    if row is None or row.expires_at < clock.now() or row.uses_left < 1:
        raise Refused("people.home_code_wrong")
    row.uses_left -= 1
    person = session.get_one(Person, actor.id)
    if name.strip():
        person.name = name.strip()
    return add_member(session, community.id, row.home_id, actor.id, actor=actor)


def home_of_person(session: Session, community_id: UUID, person_id: UUID) -> UUID | None:
    """Return the home where the person lives in this community; the first if there are several."""
    return session.scalars(
        select(Household.home_id)
        .join(Member, Member.household_id == Household.id)
        .where(Household.community_id == community_id, Member.person_id == person_id)
        .order_by(Member.joined_at)
    ).first()


def is_member(session: Session, community_id: UUID, home_id: UUID, person_id: UUID) -> bool:
    """Tell whether the person lives in the home."""
    return person_id in members_of_home(session, community_id, home_id)


def members_of_home(session: Session, community_id: UUID, home_id: UUID) -> list[UUID]:
    """Return the persons who live in the home."""
    return people_of_homes(session, community_id, [home_id]).get(home_id, [])


def people_of_homes(session: Session, community_id: UUID, home_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Return the persons of each home that has any."""
    rows = session.execute(
        select(Household.home_id, Member.person_id)
        .join(Member, Member.household_id == Household.id)
        .where(Household.community_id == community_id, Household.home_id.in_(list(home_ids)))
        .order_by(Member.joined_at, Member.id)
    )
    found: dict[UUID, list[UUID]] = {}
    for home_id, person_id in rows:
        found.setdefault(home_id, []).append(person_id)
    return found


def subject_of_home(session: Session, community_id: UUID, home_id: UUID) -> UUID:
    """Return by whose key a text about the home is sealed: the first who lives there, else the home itself."""
    return next(iter(members_of_home(session, community_id, home_id)), home_id)


def household_members(session: Session, community_id: UUID, home_id: UUID) -> list[tuple[Person, list[str]]]:
    """Return the home's people, each with their traits. Sensitive: see ``kit.reads``."""
    rows = session.execute(
        select(Person, Member)
        .join(Member, Member.person_id == Person.id)
        .join(Household, Household.id == Member.household_id)
        .where(Household.community_id == community_id, Household.home_id == home_id)
        .order_by(Member.joined_at, Member.id)
    )
    return [(found, _split(member.traits)) for found, member in rows]


def guarantee_tiers(session: Session, community_id: UUID, home_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return 0 for each of the homes that is on the guarantee list (兜底); the others are left out."""
    rows = session.execute(
        select(Household.home_id, Member)
        .join(Member, Member.household_id == Household.id)
        .where(Household.community_id == community_id, Household.home_id.in_(list(home_ids)))
    )
    traits: dict[UUID, list[list[str]]] = {}
    for home_id, member in rows:
        traits.setdefault(home_id, []).append(_split(member.traits))
    tiers = {home_id: rules.guarantee_tier(of_members) for home_id, of_members in traits.items()}
    return {home_id: tier for home_id, tier in tiers.items() if tier is not None}


def guarantee_tier(session: Session, community_id: UUID, home_id: UUID) -> int | None:
    """Return 0 if the home is on the guarantee list, else None."""
    return guarantee_tiers(session, community_id, [home_id]).get(home_id)


def names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return the persons' full names."""
    people = session.scalars(select(Person).where(Person.id.in_(list(person_ids))))
    return {person.id: person.name for person in people}


def first_names(session: Session, person_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return what couriers and helpers may see of the persons' names."""
    people = session.scalars(select(Person).where(Person.id.in_(list(person_ids))))
    return {person.id: rules.first_name(person.name) for person in people}


def forget_looks(session: Session) -> None:
    """Delete looks older than the access log is kept, and home codes that have expired."""
    now = clock.now()
    reads.forget_reads(session, now - rules.LOOKS_KEPT)
    session.execute(delete(HomeCode).where(HomeCode.expires_at < now))


def _code_index(code: str) -> str:
    return blind_index(rules.plain_code(code), HOME_CODE)


def _split(traits: str) -> list[str]:
    return traits.split(",") if traits else []
