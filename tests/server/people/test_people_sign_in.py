"""Signing in by phone, by password and in the demo."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from apiflask import APIFlask

from server.core.people import service as people
from server.core.people.models import Person
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.errors import OutsideFailed
from server.kit.ports.sms import FileSms, RecordingSms
from server.kit.tenancy import CommunityRef
from tests.server.conftest import Api

PHONE = "12000000001"


@pytest.fixture
def sms(app: APIFlask, monkeypatch: pytest.MonkeyPatch) -> RecordingSms:
    recording = RecordingSms()
    monkeypatch.setitem(app.extensions["linli"].ports, "sms", recording)
    return recording


@pytest.fixture
def browser(app: APIFlask) -> Callable[[], Api]:
    return lambda: Api(app.test_client())


def code_of(sms: RecordingSms) -> str:
    """The code in the latest message, as the phone's owner reads it."""
    found = re.search(r"\d{7}", sms.sent[-1][1])
    assert found
    return found[0]


def ask(api: Api, phone: str = PHONE) -> int:
    return api.post("/api/auth/code", {"phone": phone}).status_code


def enter(api: Api, code: str, phone: str = PHONE) -> Any:
    return api.post("/api/auth/code/verify", {"phone": phone, "code": code})


def test_a_new_phone_signs_in_with_its_code_and_becomes_a_person(
    visitor: Api, sms: RecordingSms, community: CommunityRef
) -> None:
    assert ask(visitor) == 202
    answer = enter(visitor, code_of(sms))
    assert answer.status_code == 200
    assert answer.get_json()["person"]["name"] == ""
    # Without a home it is nobody in any community yet.
    assert answer.get_json()["communities"] == []
    assert visitor.get(f"/api/c/{community.slug}/people/household").status_code == 404


def test_the_code_is_in_no_answer_and_in_no_table(visitor: Api, sms: RecordingSms, app: APIFlask) -> None:
    answer = visitor.post("/api/auth/code", {"phone": PHONE})
    code = code_of(sms)
    assert code not in answer.get_data(as_text=True)
    with reading() as session:
        for table in ("people_code", "kit_job", "kit_idempotency", "kit_audit", "kit_outbox"):
            rows = session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
            assert code not in str(rows)


def test_known_and_unknown_phones_get_the_same_answer(browser: Callable[[], Api], sms: RecordingSms) -> None:
    with transaction() as session:
        people.create_person(session, name="Known", phone="12000000009")
    answers = [browser().post("/api/auth/code", {"phone": p}) for p in ("12000000009", "12000000008")]
    assert [a.status_code for a in answers] == [202, 202]
    assert answers[0].get_json() == answers[1].get_json()


def test_a_code_works_once(visitor: Api, sms: RecordingSms, browser: Callable[[], Api]) -> None:
    ask(visitor)
    code = code_of(sms)
    assert enter(visitor, code).status_code == 200
    visitor.csrf = visitor.get("/api/session").get_json()["csrf_token"]
    visitor.post("/api/auth/sign-out")
    visitor.csrf = visitor.get("/api/session").get_json()["csrf_token"]
    assert enter(visitor, code).get_json()["code"] == "people.code_wrong"


def test_a_code_opens_nothing_in_another_browser(
    visitor: Api, sms: RecordingSms, browser: Callable[[], Api]
) -> None:
    ask(visitor)
    assert enter(browser(), code_of(sms)).status_code == 422


def test_somebody_elses_request_does_not_spoil_my_code(
    visitor: Api, sms: RecordingSms, browser: Callable[[], Api], clock: SettableClock
) -> None:
    ask(visitor)
    mine = code_of(sms)
    clock.advance(minutes=2)
    stranger = browser()
    assert ask(stranger) == 202
    for _ in range(6):
        enter(stranger, "0000000")
    assert enter(visitor, mine).status_code == 200


def test_after_five_wrong_tries_even_the_right_code_is_dead(visitor: Api, sms: RecordingSms) -> None:
    ask(visitor)
    right = code_of(sms)
    wrong = "0000000" if right != "0000000" else "1111111"
    for _ in range(5):
        assert enter(visitor, wrong).status_code == 422
    assert enter(visitor, right).status_code == 422


