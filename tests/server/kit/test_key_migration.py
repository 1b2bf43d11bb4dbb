"""The move from one key for all to a key for each subject: there and back, with data, on both databases."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.orm import Session

from server import migrating
from server.core.deliveries.models import Stop
from server.core.needs.models import Moment, Need
from server.core.people.models import Person
from server.kit import crypto
from server.kit.audit import seal_community, verify_community
from server.kit.reads import ReadRow
from server.kit.sealed import open_sealed
from server.kit.subject_keys import destroy_keys

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY, INDEX = bytes(range(32)), bytes(range(32, 64))


class Old:
    """A database of the release before, filled by hand; foreign keys are left to themselves."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.config: Config = migrating.config(url)
        driver = url.replace("postgresql://", "postgresql+psycopg://", 1)
        self.engine = sa.create_engine(driver)

    def forget_foreign_keys(self) -> None:
        """Let rows stand without what they refer to; SQLite does so for a connection that never asked for them."""
        if self.engine.dialect.name == "postgresql":
            with self.engine.begin() as connection:
                for table in sa.inspect(connection).get_table_names():
                    for key in sa.inspect(connection).get_foreign_keys(table):
                        connection.execute(sa.text(f"ALTER TABLE {table} DROP CONSTRAINT {key['name']}"))

    def add(self, table: str, **values: Any) -> UUID:
        row_id = values.setdefault("id", uuid4())
        with self.engine.begin() as connection:
            known = sa.Table(table, sa.MetaData(), autoload_with=connection)
            for column in known.columns:
                if not column.nullable and column.name not in values:
                    values[column.name] = _something(column)
            is_sqlite = connection.dialect.name == "sqlite"
            plain = {k: v.hex if is_sqlite and isinstance(v, UUID) else v for k, v in values.items()}
            connection.execute(known.insert().values(**plain))
        return UUID(str(row_id))

    def value(self, table: str, row_id: UUID, column: str) -> Any:
        with self.engine.connect() as connection:
            known = sa.Table(table, sa.MetaData(), autoload_with=connection)
            key = row_id.hex if connection.dialect.name == "sqlite" else row_id
            return connection.scalar(sa.select(known.c[column]).where(known.c.id == key))


def _something(column: sa.Column[Any]) -> Any:
    if column.name == "id" or column.name.endswith(("_id", "_node")) or isinstance(column.type, sa.Uuid):
        return uuid4()
    kind = column.type
    if isinstance(kind, sa.DateTime):
        return NOW
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, (sa.Integer, sa.Numeric)):
        return 1
    return {} if isinstance(kind, sa.JSON) else uuid4().hex[:6]


@pytest.fixture
def old(database_url: str, tmp_path: Path) -> Iterator[Old]:
    crypto.use_keys(KEY, INDEX)
    if database_url.startswith("sqlite"):
        url = f"sqlite:///{tmp_path / 'old.db'}"
    else:
        name = f"old_{uuid4().hex}"
        server = sa.create_engine(
            database_url.replace("postgresql://", "postgresql+psycopg://", 1), isolation_level="AUTOCOMMIT"
        )
        with server.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        server.dispose()
        url = database_url.rpartition("/")[0] + f"/{name}"
    made = Old(url)
    command.upgrade(made.config, "0002")
    made.forget_foreign_keys()
    yield made
    made.engine.dispose()


def sealed(text: str, bound_to: str) -> str:
    return base64.b64encode(crypto.encrypt(KEY, text.encode(), bound_to)).decode()


def opened(cell: str, bound_to: str) -> str:
    return crypto.decrypt(KEY, base64.b64decode(cell), bound_to).decode()


# (table, column) → what the row says there
Said = dict[tuple[str, str], str]
SAID: Said = {
    ("people_person", "name"): "林半夏",
    ("people_person", "phone"): "+8612000000001",
    ("people_member", "traits"): "elder",
    ("needs_need", "note"): "胰岛素",
    ("needs_line", "text"): "药",
    ("deliveries_stop", "door_code"): "1234",
    ("deliveries_stop", "failure_note"): "没人",
    ("market_order_line", "text"): "药",
    ("kit_idempotency", "answer"): "[]",
}
WAS_PLAIN: Said = {("flags_flag", "ground"): "阳性", ("kit_audit", "why"): "阳性"}


def sealed_row(table: str) -> dict[str, str]:
    return {column: sealed(text, f"{of}.{column}") for (of, column), text in SAID.items() if of == table}


