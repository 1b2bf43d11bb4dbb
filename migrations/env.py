"""Alembic's environment: one linear history for core and modules, on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context

import server.installed  # noqa: F401  # so that every table is known
from server.kit.db import Base, Database

database = Database(context.config.get_main_option("sqlalchemy.url") or "")

with database.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=False,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
database.engine.dispose()
