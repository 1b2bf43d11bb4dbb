"""Bringing a database up to date, by Alembic."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import text

import server.installed  # noqa: F401  # so that every table is known
from server.kit import crypto, row_security
from server.kit.db import Base, Database
from server.kit.settings import Settings
from server.kit.turns import Turns

FOLDER = Path(__file__).parents[1] / "migrations"
# PostgreSQL's name for the turn at migrating; any number that nothing else in the database locks.
MIGRATING = 5_617_294


def config(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(settings: Settings) -> None:
    """Apply every migration that is missing, each by one process; on PostgreSQL let it keep communities apart.

    Raises UnsafeSettings if the database's user may not make what that takes.
    """
    # A migration that changes how fields are sealed has to open them.
    crypto.use_keys(settings.field_key, settings.index_key, older=settings.older_field_keys)
    database = Database(settings.database_url)
    try:
        with _turn(database):
            command.upgrade(config(settings.database_url), "head")
            if not database.is_sqlite:
                row_security.install(database.engine, Base.metadata)
    finally:
        database.engine.dispose()


@contextmanager
def _turn(database: Database) -> Iterator[None]:
    """One process migrates at a time: a second one that had read the same revision would repeat its steps."""
    if database.is_sqlite:
        with Turns(database.file).turn():
            yield
        return
    with database.engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:name)"), {"name": MIGRATING})
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:name)"), {"name": MIGRATING})
            connection.commit()
