"""Erased means erased: in every table, for every reader, after a restore too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask
from sqlalchemy import select, text

from server.core.flags import service as flags
from server.core.needs.models import Need
from server.core.people import service as people
from server.core.people.models import ERASED, Member, Person, RoleGrant
from server.kit import clock as kit_clock
from server.kit import erasures
from server.kit.audit import AuditRow, record, seal_community, verify_community
from server.kit.db import Base, database, reading, transaction
from server.kit.idempotency import IdempotencyRow
from server.kit.permissions import SYSTEM
from server.kit.subject_keys import SubjectKey
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_homes, make_resident
from tests.server.conftest import Api

BASE = "/api/c/wutong"
SignIn = Callable[..., Api]


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 2)


@pytest.fixture(autouse=True)
def erasure_list(app: APIFlask, home: Path) -> Iterator[Path]:
    path = home / erasures.NAME
    path.unlink(missing_ok=True)
    yield path
    path.unlink(missing_ok=True)


def erase(person_id: UUID) -> None:
    with transaction() as session:
        people.erase_person(session, SYSTEM, person_id)


def post_need(api: Api, **body: Any) -> None:
    answer = api.post(f"{BASE}/needs", {"kind": "repair", "lines": [{"text": "水龙头"}], **body})
    assert answer.status_code == 201, answer.get_json()


def test_an_erased_person_reads_as_erased_and_nobody_else_does(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    gone = sign_in("resident", person_id=make_resident(community, homes[0], "elder"))
    stays = sign_in("resident", person_id=make_resident(community, homes[1]))
    post_need(gone, note="胰岛素")
    post_need(stays, note="降压药")
    assert gone.post("/api/me/erase", {"is_sure": True}).status_code == 200
    officer = sign_in("officer")
    needs = {need["home"]["id"]: need for need in officer.get(f"{BASE}/needs").get_json()["items"]}
    assert needs[str(homes[0])]["note"] is None
    assert needs[str(homes[0])]["lines"][0]["text"] == "已删除 / Erased"
    assert needs[str(homes[1])]["note"] == "降压药"
    assert officer.get(f"{BASE}/people/homes/{homes[0]}").get_json()["members"] == []
    with reading() as session:
        assert gone.person_id is not None
        assert people.person(session, gone.person_id).name == ERASED


def test_an_erased_person_has_no_way_in_and_no_role(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn, visitor: Api
) -> None:
    with transaction() as session:
        person = people.create_person(session, name="林半夏", phone="12000000001")
        people.add_member(session, community.id, homes[0], person.id)
    visitor.post("/api/auth/code", {"phone": "12000000001"})
    signed_in = sign_in("resident", person_id=person.id)
    erase(person.id)
    assert signed_in.get(f"{BASE}/people/household").status_code == 401
    with reading() as session:
        assert people.find_by_phone(session, "12000000001") is None
        assert people.grants_of(session, person.id) == ()
        assert session.scalars(select(Member).where(Member.person_id == person.id)).all() == []
        grant = session.scalars(select(RoleGrant).where(RoleGrant.person_id == person.id)).one()
        assert grant.until_at == kit_clock.now()
    # The number is free: whoever has it next is somebody new.
    with transaction() as session:
        assert people.person_by_phone(session, "12000000001").id != person.id


def test_the_audit_chain_verifies_although_its_reasons_are_gone(
    homes: list[UUID], community: CommunityRef
) -> None:
    person_id = make_resident(community, homes[0])
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="阳性")
        record(session, SYSTEM, community.id, "test.done", ("person", person_id), why="胰岛素")
        session.flush()
        seal_community(session, community.id)
    erase(person_id)
    with transaction() as session:
        seal_community(session, community.id)
    with reading() as session:
        report = verify_community(session, community.id)
        assert (report.broken_at, report.unsealed) == (None, 0)
        reasons = [
            row.why
            for row in session.scalars(select(AuditRow))
            if row.action in ("test.done", "flags.raised")
        ]
        assert reasons == [None, None]
    _tamper("UPDATE kit_audit SET why = 'x' WHERE action = 'test.done'")
    with reading() as session:
        assert verify_community(session, community.id).broken_at is not None


def test_a_homes_own_key_goes_with_the_last_of_its_people(homes: list[UUID], community: CommunityRef) -> None:
    first, last = make_resident(community, homes[0]), make_resident(community, homes[0])
    with transaction() as session:
        flag = flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="阳性")
    for person_id, ground in ((first, "阳性"), (last, "已删除 / Erased")):
        erase(person_id)
        with reading() as session:
            assert session.get_one(type(flag), flag.id).ground == ground


def test_answers_kept_for_retries_are_forgotten_too(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    person_id = make_resident(community, homes[0])
    officer = sign_in("officer")
    post_need(officer, home_id=str(homes[0]), note="胰岛素")
    post_need(officer, home_id=str(homes[1]), note="降压药")
    erase(person_id)
    with reading() as session:
        answers = [row.answer for row in session.scalars(select(IdempotencyRow).order_by(IdempotencyRow.id))]
    assert answers[0] is None
    assert answers[1] is not None


def test_the_canary_is_in_no_table_and_no_file(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn, home: Path
) -> None:
    canary, phone = "独一无二的胰岛素", "12098765432"
    with transaction() as session:
        person = people.create_person(session, name=f"林{canary}", phone=phone)
        people.add_member(session, community.id, homes[0], person.id)
    resident = sign_in("resident", person_id=person.id)
    post_need(resident, note=canary, lines=[{"text": canary}])
    need = resident.get(f"{BASE}/needs?mine=true").get_json()["items"][0]
    resident.post(f"{BASE}/needs/{need['id']}/cancel", {"why": canary})
    looked_through = _everything(home)
    assert "repair" in looked_through
    for secret in (canary, phone):
        assert secret not in looked_through
    erase(person.id)
    with reading() as session:
        for row in session.scalars(select(Need)):
            assert row.note is None


def test_the_erasure_list_is_replayed_after_a_restore(
    homes: list[UUID], community: CommunityRef, erasure_list: Path
) -> None:
    person_id = make_resident(community, homes[0])
    with reading() as session:
        wrapped = {key.id: key.wrapped for key in session.scalars(select(SubjectKey))}
    erase(person_id)
    assert str(person_id) in erasure_list.read_text()
    _restore(wrapped, person_id)
    with reading() as session:
        assert people.person(session, person_id).name == "林小梅"
    with transaction() as session:
        assert people.erase_again(session) >= 1
    with transaction() as session:
        assert people.person(session, person_id).name == ERASED
        assert not people.person(session, person_id).active
        assert people.erase_again(session) == 0


def test_a_homes_key_made_after_the_erasure_is_not_erased_again(
    homes: list[UUID], community: CommunityRef
) -> None:
    person_id = make_resident(community, homes[0])
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="阳性")
    erase(person_id)
    with kit_clock.using(kit_clock.SettableClock(kit_clock.now() + timedelta(days=1))):
        with transaction() as session:
            flag = flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="新")
        with transaction() as session:
            assert people.erase_again(session) == 0
            assert session.get_one(type(flag), flag.id).ground == "新"


def test_what_the_list_missed_is_made_good(
    homes: list[UUID], community: CommunityRef, erasure_list: Path
) -> None:
    person_id = make_resident(community, homes[0])
    erase(person_id)
    erasure_list.unlink()
    with reading() as session:
        assert erasures.complete_list(session) == 1
        assert erasures.complete_list(session) == 0
    assert list(erasures.erased()) == [person_id]


def test_a_damaged_list_is_refused_with_its_line(erasure_list: Path) -> None:
    erasure_list.write_text("nobody knows\n")
    with pytest.raises(erasures.BadList, match="line 1"):
        erasures.erased()


def test_to_be_erased_one_must_be_sure(sign_in: SignIn) -> None:
    resident = sign_in("resident")
    assert resident.post("/api/me/erase", {}).status_code == 422
    assert resident.post("/api/me/erase", {"is_sure": False}).status_code == 422
    assert resident.get("/api/session").get_json()["person"]["name"] == "Test resident"


def _tamper(statement: str) -> None:
    with database().engine.begin() as connection:
        connection.execute(text(statement))


def _restore(wrapped: dict[UUID, bytes | None], person_id: UUID) -> None:
    """Put back what an old backup has: the wrapped keys, and the person as one who may come in."""
    with transaction() as session:
        for key in session.scalars(select(SubjectKey).where(SubjectKey.id.in_(wrapped))):
            key.wrapped, key.destroyed_at = wrapped[key.id], None
        session.get_one(Person, person_id).active = True


def _everything(home: Path) -> str:
    """Return all rows of all tables as text, and whatever lies in the files."""
    found = []
    with database().engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            found += [str(row) for row in connection.execute(text(f"SELECT * FROM {table.name}"))]
    url = database().engine.url
    files = [*Path(str(url.database)).parent.glob("linli.db*")] if database().is_sqlite else []
    files += [path for path in home.rglob("*") if path.is_file() and path.suffix != ".txt"]
    return "\n".join(found) + "".join(path.read_bytes().decode(errors="ignore") for path in files)
