"""One key for each person or home, wrapped by a key outside the database. Destroying it erases what it sealed."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ColumnElement, Index, LargeBinary, String, event, select, text
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from server.kit import clock, crypto
from server.kit.db import Base, new_id

# Whose fields are which the installation needs for itself: answers kept for a day, words about no one in particular.
INSTALLATION = UUID(int=0)
AT_ONCE = 500


class SubjectKey(Base):
    """A subject's key. A destroyed one stays as a row without a key: its cells read as erased, not as broken."""

    __tablename__ = "kit_subject_key"
    __table_args__ = (
        Index(
            "uq_kit_subject_key_one_live",
            "subject_id",
            unique=True,
            sqlite_where=text("destroyed_at IS NULL"),
            postgresql_where=text("destroyed_at IS NULL"),
        ),
        CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
    subject_id: Mapped[UUID] = mapped_column(index=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    wrapped_by: Mapped[str] = mapped_column(String(16))
    made_at: Mapped[datetime]
    destroyed_at: Mapped[datetime | None]


class Keyring:
    """The unwrapped keys of one transaction. It ends with the transaction, and nothing of it is ever written."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._keys: dict[UUID, bytes | None] = {}
        self._live: dict[UUID, UUID] = {}

    def load(self, key_ids: Iterable[UUID]) -> None:
        """Fetch and unwrap those of the keys that are not here yet, all with one query. Raises CannotOpen."""
        missing = sorted({key_id for key_id in key_ids if key_id not in self._keys})
        for start in range(0, len(missing), AT_ONCE):
            wanted = missing[start : start + AT_ONCE]
            self._take(SubjectKey.id.in_(wanted))

    def has(self, key_id: UUID) -> bool:
        """Tell whether the key, or that it was destroyed, is known here."""
        return key_id in self._keys

    def key(self, key_id: UUID) -> bytes | None:
        """Return a key; None once it is destroyed. Raises CannotOpen for one that never was."""
        self.load([key_id])
        if key_id not in self._keys:
            raise crypto.CannotOpen(f"there is no key {key_id}")
        return self._keys[key_id]

    def live_key(self, subject_id: UUID) -> tuple[UUID, bytes]:
        """Return the id and the key by which the subject's fields are sealed now; made at the first call."""
        self.prepare([subject_id])
        key_id = self._live[subject_id]
        key = self._keys[key_id]
        assert key is not None
        return key_id, key

    def prepare(self, subject_ids: Iterable[UUID]) -> None:
        """Have a live key for each of the subjects."""
        missing = sorted({subject_id for subject_id in subject_ids if subject_id not in self._live})
        for start in range(0, len(missing), AT_ONCE):
            wanted = missing[start : start + AT_ONCE]
            is_live = SubjectKey.subject_id.in_(wanted) & SubjectKey.destroyed_at.is_(None)
            self._take(is_live)
            unknown = [subject_id for subject_id in wanted if subject_id not in self._live]
            if unknown:
                self._make(unknown)
                # What another transaction made at the same moment stands instead of ours.
                self._take(is_live)

    def forget(self) -> None:
        """Know nothing any more: a savepoint that was rolled back may have taken new keys with it."""
        self._keys.clear()
        self._live.clear()

    def _take(self, which: ColumnElement[bool]) -> None:
        columns = (SubjectKey.id, SubjectKey.subject_id, SubjectKey.wrapped, SubjectKey.wrapped_by)
        with self._session.no_autoflush:
            rows = self._session.execute(select(*columns).where(which)).all()
        for key_id, subject_id, wrapped, wrapped_by in rows:
            if wrapped is None:
                self._keys[key_id] = None
            else:
                self._keys[key_id] = crypto.unwrap(wrapped, wrapped_by, _bound(key_id, subject_id))
                self._live[subject_id] = key_id

    def _make(self, subject_ids: list[UUID]) -> None:
        insert = sqlite_insert if self._session.get_bind().dialect.name == "sqlite" else pg_insert
        rows = []
        for subject_id in subject_ids:
            key_id = new_id()
            wrapped, wrapped_by = crypto.wrap(os.urandom(crypto.KEY_BYTES), _bound(key_id, subject_id))
            rows.append(
                {
                    "id": key_id,
                    "subject_id": subject_id,
                    "wrapped": wrapped,
                    "wrapped_by": wrapped_by,
                    "made_at": clock.now(),
                }
            )
        self._session.execute(insert(SubjectKey).values(rows).on_conflict_do_nothing())


def keyring(session: Session) -> Keyring:
    """Return the keys of the session's transaction."""
    found = session.info.get("keyring")
    if not isinstance(found, Keyring):
        found = session.info["keyring"] = Keyring(session)
    return found


def destroy_keys(session: Session, subject_id: UUID) -> int:
    """Destroy every key of the subject: nothing that they sealed can be read again. Returns how many; twice is once.

    Raises ValueError for the installation's own key.
    """
    if subject_id == INSTALLATION:
        raise ValueError("the installation's own key is nobody's to erase")
    session.flush()
    rows = session.scalars(
        select(SubjectKey).where(SubjectKey.subject_id == subject_id, SubjectKey.destroyed_at.is_(None))
    ).all()
    for row in rows:
        row.wrapped, row.destroyed_at = None, clock.now()
    session.flush()
    keyring(session).forget()
    return len(rows)


def rewrap_keys(session: Session) -> int:
    """Wrap with the newest wrapping key what an older one wraps; return how many keys. Raises CannotOpen."""
    rows = session.scalars(
        select(SubjectKey).where(
            SubjectKey.wrapped.is_not(None), SubjectKey.wrapped_by != crypto.newest_wrapping_key()
        )
    ).all()
    for row in rows:
        bound = _bound(row.id, row.subject_id)
        row.wrapped, row.wrapped_by = crypto.wrap(
            crypto.unwrap(row.wrapped or b"", row.wrapped_by, bound), bound
        )
    session.flush()
    return len(rows)


def _bound(key_id: UUID, subject_id: UUID) -> str:
    return f"{key_id}\0{subject_id}"


@event.listens_for(Session, "after_soft_rollback")
def _forget_what_was_undone(session: Session, _previous: SessionTransaction) -> None:
    if "keyring" in session.info:
        session.info["keyring"].forget()
