"""Alembic's environment: one linear history for core and modules, on SQLite and PostgreSQL."""

from __future__ import annotations

from collections import Counter

from alembic import context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Connection

import server.installed  # noqa: F401  # so that every table is known
from server.kit.db import Base, Database, UtcDateTime


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write plain column types: a migration must not change when our own types do."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def broken_references(connection: Connection | None) -> Counter[tuple[str, str]]:
    """Count the rows of each table that refer to nothing in another one; on PostgreSQL there can be none."""
    if connection is None or connection.dialect.name != "sqlite":
        return Counter()
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check")
    return Counter((table, parent) for table, _, parent, _ in rows)


def check_references(*, ctx: MigrationContext, **_: object) -> None:
    """Raise if a step has left rows that refer to nothing: with SQLite's own check off, nobody else would notice."""
    # What was so before is not the step's doing: a house shall not be kept from a new release by it.
    for (table, parent), count in broken_references(ctx.connection).items():
        if count > broken_before[table, parent]:
            raise RuntimeError(f"rows of {table} refer to none of {parent} after this step: {count}")


database = Database(context.config.get_main_option("sqlalchemy.url") or "")

with database.engine.connect() as connection:
    if database.is_sqlite:
        # A table is changed by a copy that takes its place; rows that refer to the old one would stop that.
        # The check can be switched outside of a transaction alone, hence past SQLAlchemy, which begins one.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
    broken_before = broken_references(connection)
    connection.rollback()
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=False,
        render_item=render_item,
        transaction_per_migration=True,
        on_version_apply=[check_references],
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
database.engine.dispose()
