"""Erasing a person: the key goes, and with it everything that it sealed, in every table and in every module."""

from __future__ import annotations

import secrets
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from server.core.people.events import PersonErased
from server.core.people.models import Household, Member, PasswordTry, Person, RoleGrant, SignInCode
from server.core.people.service.grants import person as find_person
from server.core.people.service.households import members_of_home
from server.kit import clock, erasures, idempotency
from server.kit.audit import record
from server.kit.crypto import blind_index
from server.kit.db import after_commit, reading
from server.kit.outbox import emit
from server.kit.permissions import SYSTEM, Actor
from server.kit.subject_keys import SubjectKey, destroy_keys


def erase_person(session: Session, actor: Actor, person_id: UUID) -> None:
    """Destroy the person's key, every way in and every role; the rows stay, for others count on them. Twice is once.

    A home's own key goes with the last of its people. The audit chain still verifies. Raises NotFound.
    """
    person = find_person(session, person_id)
    communities = _communities_of(session, person_id)
    _forget_ways_in(session, person)
    session.execute(
        update(RoleGrant)
        .where(
            RoleGrant.person_id == person_id,
            (RoleGrant.until_at.is_(None)) | (RoleGrant.until_at > clock.now()),
        )
        .values(until_at=clock.now())
    )
    for community_id, home_id in _leave_homes(session, person_id):
        if not members_of_home(session, community_id, home_id):
            destroy_keys(session, home_id)
    destroy_keys(session, person_id)
    idempotency.forget_answers_about(session, person_id)
    for community_id in communities:
        record(session, actor, community_id, "people.erased", ("person", person_id))
        emit(session, PersonErased(community_id, person_id=person_id))
    after_commit(session, _write_list)


def erase_again(session: Session) -> int:
    """Erase anew, after a restore, whom the erasure list names; return how many still had a key or a way in."""
    count = 0
    for subject_id, at in sorted(erasures.erased().items()):
        person = session.get(Person, subject_id)
        if person is not None:
            if person.active or _has_key(session, subject_id):
                erase_person(session, SYSTEM, subject_id)
                count += 1
        # A home's key that was made since belongs to those who live there now.
        elif _has_key(session, subject_id, made_until=at):
            destroy_keys(session, subject_id)
            count += 1
    return count


def _communities_of(session: Session, person_id: UUID) -> list[UUID]:
    granted = select(RoleGrant.community_id).where(
        RoleGrant.person_id == person_id, RoleGrant.community_id.is_not(None)
    )
    joined = select(Member.community_id).where(Member.person_id == person_id)
    found = {*session.scalars(granted), *session.scalars(joined)}
    return sorted(community_id for community_id in found if community_id is not None)


def _forget_ways_in(session: Session, person: Person) -> None:
    session.execute(delete(SignInCode).where(SignInCode.phone_index == person.phone_index))
    if person.login:
        session.execute(
            delete(PasswordTry).where(PasswordTry.login_index == blind_index(person.login, "login"))
        )
    person.phone, person.phone_index, person.tf_totp_secret = None, None, None
    person.login, person.password, person.tf_primary_method = None, None, None
    person.fs_webauthn_user_handle, person.mf_recovery_codes = None, None
    # Whoever is signed in with the old one is signed in no more.
    person.fs_uniquifier, person.active = secrets.token_hex(32), False
    session.flush()


def _leave_homes(session: Session, person_id: UUID) -> list[tuple[UUID, UUID]]:
    """Take the person out of every household; return (community, home) of each."""
    rows = session.execute(
        select(Household.community_id, Household.home_id)
        .join(Member, Member.household_id == Household.id)
        .where(Member.person_id == person_id)
    ).all()
    session.execute(delete(Member).where(Member.person_id == person_id))
    return [(community_id, home_id) for community_id, home_id in rows]


def _has_key(session: Session, subject_id: UUID, *, made_until: object = None) -> bool:
    live = select(SubjectKey.id).where(SubjectKey.subject_id == subject_id, SubjectKey.destroyed_at.is_(None))
    if made_until is not None:
        live = live.where(SubjectKey.made_at <= made_until)
    return session.scalar(live.limit(1)) is not None


def _write_list() -> None:
    with reading() as session:
        erasures.complete_list(session)