def test_a_code_dies_after_ten_minutes(visitor: Api, sms: RecordingSms, clock: SettableClock) -> None:
    ask(visitor)
    clock.advance(minutes=10, seconds=1)
    assert enter(visitor, code_of(sms)).status_code == 422


def test_a_phone_gets_one_code_a_minute_and_five_a_day(
    visitor: Api, sms: RecordingSms, clock: SettableClock
) -> None:
    assert ask(visitor) == 202
    again = visitor.post("/api/auth/code", {"phone": PHONE})
    assert (again.status_code, again.headers["Retry-After"]) == (429, "61")
    for _ in range(4):
        clock.advance(minutes=5)
        assert ask(visitor) == 202
    clock.advance(minutes=5)
    assert ask(visitor) == 429
    assert len(sms.sent) == 5


def test_a_provider_that_is_down_is_said_so_and_the_try_counts(
    app: APIFlask, visitor: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Down:
        def send(self, phone: str, text: str) -> None:
            raise OutsideFailed("down")

    monkeypatch.setitem(app.extensions["linli"].ports, "sms", Down())
    answer = visitor.post("/api/auth/code", {"phone": PHONE})
    assert (answer.status_code, answer.get_json()["code"]) == (503, "people.sms_failed")
    assert ask(visitor) == 429


def test_signing_in_changes_the_session_so_that_an_old_cookie_is_worth_nothing(
    visitor: Api, sms: RecordingSms
) -> None:
    before = visitor.csrf
    ask(visitor)
    assert enter(visitor, code_of(sms)).get_json()["csrf_token"] != before


def test_a_post_without_the_csrf_token_is_refused(visitor: Api) -> None:
    visitor.csrf = "forged"
    assert ask(visitor) == 403


def test_a_person_who_was_deactivated_is_signed_out_at_once(sign_in: Callable[..., Api]) -> None:
    api = sign_in("resident")
    assert api.get("/api/session").get_json()["person"] is not None
    with transaction() as session:
        session.get_one(Person, api.person_id).active = False
    assert api.get("/api/session").get_json()["person"] is None


def test_a_demo_account_signs_in_with_one_click_but_only_in_a_demo(
    app: APIFlask, visitor: Api, browser: Callable[[], Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as session:
        people.create_person(session, name="林半夏 / Lin", phone=None, login="demo-resident", is_demo=True)
    assert visitor.get("/api/session").get_json()["demo_roles"][0]["key"] == "resident"
    assert visitor.post("/api/auth/demo", {"key": "nobody"}).status_code == 404
    assert visitor.post("/api/auth/demo", {"key": "resident"}).status_code == 200
    settings = app.extensions["linli"].settings
    monkeypatch.setattr(app.extensions["linli"], "settings", _without_demo(settings))
    elsewhere = browser()
    assert elsewhere.get("/api/session").get_json()["demo_roles"] == []
    assert elsewhere.post("/api/auth/demo", {"key": "resident"}).status_code == 404


def test_a_demo_account_cannot_be_entered_by_password(visitor: Api) -> None:
    with transaction() as session:
        people.create_person(session, name="林半夏 / Lin", phone=None, login="demo-resident", is_demo=True)
    assert visitor.post("/api/auth/password", {"login": "demo-resident", "password": ""}).status_code == 422


def test_production_refuses_a_database_with_demo_accounts(app: APIFlask) -> None:
    from server.core.people.service.sign_in import refuse_demo_people
    from server.kit.settings import UnsafeSettings

    refuse_demo_people()
    with transaction() as session:
        people.create_person(session, name="x / x", phone=None, login="demo-x", is_demo=True)
    with pytest.raises(UnsafeSettings, match="demo accounts"):
        refuse_demo_people()


def test_the_file_adapter_keeps_messages_for_its_owner_only(tmp_path: Path) -> None:
    FileSms(tmp_path / "sms.jsonl").send("+8612000000001", "你好")
    line = json.loads((tmp_path / "sms.jsonl").read_text(encoding="utf-8"))
    assert line == {"phone": "+8612000000001", "text": "你好"}
    assert (tmp_path / "sms.jsonl").stat().st_mode & 0o077 == 0


def _without_demo(settings: Any) -> Any:
    from dataclasses import replace

    return replace(settings, is_demo=False)
