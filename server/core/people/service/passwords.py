"""Signing in by password: for staff. Failures are counted in the database, for all web processes together."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_security import hash_password, verify_password
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from server.core.people import rules
from server.core.people.models import PasswordTry, Person
from server.core.people.service.sign_in import begin_session
from server.kit import clock
from server.kit.crypto import blind_index
from server.kit.db import reading, transaction
from server.kit.errors import Refused, TooMany

# Argon2 takes a quarter of a second and 64 MB: more than a few at once would starve everyone else.
ARGON2_AT_ONCE = threading.BoundedSemaphore(4)
ARGON2_WAIT_S = 5


def sign_in_with_password(login: str, password: str, *, address: str) -> None:
    """Sign in a member of staff; ``address`` is where the request comes from.

    Raises Refused, the same for an unknown login, and TooMany after too many failures. Opens short transactions of its
    own: a try is committed before the password is looked at, so that tries made all at once count each other, and no
    transaction waits for Argon2.
    """
    login = login.strip().lower()
    tries = _Tries(blind_index(login, "login"), blind_index(address, "address"))
    with _turn():
        with transaction() as session:
            tries.check(session)
            tries.add(session)
        with reading() as session:
            tries.check(session, of_them_now=1)
            _open(session, login, password)
    with transaction() as session:
        tries.forget(session)


def forget_password_tries(session: Session) -> None:
    """Delete the tries that count no more."""
    session.execute(delete(PasswordTry).where(PasswordTry.at < clock.now() - rules.TRIES_COUNT_FOR))


@dataclass(frozen=True)
class _Tries:
    """The tries of one login and of one address, both as blind indexes."""

    login: str
    address: str

    def check(self, session: Session, *, of_them_now: int = 0) -> None:
        is_login, is_address = (
            PasswordTry.login_index == self.login,
            PasswordTry.address_index == self.address,
        )
        rules.check_may_try(
            both=self._count(session, is_login & is_address) - of_them_now,
            login=self._count(session, is_login) - of_them_now,
            address=self._count(session, is_address) - of_them_now,
        )

    def add(self, session: Session) -> None:
        session.add(PasswordTry(login_index=self.login, address_index=self.address, at=clock.now()))

    def forget(self, session: Session) -> None:
        """Who came in starts anew here; what others try elsewhere goes on counting."""
        session.execute(
            delete(PasswordTry).where(
                PasswordTry.login_index == self.login, PasswordTry.address_index == self.address
            )
        )

    def _count(self, session: Session, which: ColumnElement[bool]) -> int:
        recent = PasswordTry.at > clock.now() - rules.TRIES_COUNT_FOR
        return session.scalar(select(func.count()).select_from(PasswordTry).where(which, recent)) or 0


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for a turn at Argon2, before the try counts. Raises TooMany when that takes too long."""
    if not ARGON2_AT_ONCE.acquire(timeout=ARGON2_WAIT_S):
        raise TooMany("people.sign_in_busy", retry_after_s=ARGON2_WAIT_S)
    try:
        yield
    finally:
        ARGON2_AT_ONCE.release()


def _open(session: Session, login: str, password: str) -> None:
    person = session.scalars(select(Person).where(Person.login == login)).first()
    # An unknown login costs the same time as a wrong password.
    is_right = _is_right(password, person.password if person and person.password else None)
    if person is None or not person.active or not person.password or not is_right:
        raise Refused("people.password_wrong")
    begin_session(person, "password")


def _is_right(password: str, known: str | None) -> bool:
    return bool(verify_password(password, known or _unknown_hash()))


_unknown: str | None = None


def _unknown_hash() -> str:
    global _unknown
    if _unknown is None:
        _unknown = hash_password(secrets.token_hex(16))
    return _unknown