@pytest.fixture
def ids(old: Old) -> dict[str, UUID]:
    """One row in each table that changes, about one person in one home; an officer posted the need."""
    made = {name: uuid4() for name in ("community", "home", "household")}
    old.add("communities_community", id=made["community"])
    community, later = {"community_id": made["community"]}, datetime(2026, 3, 3, tzinfo=UTC)
    here = {**community, "home_id": made["home"]}
    made["people_person"] = old.add("people_person", **sealed_row("people_person"), phone_index="old index")
    made["officer"] = old.add("people_person", name=sealed("王", "people_person.name"))
    old.add("people_household", id=made["household"], **here)
    made["people_member"] = old.add(
        "people_member",
        **community,
        household_id=made["household"],
        person_id=made["people_person"],
        **sealed_row("people_member"),
    )
    made["needs_need"] = old.add(
        "needs_need", **here, posted_by=made["officer"], wanted_until=later, **sealed_row("needs_need")
    )
    made["empty_home"] = old.add("needs_need", **community, wanted_until=later)
    of_need = {**community, "need_id": made["needs_need"]}
    made["needs_line"] = old.add("needs_line", **of_need, **sealed_row("needs_line"))
    made["needs_moment"] = old.add("needs_moment", **of_need, facts={"why": "打错了", "n": 1})
    made["deliveries_stop"] = old.add(
        "deliveries_stop", **here, need_id=None, state="todo", **sealed_row("deliveries_stop")
    )
    made["market_order_line"] = old.add(
        "market_order_line", **community, need_line_id=made["needs_line"], **sealed_row("market_order_line")
    )
    made["flags_flag"] = old.add("flags_flag", **here, person_id=None, ground="阳性", ended_why=None)
    made["kit_audit"] = old.add(
        "kit_audit",
        **community,
        subject_kind="home",
        subject_id=made["home"],
        facts={},
        why="阳性",
        sealed_order=1,
        hash="of before",
    )
    made["kit_idempotency"] = old.add("kit_idempotency", **sealed_row("kit_idempotency"))
    made["people_look"] = old.add(
        "people_look", **community, viewer_id=made["officer"], subject_id=made["people_person"]
    )
    return made


@contextmanager
def models(old: Old) -> Iterator[Session]:
    # As the owner of the tables, as the migration is.
    with Session(old.engine) as session:
        yield session
        session.commit()


def test_every_field_moves_to_its_subjects_key(old: Old, ids: dict[str, UUID]) -> None:
    command.upgrade(old.config, "head")
    with models(old) as session:
        for (table, column), text in {**SAID, **WAS_PLAIN}.items():
            cell = old.value(table, ids[table], column)
            assert open_sealed(session, (table, ids[table], column), cell) == text, (table, column)
            with pytest.raises(crypto.CannotOpen):
                opened(cell, f"{table}.{column}")
        person = session.get_one(Person, ids["people_person"])
        assert person.phone_index == crypto.blind_index("+8612000000001", "phone")
        # Posted by an officer: the words are of who lives there; where nobody lives, of the home.
        assert session.get_one(Need, ids["needs_need"]).subject_id == person.id
        assert session.get_one(Stop, ids["deliveries_stop"]).subject_id == person.id
        empty = session.get_one(Need, ids["empty_home"])
        assert empty.subject_id == empty.home_id
        told = session.get_one(Moment, ids["needs_moment"])
        assert (told.why, told.facts) == ("打错了", {"n": 1})
        read = session.get_one(ReadRow, ids["people_look"])
        assert (read.viewer_id, read.subject_id, read.purpose) == (ids["officer"], person.id, "people")
        seal_community(session, ids["community"])
        session.flush()
        assert verify_community(session, ids["community"]).broken_at is None


def test_and_back_again_with_what_was_erased_left_empty(old: Old, ids: dict[str, UUID]) -> None:
    command.upgrade(old.config, "head")
    with models(old) as session:
        destroy_keys(session, ids["officer"])
    command.downgrade(old.config, "0002")
    for (table, column), text in SAID.items():
        assert opened(old.value(table, ids[table], column), f"{table}.{column}") == text, (table, column)
    for (table, column), text in WAS_PLAIN.items():
        assert old.value(table, ids[table], column) == text
    assert opened(old.value("people_person", ids["officer"], "name"), "people_person.name") == ""
    assert old.value("needs_moment", ids["needs_moment"], "facts") == {"n": 1, "why": "打错了"}
    assert old.value("people_look", ids["people_look"], "what") == "household"
    command.upgrade(old.config, "head")
    with models(old) as session:
        assert session.get_one(Need, ids["needs_need"]).note == "胰岛素"
