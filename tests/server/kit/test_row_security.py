"""PostgreSQL itself keeps communities apart, whatever a query forgets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from apiflask import APIFlask
from flask import g
from sqlalchemy import create_engine, delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from server import migrating
from server.core.places.models import Home
from server.kit import row_security
from server.kit.db import Base, Database, database, new_id, reading, transaction
from server.kit.settings import Settings, UnsafeSettings
from server.kit.tenancy import CommunityRef, only
from tests.factories.neighbourhood import make_homes


@pytest.fixture(autouse=True)
def _on_postgres(app: APIFlask) -> None:
    if database().is_sqlite:
        pytest.skip("SQLite has no row-level security")


@pytest.fixture
def homes(community: CommunityRef, other_community: CommunityRef) -> dict[UUID, int]:
    """Two homes here, three elsewhere."""
    make_homes(community, 2)
    make_homes(other_community, 3)
    return {community.id: 2, other_community.id: 3}


def counted(session: Session) -> int:
    """What a query finds that says nothing of a community."""
    return session.scalar(select(func.count()).select_from(Home)) or 0


def test_a_forgetful_query_finds_its_own_community_only(homes: dict[UUID, int]) -> None:
    for community_id, count in homes.items():
        with only(community_id), reading() as session:
            assert counted(session) == count
    with reading() as session:
        assert counted(session) == 5


def test_a_request_sees_the_community_in_its_address(
    app: APIFlask, homes: dict[UUID, int], community: CommunityRef
) -> None:
    with app.app_context():
        g.community = community
        with reading() as session:
            assert counted(session) == 2


def test_nothing_of_another_community_is_written_changed_or_deleted(
    homes: dict[UUID, int], community: CommunityRef, other_community: CommunityRef
) -> None:
    with only(community.id), transaction() as session:
        session.execute(update(Home).values(floor=9))
        session.execute(delete(Home))
    with reading() as session:
        assert session.scalars(select(Home.community_id)).all() == [other_community.id] * 3
        assert session.scalar(select(func.max(Home.floor))) == 3
        entrance_id = session.scalars(select(Home.entrance_id)).first()
    row = {
        "id": new_id(),
        "community_id": other_community.id,
        "entrance_id": entrance_id,
        "floor": 8,
        "door": "801",
        "label": "8",
    }
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        only(community.id),
        transaction() as session,
    ):
        session.execute(insert(Home).values(row))


def test_whoever_does_not_say_whose_rows_finds_none(homes: dict[UUID, int]) -> None:
    with database().engine.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {row_security.ROLE}"))
        assert connection.scalar(select(func.count()).select_from(Home)) == 0


def test_the_role_lasts_no_longer_than_its_transaction(homes: dict[UUID, int]) -> None:
    with only(next(iter(homes))), reading() as session:
        connection = session.connection()
        assert connection.scalar(text("SELECT current_user")) == row_security.ROLE
    with database().engine.connect() as connection:
        assert connection.scalar(text("SELECT current_user")) != row_security.ROLE


def test_every_table_of_communities_has_its_policy(app: APIFlask) -> None:
    tables = row_security.tenant_tables(Base.metadata)
    assert len(tables) > 30
    row_security.refuse_without(database().engine, Base.metadata)


def test_a_table_without_policy_keeps_production_from_starting(app: APIFlask) -> None:
    with database().engine.begin() as connection:
        connection.execute(text("DROP POLICY own_community ON places_home"))
        connection.execute(text("ALTER TABLE places_home DISABLE ROW LEVEL SECURITY"))
    with pytest.raises(UnsafeSettings, match=r"1 tables .* run linli migrate"):
        row_security.refuse_without(database().engine, Base.metadata)
    row_security.install(database().engine, Base.metadata)
    row_security.refuse_without(database().engine, Base.metadata)


@pytest.fixture
def elsewhere(app: APIFlask) -> Iterator[str]:
    """The address of another database, whose owner may do nothing beyond it."""
    engine = database().engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE ROLE small_owner LOGIN"))
        connection.execute(text("CREATE DATABASE elsewhere OWNER small_owner TEMPLATE template0"))
    url = database().engine.url.set(username="small_owner", database="elsewhere", drivername="postgresql")
    yield url.render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE elsewhere"))
        connection.execute(text("DROP ROLE small_owner"))


def test_an_owner_who_may_not_give_roles_is_told_what_to_type(elsewhere: str, tmp_path: Path) -> None:
    with pytest.raises(UnsafeSettings, match='GRANT linli_app TO "small_owner"'):
        migrating.upgrade(
            Settings(
                home=tmp_path,
                database_url=elsewhere,
                field_key=bytes(range(32)),
                index_key=bytes(range(32, 64)),
            )
        )


def test_an_owner_who_was_given_the_role_needs_no_other_right(elsewhere: str, tmp_path: Path) -> None:
    with database().engine.begin() as connection:
        connection.execute(text(f'GRANT {row_security.ROLE} TO "small_owner"'))
    migrating.upgrade(
        Settings(
            home=tmp_path, database_url=elsewhere, field_key=bytes(range(32)), index_key=bytes(range(32, 64))
        )
    )
    own = Database(elsewhere)
    row_security.refuse_without(own.engine, Base.metadata)
    with own.session(writes=False) as session:
        assert counted(session) == 0
    own.engine.dispose()


def test_a_database_without_tables_is_left_alone(app: APIFlask) -> None:
    url = database().engine.url.set(database="template1")
    engine = create_engine(url)
    row_security.refuse_without(engine, Base.metadata)
    engine.dispose()
