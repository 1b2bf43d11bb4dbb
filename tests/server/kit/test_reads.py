"""Who looked at me: one row for each answer and subject, in the answer's own transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from apiflask import APIFlask
from pydantic_core import PydanticSerializationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from server.core.flags import service as flags
from server.core.needs import service as needs
from server.core.people import service as people
from server.kit import reads
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.http import Schema
from server.kit.permissions import SYSTEM
from server.kit.reads import AboutPerson, ReadRow, Sensitive
from server.kit.tenancy import CommunityRef
from tests.factories.neighbourhood import make_helper, make_homes, make_resident
from tests.server.conftest import Api

BASE = "/api/c/wutong"
SignIn = Callable[..., Api]


@pytest.fixture
def homes(community: CommunityRef) -> list[UUID]:
    return make_homes(community, 3)


def rows() -> list[ReadRow]:
    with reading() as session:
        return list(session.scalars(select(ReadRow).order_by(ReadRow.id)))


def need_of(api: Api, **body: Any) -> str:
    answer = api.post(f"{BASE}/needs", {"kind": "repair", "lines": [{"text": "水龙头"}], **body})
    assert answer.status_code == 201, answer.get_json()
    return str(answer.get_json()["id"])


def test_a_household_record_is_one_row_for_each_of_its_people(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    two = {make_resident(community, homes[0], "elder"), make_resident(community, homes[0])}
    worker = sign_in("grid_worker")
    worker.get(f"{BASE}/people/homes/{homes[0]}")
    assert {row.subject_id for row in rows()} == two
    assert len(rows()) == 2
    assert {(row.viewer_id, row.role, row.purpose) for row in rows()} == {
        (worker.person_id, "grid_worker", "people")
    }
    assert sorted(row.fields for row in rows()) == [["name"], ["name", "traits"]]


def test_a_list_with_several_needs_of_one_person_is_one_row_and_each_answer_counts(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    for note in ("胰岛素", "降压药"):
        need_of(resident, note=note)
    officer = sign_in("officer")
    for times in (1, 2):
        assert len(officer.get(f"{BASE}/needs").get_json()["items"]) == 2
        assert [row.subject_id for row in rows()] == [resident.person_id] * times
    assert rows()[0].fields == ["lines", "note"]


def test_nothing_is_recorded_of_ones_own(homes: list[UUID], community: CommunityRef, sign_in: SignIn) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0], "elder"))
    need = need_of(resident, note="胰岛素")
    for path in (f"needs/{need}", "needs?mine=true", "people/household", "people/looks"):
        assert resident.get(f"{BASE}/{path}").status_code == 200
    assert rows() == []


def test_what_the_home_wants_is_its_peoples_own_but_their_traits_are_not(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    first = sign_in("resident", person_id=make_resident(community, homes[0]))
    second = sign_in("resident", person_id=make_resident(community, homes[0]))
    need_of(first, note="胰岛素")
    assert len(second.get(f"{BASE}/needs?mine=true").get_json()["items"]) == 1
    assert rows() == []
    second.get(f"{BASE}/people/household")
    assert [(row.viewer_id, row.subject_id) for row in rows()] == [(second.person_id, first.person_id)]


def test_flags_and_what_helpers_look_through_are_no_reads(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    need_of(resident, note="胰岛素")
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="阳性")
    _, person = make_helper(community, "repair")
    helper = sign_in("volunteer", person_id=person)
    assert helper.get(f"{BASE}/needs/open").status_code == 200
    for role, path in (
        ("guard", "deliveries/gate"),
        ("officer", "deliveries/carts"),
        ("officer", "deliveries/waves"),
    ):
        assert sign_in(role).get(f"{BASE}/{path}").status_code == 200
    assert rows() == []


def test_the_ground_of_a_flag_is_a_read(homes: list[UUID], community: CommunityRef, sign_in: SignIn) -> None:
    with transaction() as session:
        flags.raise_flag(session, SYSTEM, community.id, home_id=homes[0], kind="red", ground="阳性")
    assert sign_in("officer").get(f"{BASE}/flags").get_json()["items"][0]["ground"] == "阳性"
    assert [(row.subject_id, row.fields) for row in rows()] == [(homes[0], ["ground"])]


def test_a_helper_who_reads_what_a_home_wants_is_recorded(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    _, person = make_helper(community, "repair")
    resident = sign_in("resident", person_id=make_resident(community, homes[0]))
    need_of(resident, note="门口有狗")
    needs.match_community(community.id)
    helper = sign_in("volunteer", person_id=person)
    offer = helper.get(f"{BASE}/needs/offers").get_json()["items"][0]
    assert [(row.role, row.fields) for row in rows()] == [("volunteer", ["lines"])]
    helper.post(f"{BASE}/needs/offers/{offer['id']}/accept")
    assert rows()[-1].fields == ["lines", "note"]


def test_an_answer_that_is_given_again_was_recorded_with_the_first(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    make_resident(community, homes[0])
    officer = sign_in("officer")
    for _ in range(2):
        body = {"kind": "repair", "home_id": str(homes[0]), "lines": [{"text": "水龙头"}]}
        assert officer.post(f"{BASE}/needs", body, key="one-key-only").status_code == 201
    assert len(rows()) == 1


def test_without_its_row_there_is_no_answer(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_resident(community, homes[0], "elder")
    officer = sign_in("officer")

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(reads, "record_reads", full)
    answer = officer.get(f"{BASE}/people/homes/{homes[0]}")
    assert (answer.status_code, "elder" in answer.get_data(as_text=True)) == (500, False)
    before = _count_needs()
    body = {"kind": "repair", "home_id": str(homes[0]), "lines": [{"text": "水龙头"}]}
    assert officer.post(f"{BASE}/needs", body).status_code == 500
    assert _count_needs() == before


def test_the_row_is_written_in_the_transaction_that_read(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_resident(community, homes[0], "elder")
    officer = sign_in("officer")
    used: list[Session] = []
    members, record = people.household_members, reads.record_reads

    def seen_members(session: Session, *args: Any) -> Any:
        used.append(session)
        return members(session, *args)

    def seen_record(session: Session, *args: Any) -> None:
        used.append(session)
        record(session, *args)

    monkeypatch.setattr(people, "household_members", seen_members)
    monkeypatch.setattr(reads, "record_reads", seen_record)
    officer.get(f"{BASE}/people/homes/{homes[0]}")
    assert len(used) == 2
    assert used[0] is used[1]


def test_an_answer_that_does_not_say_whose_it_is_does_not_leave(app: APIFlask) -> None:
    class Out(AboutPerson):
        temperature: Sensitive[str | None]

    with (
        app.test_request_context("/api/session"),
        pytest.raises(PydanticSerializationError, match="does not say so"),
    ):
        Out(about=UUID(int=7), temperature="37.9").model_dump()
    with app.test_request_context("/api/session"):
        assert Out(about=UUID(int=7), temperature=None).model_dump() == {"temperature": None}


def test_a_schema_with_a_sensitive_field_must_say_whose_it_is() -> None:
    with pytest.raises(TypeError, match="AboutPerson"):

        class Out(Schema):
            phone: Sensitive[str]


def test_the_person_sees_who_looked_when_as_what_and_at_which_fields(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn, clock: SettableClock
) -> None:
    resident = sign_in("resident", person_id=make_resident(community, homes[0], "elder"))
    sign_in("grid_worker").get(f"{BASE}/people/homes/{homes[0]}")
    clock.advance(hours=1)
    need_of(resident, note="胰岛素")
    sign_in("officer").get(f"{BASE}/needs")
    looks = resident.get(f"{BASE}/people/looks").get_json()["items"]
    assert [(k["viewer_name"], k["role"], k["purpose"], k["fields"]) for k in looks] == [
        ("Test officer", "officer", "needs", ["lines", "note"]),
        ("Test grid_worker", "grid_worker", "people", ["name", "traits"]),
    ]
    neighbour = sign_in("resident", person_id=make_resident(community, homes[1]))
    assert neighbour.get(f"{BASE}/people/looks").get_json()["items"] == []


def _count_needs() -> int:
    from server.core.needs.models import Need

    with reading() as session:
        return session.scalar(select(func.count()).select_from(Need)) or 0


def test_neither_the_system_nor_oneself_is_a_reader(
    homes: list[UUID], community: CommunityRef, sign_in: SignIn
) -> None:
    mine, other = make_resident(community, homes[0]), make_resident(community, homes[1])
    me = sign_in("officer", person_id=mine)
    shown = {mine: ["phone"], other: ["phone", "phone"]}
    with transaction() as session:
        reads.record_reads(session, SYSTEM, community, shown, "test")
        reads.record_reads(session, me.actor, community, shown, "tracing.case 17")
    assert [(row.subject_id, row.fields, row.purpose) for row in rows()] == [
        (other, ["phone"], "tracing.case 17")
    ]
