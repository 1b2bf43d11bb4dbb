"""Sensitive fields: each encrypted by its subject's own key, and bound to its table, row and column.

    class Check(Base):
        ...
        person_id: Mapped[UUID]
        temperature = SealedOptional(whose="person_id")      # str | None
        symptoms = SealedText(whose="person_id")             # str

The table gets a text column of the field's name; the attribute reads and writes plain text. It cannot be asked for in a
query: keep a ``blind_index`` beside what must be found. Once the subject's keys are destroyed, the field reads as
``when_erased``, and the row stays. Numbers and dates are written as text. Answers that show such a field are
recorded: see ``reads``.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from typing import Any, Generic, TypeVar, overload
from uuid import UUID

from sqlalchemy import Text, event
from sqlalchemy.orm import Session, mapped_column, object_session

from server.kit import crypto
from server.kit.db import new_id, reading
from server.kit.subject_keys import keyring

V = TypeVar("V", str, "str | None")
KEY_ID_BYTES = 16
# What a cell holds until the flush seals it; it opens with no key.
UNSEALED = "unsealed"
_PLAIN = "_linli_plain"
_fields_of: dict[type, list[_Sealed[Any]]] = {}


def seal(session: Session, subject_id: UUID, cell: tuple[str, UUID, str], text: str) -> str:
    """Encrypt ``text`` with the subject's key for the cell (table, row id, column), and for no other."""
    key_id, key = keyring(session).live_key(subject_id)
    raw = key_id.bytes + crypto.encrypt(key, text.encode(), _bound(cell, key_id))
    return base64.b64encode(raw).decode()


def open_sealed(session: Session, cell: tuple[str, UUID, str], sealed: str) -> str | None:
    """Decrypt; None if the subject was erased. Raises CannotOpen for what is damaged or belongs to another cell."""
    key_id, body = _parts(sealed)
    key = keyring(session).key(key_id)
    return None if key is None else crypto.decrypt(key, body, _bound(cell, key_id)).decode()


class _Sealed(Generic[V]):
    """A descriptor over a text column. ``whose``: the row's attribute that names the subject (any UUID)."""

    def __init__(self, *, whose: str, when_erased: V, nullable: bool) -> None:
        self.whose = whose
        self.when_erased: V = when_erased
        self._nullable = nullable

    def __set_name__(self, owner: type, name: str) -> None:
        self.name, self.cell = name, f"{name}_cell"
        setattr(owner, self.cell, mapped_column(name, Text, nullable=self._nullable))
        _fields_of.setdefault(owner, []).append(self)

    @overload
    def __get__(self, row: None, owner: type) -> _Sealed[V]: ...
    @overload
    def __get__(self, row: object, owner: type) -> V: ...
    def __get__(self, row: Any, owner: type) -> _Sealed[V] | V:
        if row is None:
            return self
        plain = row.__dict__.get(_PLAIN, {})
        if self.name in plain:
            found: V = plain[self.name]
            return found
        sealed = getattr(row, self.cell)
        return self.when_erased if sealed is None else self._opened(row, sealed)

    def __set__(self, row: Any, value: V) -> None:
        if value is None:
            row.__dict__.get(_PLAIN, {}).pop(self.name, None)
            setattr(row, self.cell, None)
        else:
            row.__dict__.setdefault(_PLAIN, {})[self.name] = value
            setattr(row, self.cell, UNSEALED)

    def cell_of(self, row: Any) -> str | None:
        """Return the row's cell as it is sealed."""
        sealed: str | None = getattr(row, self.cell)
        return sealed

    def seal_in(self, session: Session, row: Any) -> None:
        """Seal the row's new text."""
        plain = row.__dict__.get(_PLAIN, {})
        if self.name in plain:
            setattr(row, self.cell, seal(session, _subject(row, self), self._where(row), plain[self.name]))
            del plain[self.name]

    def _opened(self, row: Any, sealed: str) -> V:
        session = object_session(row)
        if session is None:
            # The row has outlived its transaction.
            with reading() as session:
                text = open_sealed(session, self._where(row), sealed)
        else:
            _load_keys_of_all(session, sealed)
            text = open_sealed(session, self._where(row), sealed)
        return self.when_erased if text is None else text

    def _where(self, row: Any) -> tuple[str, UUID, str]:
        return row.__tablename__, row.id, self.name


class SealedText(_Sealed[str]):
    """A text that must be there."""

    def __init__(self, *, whose: str, when_erased: str = "") -> None:
        super().__init__(whose=whose, when_erased=when_erased, nullable=False)


class SealedOptional(_Sealed["str | None"]):
    """A text that may be missing; None also when it was erased."""

    def __init__(self, *, whose: str, when_erased: str | None = None) -> None:
        super().__init__(whose=whose, when_erased=when_erased, nullable=True)


def sealed_columns() -> dict[str, list[str]]:
    """Return the sealed columns of each table."""
    return {
        str(owner.__dict__["__tablename__"]): [f.name for f in fields] for owner, fields in _fields_of.items()
    }


def _load_keys_of_all(session: Session, sealed: str) -> None:
    """Who opens one field will open what was loaded beside it: fetch all their keys with one query."""
    ring = keyring(session)
    if ring.has(_parts(sealed)[0]):
        return
    ring.load(key_id for row in session.identity_map.values() for key_id in _key_ids(row))


def _key_ids(row: object) -> Iterable[UUID]:
    loaded = row.__dict__
    for field in _fields_of.get(type(row), ()):
        sealed = loaded.get(field.cell)
        if sealed and sealed != UNSEALED:
            try:
                yield _parts(sealed)[0]
            except crypto.CannotOpen:
                continue  # Whoever reads this very field is told.


def _subject(row: Any, field: _Sealed[Any]) -> UUID:
    subject_id = getattr(row, field.whose)
    if not isinstance(subject_id, UUID):
        raise ValueError(f"{type(row).__name__}.{field.name} is sealed for {field.whose}, which is not set")
    return subject_id


def _parts(sealed: str) -> tuple[UUID, bytes]:
    try:
        raw = base64.b64decode(sealed, validate=True)
        return UUID(bytes=raw[:KEY_ID_BYTES]), raw[KEY_ID_BYTES:]
    except (binascii.Error, ValueError):
        raise crypto.CannotOpen("this is no sealed value") from None


def _bound(cell: tuple[str, UUID, str], key_id: UUID) -> str:
    table, row_id, column = cell
    return f"{table}\0{row_id}\0{column}\0{key_id}"


@event.listens_for(Session, "before_flush")
def _seal_all(session: Session, _context: object, _instances: object) -> None:
    waiting = [row for row in (*session.new, *session.dirty) if row.__dict__.get(_PLAIN)]
    if not waiting:
        return
    for row in waiting:
        if row.id is None:
            row.id = new_id()
    fields = [
        (row, field)
        for row in waiting
        for field in _fields_of[type(row)]
        if field.name in row.__dict__[_PLAIN]
    ]
    keyring(session).prepare(_subject(row, field) for row, field in fields)
    for row, field in fields:
        field.seal_in(session, row)
