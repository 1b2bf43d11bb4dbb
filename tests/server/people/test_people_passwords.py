"""Signing in by password, and guessing at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from apiflask import APIFlask
from flask_security import hash_password
from sqlalchemy import func, select

from server.core.people import service as people
from server.core.people.models import PasswordTry
from server.kit.clock import SettableClock
from server.kit.db import reading, transaction
from server.kit.tenancy import CommunityRef
from tests.factories import sign_in_racers
from tests.factories.racing import race
from tests.server.conftest import Api

RIGHT = "correct horse"


@pytest.fixture
def browser(app: APIFlask) -> Callable[[], Api]:
    return lambda: Api(app.test_client())


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 takes a quarter of a second each time."""
    monkeypatch.setattr(
        "server.core.people.service.passwords._is_right", lambda password, known: password == RIGHT
    )


def enter(api: Api, password: str, *, login: str = "huang", address: str = "203.0.113.1") -> Any:
    body = {"login": login, "password": password}
    return api.post("/api/auth/password", body, environ_base={"REMOTE_ADDR": address})


def tries() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(PasswordTry)) or 0


@pytest.fixture
def huang(app: APIFlask, community: CommunityRef) -> None:
    with app.app_context(), transaction() as session:
        officer = people.create_person(
            session, name="Officer", phone=None, login="huang", password_hash=hash_password(RIGHT)
        )
        people.grant_role(session, officer.id, "officer", community_id=community.id)


def test_staff_sign_in_by_password_and_strangers_learn_nothing(
    huang: None, browser: Callable[[], Api]
) -> None:
    good = enter(browser(), RIGHT, login=" Huang")
    assert good.get_json()["communities"][0]["roles"] == ["officer"]
    wrong = enter(browser(), "battery")
    unknown = enter(browser(), "battery", login="nobody")
    assert wrong.status_code == unknown.status_code == 422
    assert wrong.get_json() == unknown.get_json()


def test_ten_wrong_passwords_close_a_login_for_a_quarter_of_an_hour(
    huang: None, quick: None, browser: Callable[[], Api], clock: SettableClock
) -> None:
    for _ in range(10):
        assert enter(browser(), "x").status_code == 422
    # Even the right one, which the guesser might have come to.
    assert enter(browser(), RIGHT).status_code == 429
    clock.advance(minutes=16)
    assert enter(browser(), RIGHT).status_code == 200


def test_whoever_guesses_at_a_login_does_not_keep_its_owner_out(
    huang: None, quick: None, browser: Callable[[], Api]
) -> None:
    for _ in range(12):
        enter(browser(), "x", address="203.0.113.66")
    assert enter(browser(), RIGHT, address="203.0.113.1").status_code == 200


def test_one_address_cannot_go_through_all_logins(quick: None, browser: Callable[[], Api]) -> None:
    api = browser()
    answers = [enter(api, "123456", login=f"staff-{number}").status_code for number in range(101)]
    assert answers == [422] * 100 + [429]


def test_coming_in_forgets_the_failures_and_being_refused_adds_none(
    huang: None, quick: None, browser: Callable[[], Api]
) -> None:
    for _ in range(9):
        enter(browser(), "x")
    assert enter(browser(), RIGHT).status_code == 200
    assert tries() == 0
    for _ in range(15):
        enter(browser(), "x")
    assert tries() == 10


def test_no_name_and_no_address_are_kept_with_the_tries(
    huang: None, quick: None, browser: Callable[[], Api]
) -> None:
    enter(browser(), "x")
    with reading() as session:
        kept = session.scalars(select(PasswordTry)).one()
    assert "huang" not in kept.login_index
    assert "203" not in kept.address_index


def test_tries_that_count_no_more_are_deleted(quick: None, visitor: Api, clock: SettableClock) -> None:
    enter(visitor, "x")
    clock.advance(minutes=16)
    with transaction() as session:
        people.forget_password_tries(session)
    assert tries() == 0


def test_four_processes_have_no_more_guesses_than_one(
    app: APIFlask, clock: SettableClock, database_url: str
) -> None:
    looked_at = race(database_url, clock.now(), sign_in_racers.guess, [("huang", 10)] * 4)
    assert 1 <= sum(looked_at) <= 10
