"""Bringing a database up to date, by Alembic."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from server.kit.settings import Settings

FOLDER = Path(__file__).parents[1] / "migrations"


def config(url: str) -> Config:
    """Return Alembic's configuration for a database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


def upgrade(settings: Settings) -> None:
    """Apply every migration that is missing."""
    command.upgrade(config(settings.database_url), "head")
