"""Sealed fields against a hand in the database: bits flipped, cells swapped, keys destroyed and wrapped anew."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import IntegrityError

from server.core.people import service as people
from server.core.people.models import ERASED, Person
from server.kit import crypto, subject_keys
from server.kit.crypto import CannotOpen
from server.kit.db import database, new_id, reading, transaction
from server.kit.sealed import open_sealed, seal
from server.kit.settings import Settings
from server.kit.subject_keys import SubjectKey, destroy_keys, rewrap_keys
from tests.factories.racing import race
from tests.factories.sealing_racers import seal_for

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIELD_KEY, INDEX_KEY = bytes(range(32)), bytes(range(32, 64))


@pytest.fixture(autouse=True)
def _own_keys(app: APIFlask) -> Iterator[None]:
    yield
    crypto.use_keys(FIELD_KEY, INDEX_KEY)


def make(name: str = "林半夏", phone: str | None = None) -> UUID:
    with transaction() as session:
        return people.create_person(session, name=name, phone=phone).id


def name_of(person_id: UUID) -> str:
    with reading() as session:
        return people.person(session, person_id).name


def cell(person_id: UUID, column: str = "name") -> str:
    with database().engine.connect() as connection:
        wanted = {"id": person_id.hex if database().is_sqlite else str(person_id)}
        return str(
            connection.execute(text(f"SELECT {column} FROM people_person WHERE id = :id"), wanted).scalar()
        )


def overwrite(person_id: UUID, column: str, value: str) -> None:
    with database().engine.begin() as connection:
        wanted = {"id": person_id.hex if database().is_sqlite else str(person_id), "value": value}
        connection.execute(text(f"UPDATE people_person SET {column} = :value WHERE id = :id"), wanted)


def test_a_field_comes_back_as_it_was_written_and_lies_there_otherwise() -> None:
    person_id = make(phone="12000000001")
    assert name_of(person_id) == "林半夏"
    assert "半" not in base64.b64decode(cell(person_id)).decode(errors="ignore")
    with transaction() as session:
        people.person(session, person_id).name = "林小梅"
    assert name_of(person_id) == "林小梅"


def test_the_same_text_lies_there_differently_each_time() -> None:
    assert cell(make()) != cell(make())


def test_every_flipped_bit_is_refused() -> None:
    person_id = make("梅")
    raw = bytearray(base64.b64decode(cell(person_id)))
    with reading() as session:
        person = people.person(session, person_id)
        where = ("people_person", person_id, "name")
        for nth in range(len(raw) * 8):
            raw[nth // 8] ^= 1 << nth % 8
            with pytest.raises(CannotOpen):
                open_sealed(session, where, base64.b64encode(raw).decode())
            raw[nth // 8] ^= 1 << nth % 8
        assert person.name == "梅"


def test_a_cell_does_not_open_in_another_row() -> None:
    mine, other = make("我"), make("他")
    overwrite(mine, "name", cell(other))
    with pytest.raises(CannotOpen):
        name_of(mine)


def test_a_cell_does_not_open_in_another_column_or_table() -> None:
    person_id = make(phone="12000000001")
    overwrite(person_id, "name", cell(person_id, "phone"))
    with pytest.raises(CannotOpen):
        name_of(person_id)
    with reading() as session, pytest.raises(CannotOpen):
        open_sealed(session, ("people_member", person_id, "phone"), cell(person_id, "phone"))


def test_a_key_moved_to_another_subject_does_not_unwrap() -> None:
    mine, other = make("我"), make("他")
    with transaction() as session:
        keys = {k.subject_id: k for k in session.scalars(select(SubjectKey))}
        keys[mine].wrapped = keys[other].wrapped
    with pytest.raises(CannotOpen):
        name_of(mine)


def test_plain_text_in_a_cell_is_refused_not_shown() -> None:
    person_id = make()
    for planted in ("林半夏", "unsealed", "", "aGVsbG8="):
        overwrite(person_id, "name", planted)
        with pytest.raises(CannotOpen):
            name_of(person_id)


def test_a_destroyed_key_reads_as_erased_and_never_as_an_error() -> None:
    person_id, other = make(phone="12000000001"), make("他")
    with transaction() as session:
        assert people.person(session, person_id).name == "林半夏"
        assert destroy_keys(session, person_id) == 1
        assert people.person(session, person_id).name == ERASED
        assert destroy_keys(session, person_id) == 0
    with reading() as session:
        assert people.person(session, person_id).phone is None
    assert (name_of(person_id), name_of(other)) == (ERASED, "他")


def test_what_is_sealed_after_an_erasure_has_a_key_of_its_own() -> None:
    person_id = make()
    with transaction() as session:
        destroy_keys(session, person_id)
    with transaction() as session:
        people.person(session, person_id).name = "新"
    assert name_of(person_id) == "新"


def test_the_installations_own_key_is_nobodys_to_erase() -> None:
    with transaction() as session, pytest.raises(ValueError, match="nobody's"):
        destroy_keys(session, subject_keys.INSTALLATION)


def test_a_new_wrapping_key_opens_everything_and_the_old_one_nothing() -> None:
    person_id, new = make(), bytes(range(64, 96))
    with transaction() as session:
        crypto.use_keys(new, INDEX_KEY, older=[FIELD_KEY])
        assert rewrap_keys(session) == 1
        assert rewrap_keys(session) == 0
    crypto.use_keys(new, INDEX_KEY)
    assert name_of(person_id) == "林半夏"
    crypto.use_keys(FIELD_KEY, INDEX_KEY)
    with pytest.raises(CannotOpen):
        name_of(person_id)


def test_a_phone_is_found_by_its_index_alone_and_belongs_to_one_person_only() -> None:
    person_id = make(phone="120 0000 0001")
    with reading() as session:
        found = people.find_by_phone(session, "+8612000000001")
        assert found is not None
        assert found.id == person_id
        index = found.phone_index
    other = make()
    with pytest.raises(IntegrityError), transaction() as session:
        people.person(session, other).phone_index = index


def test_a_rolled_back_savepoint_takes_its_keys_along() -> None:
    where, subject = ("kit_test", new_id(), "field"), uuid4()
    with transaction() as session:
        savepoint = session.begin_nested()
        seal(session, subject, where, "never")
        savepoint.rollback()
        sealed = seal(session, subject, where, "kept")
    with reading() as session:
        assert open_sealed(session, where, sealed) == "kept"


def test_a_thousand_fields_of_a_thousand_people_open_with_few_queries() -> None:
    with transaction() as session:
        session.add_all(Person(id=new_id(), name=f"人{nth}", created_at=NOW) for nth in range(1000))
    asked: list[str] = []
    event.listen(database().engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
    with reading() as session:
        names = {person.name for person in session.scalars(select(Person)).all()}
    assert len(names) == 1000
    assert len([query for query in asked if "kit_subject_key" in query]) == 2


def test_processes_that_seal_for_one_subject_at_once_share_one_key(database_url: str, app: APIFlask) -> None:
    subject = uuid4()
    sealed = race(database_url, NOW, seal_for, [(subject, nth) for nth in range(6)])
    with reading() as session:
        opened = {open_sealed(session, ("kit_test", row_id, "field"), value) for row_id, value in sealed}
        live = select(func.count()).select_from(SubjectKey).where(SubjectKey.subject_id == subject)
        assert session.scalar(live) == 1
    assert opened == {f"text {nth}" for nth in range(6)}


def test_no_name_phone_note_or_reason_lies_readable_in_the_files(app: APIFlask, home: Path) -> None:
    if not database().is_sqlite:
        pytest.skip("PostgreSQL's files are the server's own")
    make("欧阳若兰", phone="12345098765")
    with transaction() as session:
        session.connection().exec_driver_sql("SELECT 1")
    file = Path(str(database().engine.url.database))
    written = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert len(written) > 100_000
    for canary in ("欧阳若兰", "12345098765", "+8612345098765", "若兰"):
        assert canary.encode() not in written


def test_settings_make_two_different_keys_that_only_the_owner_reads(tmp_path: Path) -> None:
    from server.kit.settings import load_settings, renew_field_key

    first: Settings = load_settings({"LINLI_HOME": str(tmp_path)})
    assert first.field_key != first.index_key
    for name in ("field.key", "index.key"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o600
    renew_field_key(first)
    second = load_settings({"LINLI_HOME": str(tmp_path)})
    assert second.older_field_keys == (first.field_key,)
    assert second.field_key not in (first.field_key, first.index_key)
    assert second.index_key == first.index_key
    assert (tmp_path / "field.key.older").stat().st_mode & 0o777 == 0o600
