"""The migrations make the tables that the models describe, and take them away again."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

import server.installed  # noqa: F401  # so that every table is known
from server import migrating
from server.kit.db import Base, Database


def test_migrations_up_and_down(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'linli.db'}"
    command.upgrade(migrating.config(url), "head")
    database = Database(url)
    with database.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert differences == []
    command.downgrade(migrating.config(url), "base")
    assert inspect(database.engine).get_table_names() == ["alembic_version"]
    database.engine.dispose()
