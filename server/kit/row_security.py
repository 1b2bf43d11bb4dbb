"""PostgreSQL keeps communities apart by itself: a query that forgets its community finds nothing of the others.

Every transaction takes a role that does not own the tables and says whose rows it is about (``tenancy.scope``). The
policies are made with the tables, when a database is brought up to date; nothing can forget them.
"""

from __future__ import annotations

from sqlalchemy import Connection, Engine, MetaData, Table, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from server.kit.settings import UnsafeSettings

ROLE = "linli_app"
POLICY = "own_community"
LOCK = 0x11A12
_MAKE_ROLE = f"""
DO $$ BEGIN
  IF to_regrole('{ROLE}') IS NULL THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
  IF NOT pg_has_role('{ROLE}', CASE WHEN current_setting('server_version_num')::int < 160000
    THEN 'MEMBER' ELSE 'SET' END) THEN GRANT {ROLE} TO CURRENT_USER; END IF;
END $$;
"""
_GRANT = f"""
GRANT USAGE ON SCHEMA public TO {ROLE};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE};
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {ROLE};
"""
_ENTER = text(f"SELECT set_config('role', '{ROLE}', true), set_config('linli.community', :scope, true)")


def enter(session: Session, scope: str) -> None:
    """Give up the owner's rights until the transaction ends. ``scope``: a community's id, or "*" for all."""
    session.execute(_ENTER, {"scope": scope})


def tenant_tables(metadata: MetaData) -> list[Table]:
    """Return the tables whose rows belong to one community each."""
    return [table for table in metadata.sorted_tables if _is_tenant(table)]


def install(engine: Engine, metadata: MetaData) -> None:
    """Make the role, its rights and the policies that are missing; for the owner of the tables.

    Raises UnsafeSettings, with what to type, if the database's user may not make roles.
    """
    try:
        with engine.begin() as connection:
            # Two machines may bring the database up to date at once.
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
            connection.execute(text(_MAKE_ROLE))
            connection.execute(text(_GRANT))
            _make_policies(connection, metadata)
    except ProgrammingError as error:
        if "permission denied" not in str(error.orig):
            raise
        raise UnsafeSettings(
            f"The database's user may not make the role {ROLE}. As its administrator, run once:"
            f' CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO "{engine.url.username}"'
        ) from None


def refuse_without(engine: Engine, metadata: MetaData) -> None:
    """Raise UnsafeSettings if a table of this database would show one community's rows to another.

    A database without tables is none of our business yet.
    """
    names = [table.name for table in tenant_tables(metadata)]
    with engine.begin() as connection:
        if connection.scalar(text("SELECT to_regrole(:role)"), {"role": ROLE}) is not None:
            connection.execute(_ENTER, {"scope": "*"})
        open_to_all = connection.scalars(
            text("SELECT relname FROM pg_class WHERE relname = ANY(:names) AND NOT row_security_active(oid)"),
            {"names": names},
        ).all()
    if open_to_all:
        raise UnsafeSettings(
            f"{len(open_to_all)} tables of the database do not keep communities apart ({open_to_all[0]}, …):"
            " run linli migrate."
        )


def _make_policies(connection: Connection, metadata: MetaData) -> None:
    known = set(
        connection.scalars(
            text("SELECT tablename FROM pg_policies WHERE policyname = :name"), {"name": POLICY}
        )
    )
    for table in tenant_tables(metadata):
        if table.name in known:
            continue
        connection.execute(text(f'ALTER TABLE "{table.name}" ENABLE ROW LEVEL SECURITY'))
        connection.execute(
            text(
                f'CREATE POLICY {POLICY} ON "{table.name}" USING'
                " (current_setting('linli.community', true) IN ('*', community_id::text))"
            )
        )


def _is_tenant(table: Table) -> bool:
    column = table.columns.get("community_id")
    return column is not None and not column.nullable and bool(column.foreign_keys)
