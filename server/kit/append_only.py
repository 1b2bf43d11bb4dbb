"""Tables whose rows nobody changes or deletes: the database itself refuses, whoever writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, event

from server.kit.db import Base


def guards(table: str, dialect: str) -> tuple[str, ...]:
    """Return the statements that make a table append-only."""
    name = f"{table}_append_only"
    if dialect == "sqlite":
        return tuple(
            f"CREATE TRIGGER {name}_{act.lower()} BEFORE {act} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for act in ("UPDATE", "DELETE")
        )
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$"
        f" BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = '23514'; END $$",
        f"CREATE TRIGGER {name} BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    )


def append_only(model: type[Base]) -> None:
    """Guard the model's table where tables are made without migrations (tests); migrations say it themselves."""

    def guard(table: Table, connection: Connection, **_: Any) -> None:
        for statement in guards(table.name, connection.dialect.name):
            connection.exec_driver_sql(statement)

    event.listen(model.__table__, "after_create", guard)
