"""kit: a key for each subject, reasons sealed, reads recorded with fields, role and purpose.

Every sealed field moves from the installation's one key to its subject's own. The audit chain runs over sealed reasons
from now on: the sealer chains all rows anew. Phones are found by the index key; paper codes, of which nothing but
a hash is known, have to be printed again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uuid_utils
from alembic import op
from sqlalchemy.dialects import postgresql

from server.kit import crypto

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTALLATION = UUID(int=0)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
# table → its fields that were sealed with the installation's key
SEALED = {
    "people_person": ("name", "phone", "tf_totp_secret"),
    "people_member": ("traits",),
    "needs_need": ("note",),
    "needs_line": ("text",),
    "deliveries_stop": ("door_code", "failure_note"),
    "market_order_line": ("text",),
    "kit_idempotency": ("answer",),
}
# table → its fields that were plain
PLAIN = {"kit_audit": ("why",), "flags_flag": ("ground", "ended_why")}
MUST = {"name", "traits", "text", "door_code", "ground"}
WITH_SUBJECT = ("needs_need", "needs_line", "needs_moment", "deliveries_stop", "market_order_line")

Row = Any
Whose = Callable[[Row], UUID]


def upgrade() -> None:
    op.create_table(
        "kit_subject_key",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("wrapped_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name=op.f("ck_kit_subject_key_destroyed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_subject_key")),
    )
    op.create_index(op.f("ix_kit_subject_key_subject_id"), "kit_subject_key", ["subject_id"])
    op.create_index(
        "uq_kit_subject_key_one_live",
        "kit_subject_key",
        ["subject_id"],
        unique=True,
        sqlite_where=sa.text("destroyed_at IS NULL"),
        postgresql_where=sa.text("destroyed_at IS NULL"),
    )
    op.create_table(
        "kit_read",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_kit_read_community_id")
        ),
        sa.ForeignKeyConstraint(["viewer_id"], ["people_person.id"], name=op.f("fk_kit_read_viewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kit_read")),
    )
    op.create_index(op.f("ix_kit_read_at"), "kit_read", ["at"])
    op.create_index(op.f("ix_kit_read_community_id"), "kit_read", ["community_id"])
    op.create_index("ix_kit_read_mine", "kit_read", ["community_id", "subject_id", "id"])
    # Columns are added one by one and no table is copied: others refer to these, and SQLite would not let them go.
    for table in WITH_SUBJECT:
        nobody = sa.text(f"'{INSTALLATION.hex}'")
        op.add_column(table, sa.Column("subject_id", sa.Uuid(), nullable=False, server_default=nobody))
    op.create_index(op.f("ix_needs_need_subject_id"), "needs_need", ["subject_id"])
    op.add_column("needs_moment", sa.Column("why", sa.Text(), nullable=True))
    op.add_column("kit_idempotency", sa.Column("about", JSON, nullable=False, server_default=sa.text("'[]'")))
    for table in ("people_code", "people_home_code", "people_password_try"):
        op.execute(sa.text(f"DELETE FROM {table}"))
    op.drop_column("people_code", "phone")
    _Mover(op.get_bind()).move_up()
    if op.get_bind().dialect.name == "postgresql":
        # From now on a row has to say whose it is; SQLite cannot take a default back without copying the table.
        for table in WITH_SUBJECT:
            op.alter_column(table, "subject_id", server_default=None)
    op.execute(sa.text("UPDATE kit_audit SET sealed_order = NULL, hash = NULL"))
    _drop_looks()


def downgrade() -> None:
    _make_looks()
    _Mover(op.get_bind()).move_down()
    op.execute(sa.text("UPDATE kit_audit SET sealed_order = NULL, hash = NULL"))
    for table in ("people_code", "people_home_code", "people_password_try"):
        op.execute(sa.text(f"DELETE FROM {table}"))
    op.add_column("people_code", sa.Column("phone", sa.Text(), nullable=False, server_default=""))
    op.drop_column("kit_idempotency", "about")
    op.drop_column("needs_moment", "why")
    op.drop_index(op.f("ix_needs_need_subject_id"), table_name="needs_need")
    for table in WITH_SUBJECT:
        op.drop_column(table, "subject_id")
    op.drop_index("ix_kit_read_mine", table_name="kit_read")
    op.drop_index(op.f("ix_kit_read_community_id"), table_name="kit_read")
    op.drop_index(op.f("ix_kit_read_at"), table_name="kit_read")
    op.drop_table("kit_read")
    op.drop_index("uq_kit_subject_key_one_live", table_name="kit_subject_key")
    op.drop_index(op.f("ix_kit_subject_key_subject_id"), table_name="kit_subject_key")
    op.drop_table("kit_subject_key")


def _drop_looks() -> None:
    looks, reads = _table("people_look", "what"), _table("kit_read", "role", "purpose", fields=JSON)
    for row in op.get_bind().execute(sa.select(looks)).mappings().all():
        said = {"role": "", "fields": ["name", "phone", "traits"], "purpose": "people"}
        kept = {key: row[key] for key in ("id", "community_id", "viewer_id", "subject_id", "at")}
        op.get_bind().execute(reads.insert().values(**kept, **said))
    op.drop_index(op.f("ix_people_look_subject_id"), table_name="people_look")
    op.drop_index(op.f("ix_people_look_community_id"), table_name="people_look")
    op.drop_table("people_look")


def _make_looks() -> None:
    op.create_table(
        "people_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("viewer_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_people_look_community_id")
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["people_person.id"], name=op.f("fk_people_look_subject_id")),
        sa.ForeignKeyConstraint(["viewer_id"], ["people_person.id"], name=op.f("fk_people_look_viewer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_look")),
    )
    op.create_index(op.f("ix_people_look_community_id"), "people_look", ["community_id"])
    op.create_index(op.f("ix_people_look_subject_id"), "people_look", ["subject_id"])
    op.execute(
        sa.text(
            "INSERT INTO people_look (id, community_id, viewer_id, subject_id, what, at)"
            " SELECT id, community_id, viewer_id, subject_id, 'household', at FROM kit_read"
            " WHERE purpose = 'people' AND subject_id IN (SELECT id FROM people_person)"
        )
    )


class _Mover:
    """Opens fields with the one key and seals them with the other, in either direction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.keys: dict[UUID, tuple[UUID, bytes]] = {}

    def move_up(self) -> None:
        whose = self._subjects()
        for table in WITH_SUBJECT:
            self._update(table, ("subject_id",), lambda row, of=whose[table]: {"subject_id": of(row)})
        for table, columns in SEALED.items():
            self._update(table, columns, self._resealed(table, columns, _open_old, whose[table]))
        for table, columns in PLAIN.items():
            self._update(
                table, columns, self._resealed(table, columns, lambda text, _where: text, whose[table])
            )
        self._update("needs_moment", ("facts", "why"), self._reason_out_of_facts(whose["needs_moment"]))
        self._index_phones(crypto.blind_index)

    def move_down(self) -> None:
        for row in self._rows("kit_subject_key"):
            if row["wrapped"] is not None:
                bound = f"{row['id']}\0{row['subject_id']}"
                self.keys[row["id"]] = (row["id"], crypto.unwrap(row["wrapped"], row["wrapped_by"], bound))
        self._index_phones(_old_blind_index)
        for table, columns in SEALED.items():
            self._update(table, columns, self._put_back(table, columns, _seal_old))
        for table, columns in PLAIN.items():
            self._update(table, columns, self._put_back(table, columns, lambda text, _where: text))
        self._update("needs_moment", ("facts", "why"), self._reason_into_facts)

    def _resealed(
        self, table: str, columns: tuple[str, ...], opened: Callable[[str, str], str], whose: Whose
    ) -> Callable[[Row], dict[str, Any]]:
        def change(row: Row) -> dict[str, Any]:
            return {
                column: self._seal(
                    whose(row), table, row["id"], column, opened(row[column], f"{table}.{column}")
                )
                for column in columns
                if row[column] is not None
            }

        return change

    def _put_back(
        self, table: str, columns: tuple[str, ...], closed: Callable[[str, str], str]
    ) -> Callable[[Row], dict[str, Any]]:
        def change(row: Row) -> dict[str, Any]:
            found = {}
            for column in columns:
                if row[column] is not None:
                    text = self._open(table, row["id"], column, row[column])
                    is_kept = text is not None or column in MUST
                    found[column] = closed(text or "", f"{table}.{column}") if is_kept else None
            return found

        return change

    def _reason_out_of_facts(self, whose: Whose) -> Callable[[Row], dict[str, Any]]:
        def change(row: Row) -> dict[str, Any]:
            facts = dict(row["facts"])
            if "why" not in facts:
                return {}
            why = self._seal(whose(row), "needs_moment", row["id"], "why", str(facts.pop("why")))
            return {"facts": facts, "why": why}

        return change

    def _reason_into_facts(self, row: Row) -> dict[str, Any]:
        if row["why"] is None:
            return {}
        why = self._open("needs_moment", row["id"], "why", row["why"])
        return {"facts": {**row["facts"], **({"why": why} if why else {})}}

    def _index_phones(self, index: Callable[[str, str], str]) -> None:
        def change(row: Row) -> dict[str, Any]:
            if row["phone"] is None:
                return {}
            phone = self._open("people_person", row["id"], "phone", row["phone"])
            return {"phone_index": index(phone, "phone") if phone else None}

        self._update("people_person", ("phone_index",), change)

    def _subjects(self) -> dict[str, Whose]:
        """Return for each table whose a row of it is."""
        homes: dict[UUID, list[UUID]] = {}
        home_of = {row["id"]: row["home_id"] for row in self._rows("people_household")}
        for row in sorted(self._rows("people_member"), key=lambda row: (row["joined_at"], row["id"])):
            homes.setdefault(home_of[row["household_id"]], []).append(row["person_id"])

        def of_home(home_id: UUID) -> UUID:
            return homes.get(home_id, [home_id])[0]

        def of_need(row: Row) -> UUID:
            is_own = row["posted_by"] in homes.get(row["home_id"], [])
            poster: UUID = row["posted_by"]
            return poster if is_own else of_home(row["home_id"])

        needs = {row["id"]: of_need(row) for row in self._rows("needs_need")}
        lines = {row["id"]: needs[row["need_id"]] for row in self._rows("needs_line")}
        helpers = {row["id"]: row["person_id"] for row in self._rows("helpers_helper")}

        def of_act(row: Row) -> UUID:
            kind, subject_id = row["subject_kind"], row["subject_id"]
            if kind in ("person", "home") and subject_id is not None:
                return UUID(str(subject_id))
            return {"need": needs, "helper": helpers}.get(kind, {}).get(subject_id, INSTALLATION)

        return {
            "people_person": lambda row: row["id"],
            "people_member": lambda row: row["person_id"],
            "needs_need": lambda row: needs[row["id"]],
            "needs_line": lambda row: lines[row["id"]],
            "needs_moment": lambda row: needs[row["need_id"]],
            "deliveries_stop": lambda row: of_home(row["home_id"]),
            "market_order_line": lambda row: lines[row["need_line_id"]],
            "flags_flag": lambda row: row["person_id"] or row["home_id"],
            "kit_audit": of_act,
            "kit_idempotency": lambda _row: INSTALLATION,
        }

    def _seal(self, subject_id: UUID, table: str, row_id: UUID, column: str, text: str) -> str:
        if subject_id not in self.keys:
            self.keys[subject_id] = self._new_key(subject_id)
        key_id, key = self.keys[subject_id]
        bound = f"{table}\0{row_id}\0{column}\0{key_id}"
        return base64.b64encode(key_id.bytes + crypto.encrypt(key, text.encode(), bound)).decode()

    def _open(self, table: str, row_id: UUID, column: str, sealed: str) -> str | None:
        raw = base64.b64decode(sealed)
        key_id = UUID(bytes=raw[:16])
        keys = dict(self.keys.values())
        if key_id not in keys:
            return None  # Erased.
        return crypto.decrypt(keys[key_id], raw[16:], f"{table}\0{row_id}\0{column}\0{key_id}").decode()

    def _new_key(self, subject_id: UUID) -> tuple[UUID, bytes]:
        key_id, key = UUID(int=uuid_utils.uuid7().int), os.urandom(crypto.KEY_BYTES)
        wrapped, wrapped_by = crypto.wrap(key, f"{key_id}\0{subject_id}")
        table = _table(
            "kit_subject_key", "wrapped_by", wrapped=sa.LargeBinary(), made_at=sa.DateTime(timezone=True)
        )
        self.connection.execute(
            table.insert().values(
                id=key_id,
                subject_id=subject_id,
                wrapped=wrapped,
                wrapped_by=wrapped_by,
                made_at=datetime.now(UTC),
            )
        )
        return key_id, key

    def _rows(self, name: str) -> Iterator[Row]:
        table = sa.Table(
            name, sa.MetaData(), autoload_with=self.connection, listeners=[("column_reflect", _typed)]
        )
        yield from self.connection.execute(sa.select(table)).mappings().all()

    def _update(self, name: str, columns: tuple[str, ...], change: Callable[[Row], dict[str, Any]]) -> None:
        table = sa.Table(
            name, sa.MetaData(), autoload_with=self.connection, listeners=[("column_reflect", _typed)]
        )
        for row in self.connection.execute(sa.select(table)).mappings().all():
            values = change(row)
            if values:
                assert set(values) <= set(columns)
                self.connection.execute(table.update().where(table.c.id == row["id"]).values(**values))


