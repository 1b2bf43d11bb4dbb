"""Signing in: a one-time code by phone, one click in the demo; ``passwords`` has the staff's way.

Flask-Security keeps the session, hashes passwords with Argon2 and has the seam for second factors.
"""

from __future__ import annotations

import secrets
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, g
from flask import session as cookie
from flask_login import current_user
from flask_security import Security, login_user, logout_user
from flask_security.datastore import UserDatastore
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from server.core.communities.models import Community
from server.core.people import rules
from server.core.people.models import Person, RoleGrant, SignInCode
from server.core.people.service.grants import grants_of, person_by_phone
from server.kit import clock
from server.kit.crypto import blind_index
from server.kit.db import current_session, reading
from server.kit.errors import NotFound, Refused
from server.kit.permissions import Actor
from server.kit.settings import Settings, UnsafeSettings

CODE_TEXT = "【邻里】验证码 {code}，10 分钟内有效。Linli code {code}, valid for 10 minutes."


class PeopleDatastore(UserDatastore):
    """What Flask-Security needs to know of our persons; writing goes through our own services."""

    def __init__(self) -> None:
        super().__init__(Person, RoleGrant)

    def find_user(self, case_insensitive: bool = False, **wanted: Any) -> Person | None:
        query = select(Person).filter_by(**wanted)
        session = current_session()
        if session is not None:
            return session.scalars(query).first()
        with reading() as session:
            return session.scalars(query).first()

    def find_role(self, role: str) -> None:
        return None


def install_sign_in(app: Flask, settings: Settings) -> None:
    """Attach Flask-Security. Raises UnsafeSettings if a production installation has demo people."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"login": {"mapper": str}}],
        SECURITY_DEFAULT_REMEMBER_ME=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        WTF_CSRF_ENABLED=False,  # the kit's gate checks a token on every unsafe request
    )
    Security(app, PeopleDatastore(), register_blueprint=False)
    if settings.mode == "production":
        refuse_demo_people()


def refuse_demo_people() -> None:
    """Raise UnsafeSettings if the database has demo accounts, which anyone can sign in as."""
    try:
        with reading() as session:
            has_demo = session.scalar(select(Person.id).where(Person.is_demo).limit(1)) is not None
    except SQLAlchemyError:
        return  # No tables yet: an empty database has no demo people.
    if has_demo:
        raise UnsafeSettings("The database has demo accounts: start from an empty one.")


def load_actor() -> Actor | None:
    """Return who the request's session belongs to, with the grants that hold now."""
    user = current_user
    if not user or not getattr(user, "is_authenticated", False):
        return None
    with reading() as session:
        return Actor(user.id, grants_of(session, user.id))


def remember_in_session(store: MutableMapping[str, Any], person_id: UUID) -> None:
    """Write the person into a session cookie, as signing in does; for tests."""
    with reading() as session:
        store["_user_id"] = session.get_one(Person, person_id).fs_uniquifier
    store["_fresh"] = True


def request_code(session: Session, phone: str, *, address: str, browser: str) -> tuple[str, str]:
    """Make a one-time code, bound to the browser that asks; return (phone, text) to send after the commit.

    Known and unknown phones are treated alike. The text leaves no copy here: only the code's hash is kept.
    Raises Refused for a bad number and TooMany when the phone or the address has had enough.
    """
    number, now = rules.normal_phone(phone), clock.now()
    phone_index, address_index = blind_index(number, "phone"), blind_index(address, "address")
    day_ago = now - timedelta(days=1)
    to_phone = session.scalars(
        select(SignInCode.sent_at).where(SignInCode.phone_index == phone_index, SignInCode.sent_at > day_ago)
    ).all()
    to_address = session.scalar(
        select(func.count())
        .select_from(SignInCode)
        .where(SignInCode.address_index == address_index, SignInCode.sent_at > day_ago)
    )
    rules.check_may_send(to_phone, to_address or 0, now=now)
    code, salt = rules.new_sign_in_code(), secrets.token_hex(16)
    session.add(
        SignInCode(
            phone_index=phone_index,
            address_index=address_index,
            browser=browser,
            salt=salt,
            hash=rules.code_hash(code, salt),
            sent_at=now,
        )
    )
    session.flush()
    return number, CODE_TEXT.format(code=code)


def sign_in_with_code(session: Session, phone: str, code: str, *, browser: str) -> bool:
    """Sign in with a code; a new phone becomes a new person. Returns False for any code that does not open.

    Only the code that this browser asked for counts: whoever asks for another one to the same phone neither opens
    nor spoils it. The caller commits either way, so that a wrong try counts.
    """
    number = rules.normal_phone(phone)
    row = session.scalars(
        select(SignInCode)
        .where(SignInCode.phone_index == blind_index(number, "phone"), SignInCode.browser == browser)
        .order_by(SignInCode.sent_at.desc())
        .limit(1)
        .with_for_update()
    ).first()
    if row is None:
        return False
    row.tries += 1
    sent = rules.SentCode(
        sent_at=row.sent_at,
        tries=row.tries,
        is_used=row.used_at is not None,
        is_right=secrets.compare_digest(row.hash, rules.code_hash(code, row.salt)),
    )
    try:
        rules.check_code(sent, now=clock.now())
    except Refused:
        return False
    row.used_at = clock.now()
    begin_session(person_by_phone(session, number), "sms")
    return True


def forget_codes(session: Session) -> None:
    """Delete the codes of more than a day ago: until then they count against the limits."""
    session.execute(delete(SignInCode).where(SignInCode.sent_at < clock.now() - timedelta(days=1)))


def sign_in_demo(session: Session, settings: Settings, key: str) -> None:
    """Sign in as the demo account ``key``. Raises NotFound outside of a demo."""
    person = session.scalars(select(Person).where(Person.is_demo, Person.login == f"demo-{key}")).first()
    if not settings.is_demo or person is None:
        raise NotFound("http.not_found")
    begin_session(person, "demo")


@dataclass(frozen=True)
class DemoPerson:
    """A demo account: ``key`` signs in, ``role`` is its first role."""

    id: UUID
    key: str
    role: str
    name_zh: str
    name_en: str
    community: str | None


def demo_people(session: Session) -> list[DemoPerson]:
    """Return the demo accounts in the order in which they were made."""
    people = session.scalars(select(Person).where(Person.is_demo, Person.active).order_by(Person.id)).all()
    found = []
    for person in people:
        role, slug = session.execute(
            select(RoleGrant.role, Community.slug)
            .outerjoin(Community, Community.id == RoleGrant.community_id)
            .where(RoleGrant.person_id == person.id)
            .order_by(RoleGrant.id.desc())
        ).first() or ("", None)
        zh, _, en = person.name.partition(" / ")
        found.append(
            DemoPerson(person.id, (person.login or "").removeprefix("demo-"), role, zh, en or zh, slug)
        )
    return found


def sign_out() -> None:
    """End the session."""
    logout_user()
    g.pop("actor", None)


def begin_session(person: Person, how: str) -> None:
    """Sign this browser in as the person; ``how`` is what Flask-Security keeps as the method."""
    # A new session: whoever knew the old cookie must not be signed in with it.
    cookie.clear()
    cookie.permanent = True
    login_user(person, authn_via=[how])
    g.pop("actor", None)
