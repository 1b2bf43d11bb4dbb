"""Alembic's environment: one linear history for core and modules, on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import JSON

import server.installed  # noqa: F401  # so that every table is known
from server.kit.db import Base, Database, UtcDateTime


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write plain column types: a migration must not change when our own types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


database = Database(context.config.get_main_option("sqlalchemy.url") or "")

with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=False,
        render_item=render_item,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
database.engine.dispose()