def _typed(_inspector: Any, _table: Any, column: dict[str, Any]) -> None:
    """SQLite does not say that 32 characters are an id: names of columns do."""
    name = column["name"]
    if name == "id" or (name.endswith(("_id", "_by")) and name != "wrapped_by"):
        column["type"] = sa.Uuid()


def _table(name: str, *texts: str, **typed: Any) -> sa.TableClause:
    ids = [sa.column(column, sa.Uuid()) for column in ("id", "community_id", "viewer_id", "subject_id")]
    if name == "kit_subject_key":
        ids = [sa.column(column, sa.Uuid()) for column in ("id", "subject_id")]
    if name != "kit_subject_key":
        typed = {**typed, "at": sa.DateTime(timezone=True)}
    return sa.table(
        name,
        *ids,
        *(sa.column(column, sa.String()) for column in texts),
        *(sa.column(column, kind) for column, kind in typed.items()),
    )


def _old_key() -> bytes:
    # The key that wraps from now on was the one that sealed everything.
    return crypto._wrapping_key(crypto.newest_wrapping_key())


def _open_old(sealed: str, bound_to: str) -> str:
    return crypto.decrypt(_old_key(), base64.b64decode(sealed), bound_to).decode()


def _seal_old(text: str, bound_to: str) -> str:
    return base64.b64encode(crypto.encrypt(_old_key(), text.encode(), bound_to)).decode()


def _old_blind_index(text: str, purpose: str) -> str:
    return hmac.new(_old_key(), f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
