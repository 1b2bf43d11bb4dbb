"""Tables, sessions and transactions on SQLite and PostgreSQL alike."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import uuid_utils
from sqlalchemy import (
    JSON,
    DateTime,
    Engine,
    ForeignKey,
    ForeignKeyConstraint,
    MetaData,
    Uuid,
    create_engine,
    event,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection, CursorResult, Dialect, Result
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, sessionmaker
from sqlalchemy.types import TypeDecorator

from server.kit import row_security
from server.kit.tenancy import scope
from server.kit.turns import Turns

# Readers at a time on SQLite, as many as the server has threads for requests by default.
POOLED = 64
Json = JSON().with_variant(JSONB(), "postgresql")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite forgets zones, so they are put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base of all tables. Constraint names follow one convention, so that migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        UUID: Uuid(as_uuid=True),
        datetime: UtcDateTime(),
        dict[str, Any]: Json,
        list[Any]: Json,
    }


def new_id() -> UUID:
    """Return a UUIDv7: unique, and in the order of creation."""
    return UUID(int=uuid_utils.uuid7().int)


def tenant_key() -> Mapped[UUID]:
    """The column ``community_id`` of a table whose rows belong to one community."""
    return mapped_column(Uuid(as_uuid=True), ForeignKey("communities_community.id"), index=True)


def tenant_ref(column: str, table: str, *, ondelete: str | None = None) -> ForeignKeyConstraint:
    """A foreign key over (community_id, column): a row cannot refer to another community's row.

    The table referred to needs UniqueConstraint("community_id", "id").
    """
    return ForeignKeyConstraint(
        ["community_id", column], [f"{table}.community_id", f"{table}.id"], ondelete=ondelete
    )


def insert_once(
    session: Session, table: type[Base], values: dict[str, Any], *, unless: Sequence[str] | None = None
) -> UUID | None:
    """Insert a row with an id of its own and return that; None if somebody has what can be had only once.

    ``unless``: the columns of the one constraint that may say no; without, any of the table's. On PostgreSQL this
    waits for a transaction under way that wants the same.
    """
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
    wanted = insert(table).values(id=new_id(), **values).on_conflict_do_nothing(index_elements=unless)
    # Asked for by the row itself: drivers do not agree on an insert's rowcount.
    made: UUID | None = session.scalar(wanted.returning(table.__table__.c.id))
    return made


def touched(result: Result[Any]) -> int:
    """Return how many rows an UPDATE or DELETE has touched."""
    return cast("CursorResult[Any]", result).rowcount


class Database:
    """One engine and its sessions.

    SQLite gets WAL, synchronous=FULL (NORMAL loses acknowledged writes at a power cut) and its writers take turns.
    """

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            # A file's connections are kept: opening one costs more than most of what is asked of it.
            self.engine = create_engine(
                url, pool_size=POOLED, connect_args={"timeout": 30, "check_same_thread": False}
            )
            _prepare_sqlite(self.engine)
        else:
            self.engine = create_engine(
                _with_driver(url), pool_size=10, max_overflow=20, pool_timeout=10, pool_pre_ping=True
            )
        self.sessions = sessionmaker(self.engine, expire_on_commit=False)
        self._turns = Turns(self.file) if self.is_sqlite else None

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database; None for one in memory or on a server."""
        name = self.engine.url.database
        return Path(name) if self.is_sqlite and name and name != ":memory:" else None

    @contextmanager
    def session(self, *, writes: bool) -> Iterator[Session]:
        """Open a session; commit at the end if ``writes``, and always roll back on an error."""
        turn = self._turns.turn() if writes and self._turns else nullcontext()
        with turn, self.sessions() as session:
            session.info["writes"] = writes
            session.info["after_commit"] = []
            session.connection(execution_options={"linli_writes": writes})
            if not self.is_sqlite:
                row_security.enter(session, scope())
            yield session
            if writes:
                session.commit()
            else:
                # A rollback would make every row read again at its next use; these rows outlive their session.
                session.expunge_all()
        for callback in session.info["after_commit"]:
            callback()


_database: Database | None = None
_current: ContextVar[Session | None] = ContextVar("linli_session", default=None)


def use_database(database: Database) -> None:
    """Make ``database`` the process's database."""
    global _database
    _database = database


def database() -> Database:
    """Return the process's database. Raises RuntimeError before there is one."""
    if _database is None:
        raise RuntimeError("no database: create_app() sets it")
    return _database


@contextmanager
def transaction() -> Iterator[Session]:
    """A write transaction. A nested call joins the outer one, which alone commits."""
    outer = _current.get()
    if outer is not None:
        if not outer.info["writes"]:
            raise RuntimeError("a transaction() inside a reading(): open the transaction outside")
        yield outer
        return
    with _entered(writes=True) as session:
        yield session


@contextmanager
def reading() -> Iterator[Session]:
    """A transaction that only reads. Inside another one it sees what that one has done."""
    outer = _current.get()
    if outer is not None:
        yield outer
        return
    with _entered(writes=False) as session:
        yield session


def current_session() -> Session | None:
    """Return the session of the transaction that is open here, if any."""
    return _current.get()


def after_commit(session: Session, callback: Callable[[], None]) -> None:
    """Call ``callback`` once the session's transaction has been committed; never if it was not."""
    session.info["after_commit"].append(callback)


@contextmanager
def _entered(*, writes: bool) -> Iterator[Session]:
    with database().session(writes=writes) as session:
        token = _current.set(session)
        try:
            yield session
        finally:
            _current.reset(token)


def _with_driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1).replace(
        "postgres://", "postgresql+psycopg://", 1
    )


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        # The driver must not open transactions by itself: it would take read locks where we want the writer's.
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            "busy_timeout=30000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("linli_writes", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_uuid(text: str) -> bool:
    """Tell whether ``text`` is a UUID."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
