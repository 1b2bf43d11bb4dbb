"""Bringing a database up to date, by Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

import server.installed  # noqa: F401  # so that every table is known
from server.kit import crypto, row_security
from server.kit.db import Base, Database
from server.kit.settings import Settings

FOLDER = Path(__file__).parents[1] / "migrations"


def config(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(settings: Settings) -> None:
    """Apply every migration that is missing; on PostgreSQL let it keep communities apart.

    Raises UnsafeSettings if the database's user may not make what that takes.
    """
    # A migration that changes how fields are sealed has to open them.
    crypto.use_keys(settings.field_key, settings.index_key, older=settings.older_field_keys)
    command.upgrade(config(settings.database_url), "head")
    database = Database(settings.database_url)
    try:
        if not database.is_sqlite:
            row_security.install(database.engine, Base.metadata)
    finally:
        database.engine.dispose()
