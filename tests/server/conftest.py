"""Fixtures for tests against a whole application on a real database (SQLite or PostgreSQL: --db)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.app import create_app
from server.core.communities import service as communities
from server.core.people import service as people
from server.installed import INSTALLED
from server.kit import clock as kit_clock
from server.kit import row_security
from server.kit.clock import SettableClock
from server.kit.db import Base, database, transaction
from server.kit.permissions import Actor, Grant
from server.kit.settings import Settings
from server.kit.tenancy import CommunityRef

MODULES = tuple(module.name for module in INSTALLED if not module.is_core)


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def app(home: Path, database_url: str) -> Iterator[APIFlask]:
    """One application for all tests; its tables are emptied before each."""
    settings = Settings(
        home=home,
        mode="test",
        database_url=database_url,
        secret_key="test " * 8,
        field_key=bytes(range(32)),
        index_key=bytes(range(32, 64)),
        is_demo=True,
        broker_url="memory://",
        help_limit_s=0,
    )
    app = create_app(settings, has_worker=False)
    Base.metadata.create_all(database().engine)
    if not database().is_sqlite:
        row_security.install(database().engine, Base.metadata)
    yield app
    database().engine.dispose()


@pytest.fixture(autouse=True)
def clock() -> Iterator[SettableClock]:
    """A clock that stands at 2026-03-02 09:00 UTC until a test moves it."""
    with kit_clock.using(SettableClock()) as settable:
        assert isinstance(settable, SettableClock)
        yield settable


@pytest.fixture(autouse=True)
def _empty_tables(app: APIFlask, clock: SettableClock) -> Iterator[None]:
    tables = Base.metadata.sorted_tables
    # By the owner of the tables: the application's own role may not truncate.
    with database().engine.begin() as connection:
        if database().is_sqlite:
            # What guards a table against changes would guard it against this too.
            guards = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in guards:
                connection.execute(text(f"DROP TRIGGER {name}"))
            for table in reversed(tables):
                connection.execute(table.delete())
            for _, made in guards:
                connection.execute(text(made))
        else:
            connection.execute(text("TRUNCATE " + ", ".join(table.name for table in tables) + " CASCADE"))
    # No application context here: requests within one would share its ``g``, and with it who is signed in.
    yield


@pytest.fixture
def community(app: APIFlask) -> CommunityRef:
    """A community with every module on."""
    return make_community("wutong", "梧桐里")


@pytest.fixture
def other_community(app: APIFlask) -> CommunityRef:
    """Another community: whatever belongs to it must stay unseen."""
    return make_community("guihua", "桂花园")


def make_community(slug: str, name: str) -> CommunityRef:
    with transaction() as session:
        created = communities.create_community(session, slug, name, modules=MODULES)
        return communities.by_id(session, created.id)


class Api:
    """A signed-in caller: sends the CSRF token, and an Idempotency-Key of its own with each POST."""

    def __init__(self, client: FlaskClient, person_id: UUID | None = None) -> None:
        self.client = client
        self.person_id = person_id
        self.csrf = client.get("/api/session").get_json()["csrf_token"]

    @property
    def actor(self) -> Actor:
        return Actor(self.person_id)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        return self.client.get(path, **kwargs)

    def post(self, path: str, json: Any = None, *, key: str | None = None, **kwargs: Any) -> TestResponse:
        headers = {
            "X-CSRF-Token": self.csrf,
            "Idempotency-Key": key or str(uuid4()),
            **kwargs.pop("headers", {}),
        }
        if "data" not in kwargs:
            kwargs["json"] = {} if json is None else json
        return self.client.post(path, headers=headers, **kwargs)

    def put(self, path: str, json: Any = None) -> TestResponse:
        return self.client.put(path, json=json, headers={"X-CSRF-Token": self.csrf})

    def patch(self, path: str, json: Any = None) -> TestResponse:
        return self.client.patch(path, json=json, headers={"X-CSRF-Token": self.csrf})

    def delete(self, path: str) -> TestResponse:
        return self.client.delete(path, headers={"X-CSRF-Token": self.csrf})


@pytest.fixture
def visitor(app: APIFlask) -> Api:
    """Somebody who is not signed in."""
    return Api(app.test_client())


@pytest.fixture
def sign_in(app: APIFlask, community: CommunityRef) -> Callable[..., Api]:
    """Return a function: sign_in("officer") makes a person with that role and returns their Api."""

    def make(role: str, *, at: CommunityRef | None = None, person_id: UUID | None = None) -> Api:
        with transaction() as session:
            if person_id is None:
                person = people.create_person(session, name=f"Test {role}", phone=None)
                person_id = person.id
            people.grant_role(session, person_id, role, community_id=(at or community).id)
        client = app.test_client()
        with client.session_transaction() as cookie:
            people.remember_in_session(cookie, person_id)
        return Api(client, person_id)

    return make


@pytest.fixture
def drain(app: APIFlask) -> Callable[[], None]:
    """Return a function that relays all events and does all jobs until nothing is left."""

    def run() -> None:
        linli = app.extensions["linli"]
        # Jobs and reactions run within the application, as the worker and the relay's thread have it.
        with app.app_context():
            for _ in range(20):
                if linli.relay.run_once() + linli.reactions.run_once() + linli.jobs.run_pending() == 0:
                    return

    return run


def officer_of(community: CommunityRef) -> Actor:
    """An actor without a session, for tests of services."""
    return Actor(uuid4(), (Grant("officer", community_id=community.id),))
