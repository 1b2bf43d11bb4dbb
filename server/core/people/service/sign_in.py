"""Signing in: a one-time code by phone, a password for staff, one click in the demo.

Flask-Security keeps the session, hashes passwords with Argon2 and has the seam for second factors.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import MutableMapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask, g
from flask import session as cookie
from flask_login import current_user
from flask_security import Security, hash_password, login_user, logout_user, verify_password
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
from server.kit.errors import NotFound, Refused, TooMany
from server.kit.permissions import Actor
from server.kit.settings import Settings, UnsafeSettings

# Argon2 takes a quarter of a second and 64 MB: more than a few at once would starve everyone else.
ARGON2_AT_ONCE = threading.BoundedSemaphore(4)
ARGON2_WAIT_S = 5
PASSWORD_TRIES = 10
REMEMBERED_LOGINS = 10_000
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
            phone=number,
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
    _begin(person_by_phone(session, number), "sms")
    return True


def forget_codes(session: Session) -> None:
    """Delete the codes of more than a day ago: until then they count against the limits."""
    session.execute(delete(SignInCode).where(SignInCode.sent_at < clock.now() - timedelta(days=1)))


class _Tries:
    """Counts failed passwords per login within a quarter of an hour, in this process.

    At most 10,000 logins are remembered: whoever tries more than that at random finds the oldest forgotten.
    """

    def __init__(self) -> None:
        self._failed: dict[str, list[float]] = {}

    def check(self, login: str) -> None:
        since = clock.now().timestamp() - 900
        recent = [at for at in self._failed.get(login, []) if at > since]
        if recent:
            self._failed[login] = recent
        else:
            self._failed.pop(login, None)
        if len(recent) >= PASSWORD_TRIES:
            raise TooMany("people.too_many_tries", retry_after_s=900)

    def fail(self, login: str) -> None:
        self._failed.setdefault(login, []).append(clock.now().timestamp())
        while len(self._failed) > REMEMBERED_LOGINS:
            self._failed.pop(next(iter(self._failed)))


_tries = _Tries()


def sign_in_with_password(session: Session, login: str, password: str) -> None:
    """Sign in a member of staff. Raises Refused, the same for an unknown login, TooMany after ten failures."""
    login = login.strip().lower()
    _tries.check(login)
    person = session.scalars(select(Person).where(Person.login == login)).first()
    # An unknown login costs the same time as a wrong password.
    is_right = _is_right(password, person.password if person and person.password else None)
    if person is None or not person.active or not person.password or not is_right:
        _tries.fail(login)
        raise Refused("people.password_wrong")
    _begin(person, "password")


def sign_in_demo(session: Session, settings: Settings, key: str) -> None:
    """Sign in as the demo account ``key``. Raises NotFound outside of a demo."""
    person = session.scalars(select(Person).where(Person.is_demo, Person.login == f"demo-{key}")).first()
    if not settings.is_demo or person is None:
        raise NotFound("http.not_found")
    _begin(person, "demo")


@dataclass(frozen=True)
class DemoPerson:
    """A demo account: ``key`` signs in, ``role`` is its first role."""

    key: str
    role: str
    name_zh: str
    name_en: str
    community: str | None


def demo_people(session: Session) -> list[DemoPerson]:
    """Return the demo accounts in the order in which they were made."""
    people = session.scalars(select(Person).where(Person.is_demo).order_by(Person.id)).all()
    found = []
    for person in people:
        role, slug = session.execute(
            select(RoleGrant.role, Community.slug)
            .outerjoin(Community, Community.id == RoleGrant.community_id)
            .where(RoleGrant.person_id == person.id)
            .order_by(RoleGrant.id.desc())
        ).first() or ("", None)
        zh, _, en = person.name.partition(" / ")
        found.append(DemoPerson((person.login or "").removeprefix("demo-"), role, zh, en or zh, slug))
    return found


def sign_out() -> None:
    """End the session."""
    logout_user()
    g.pop("actor", None)


def _begin(person: Person, how: str) -> None:
    # A new session: whoever knew the old cookie must not be signed in with it.
    cookie.clear()
    cookie.permanent = True
    login_user(person, authn_via=[how])
    g.pop("actor", None)


def _is_right(password: str, known: str | None) -> bool:
    if not ARGON2_AT_ONCE.acquire(timeout=ARGON2_WAIT_S):
        raise TooMany("people.sign_in_busy", retry_after_s=ARGON2_WAIT_S)
    try:
        return bool(verify_password(password, known or _unknown_hash()))
    finally:
        ARGON2_AT_ONCE.release()


_unknown: str | None = None


def _unknown_hash() -> str:
    global _unknown
    if _unknown is None:
        _unknown = hash_password(secrets.token_hex(16))
    return _unknown
