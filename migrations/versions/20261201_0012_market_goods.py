"""market: what goods are, limits per home, prices and counts over time, the life of a shop, goods by weight."""

from __future__ import annotations

import unicodedata
import uuid

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
CHANGE, ALLOWANCE = "market_item_change", "market_allowance"


def upgrade() -> None:
    _make_tables()
    with op.batch_alter_table("market_item") as batch:
        batch.add_column(sa.Column("category", sa.String(length=20), nullable=True))
        batch.add_column(sa.Column("allergens", JSON, nullable=True))
        batch.add_column(sa.Column("storage", sa.String(length=10), nullable=True))
        batch.add_column(sa.Column("barcode", sa.String(length=14), nullable=True))
        batch.add_column(sa.Column("tolerance_percent", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("limit_most", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("limit_days", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("photo_ref", sa.String(length=60), nullable=True))
        batch.add_column(sa.Column("search_text", sa.Text(), nullable=True))
    with op.batch_alter_table("market_merchant") as batch:
        batch.add_column(sa.Column("state", sa.String(length=12), nullable=True))
        batch.add_column(sa.Column("licence", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("applied_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("checked_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("why", sa.Text(), nullable=True))
    with op.batch_alter_table("market_order_line") as batch:
        batch.add_column(sa.Column("allowance_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("unit_g", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("picked_g", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("settled_fen", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("most_fen", sa.BigInteger(), nullable=True))
    _fill()
    _guard()


def _make_tables() -> None:
    op.create_table(
        CHANGE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("price_fen", sa.Integer(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=12), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "item_id"],
            ["market_item.community_id", "market_item.id"],
            name=op.f("fk_market_item_change_community_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_market_item_change_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_item_change")),
    )
    op.create_index(op.f("ix_market_item_change_community_id"), CHANGE, ["community_id"])
    op.create_index("ix_market_item_change_of", CHANGE, ["community_id", "item_id", "at"])
    op.create_table(
        ALLOWANCE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0 AND taken <= most", name=op.f("ck_market_allowance_within")),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_market_allowance_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "item_id"],
            ["market_item.community_id", "market_item.id"],
            name=op.f("fk_market_allowance_community_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_market_allowance_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_allowance")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_market_allowance_community_id_id")),
        sa.UniqueConstraint(
            "community_id", "item_id", "home_id", "window_from", "days", name="uq_market_allowance_window"
        ),
    )
    op.create_index(op.f("ix_market_allowance_community_id"), ALLOWANCE, ["community_id"])
    op.create_index(op.f("ix_market_allowance_home_id"), ALLOWANCE, ["home_id"])


def _fill() -> None:
    """What is there already: shops are checked, goods are other goods by the piece, and their history begins."""
    connection = op.get_bind()
    item = sa.table(
        "market_item",
        *(sa.column(name, sa.Uuid()) for name in ("id", "community_id")),
        *(sa.column(name) for name in ("name", "name_en", "price_fen", "on_hand", "category", "storage")),
        sa.column("as_of", sa.DateTime(timezone=True)),
        sa.column("allergens", JSON),
        sa.column("search_text"),
    )
    change = sa.table(
        CHANGE,
        *(sa.column(name, sa.Uuid()) for name in ("id", "community_id", "item_id")),
        *(sa.column(name) for name in ("price_fen", "on_hand", "cause")),
        sa.column("at", sa.DateTime(timezone=True)),
    )
    connection.execute(item.update().values(category="other", storage="ambient", allergens=[]))
    for row in connection.execute(sa.select(item)).mappings().all():
        words = unicodedata.normalize("NFKC", f"{row['name']} {row['name_en']}").casefold().split()
        connection.execute(item.update().where(item.c.id == row["id"]).values(search_text=" ".join(words)))
        connection.execute(
            change.insert().values(
                id=uuid.uuid4(),
                community_id=row["community_id"],
                item_id=row["id"],
                price_fen=row["price_fen"],
                on_hand=row["on_hand"],
                cause="stocked",
                at=row["as_of"],
            )
        )
    op.execute(
        "UPDATE market_merchant SET licence = '', checked_at = registered_at,"
        " state = CASE WHEN is_open THEN 'open' ELSE 'checked' END"
    )
    op.execute("UPDATE market_order_line SET most_fen = CAST(price_fen AS BIGINT) * quantity")


def _guard() -> None:
    with op.batch_alter_table("market_item") as batch:
        for name, kind in (
            ("category", sa.String(length=20)),
            ("allergens", JSON),
            ("storage", sa.String(length=10)),
            ("search_text", sa.Text()),
        ):
            batch.alter_column(name, existing_type=kind, nullable=False)
        batch.create_unique_constraint(
            op.f("uq_market_item_community_id_merchant_id_barcode"),
            ["community_id", "merchant_id", "barcode"],
        )
        batch.create_check_constraint(
            op.f("ck_market_item_limit"),
            "(limit_most IS NULL) = (limit_days IS NULL) AND limit_most > 0 AND limit_days > 0",
        )
        batch.create_check_constraint(
            op.f("ck_market_item_weighed"), "tolerance_percent BETWEEN 0 AND 30 AND weight_g > 0"
        )
    with op.batch_alter_table("market_merchant") as batch:
        batch.alter_column("state", existing_type=sa.String(length=12), nullable=False)
        batch.alter_column("licence", existing_type=sa.String(length=40), nullable=False)
        batch.create_unique_constraint(
            op.f("uq_market_merchant_community_id_applied_by"), ["community_id", "applied_by"]
        )
        for name in ("applied_by", "checked_by"):
            batch.create_foreign_key(op.f(f"fk_market_merchant_{name}"), "people_person", [name], ["id"])
        batch.create_check_constraint(
            op.f("ck_market_merchant_state"),
            "state IN ('applied', 'checked', 'open', 'refused', 'suspended')",
        )
        batch.create_check_constraint(
            op.f("ck_market_merchant_checked"),
            "(state IN ('checked', 'open')) = (checked_at IS NOT NULL)",
        )
        batch.drop_column("is_open")
    with op.batch_alter_table("market_order_line") as batch:
        batch.alter_column("most_fen", existing_type=sa.BigInteger(), nullable=False)
        batch.create_index(op.f("ix_market_order_line_allowance_id"), ["allowance_id"])
        batch.create_foreign_key(
            op.f("fk_market_order_line_community_id_allowance_id"),
            ALLOWANCE,
            ["community_id", "allowance_id"],
            ["community_id", "id"],
        )
        batch.create_check_constraint(
            op.f("ck_market_order_line_weighed_once"), "(picked_g IS NULL) = (settled_fen IS NULL)"
        )
        batch.create_check_constraint(
            op.f("ck_market_order_line_tolerance"),
            "settled_fen >= 0 AND settled_fen <= most_fen AND picked_g > 0",
        )
    # The history is append-only, whoever writes.
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER market_item_change_append_only_{act.lower()} BEFORE {act} ON market_item_change"
                " BEGIN SELECT RAISE(ABORT, 'market_item_change is append-only'); END"
            )
    else:
        op.execute(
            "CREATE OR REPLACE FUNCTION market_item_change_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'market_item_change is append-only' USING ERRCODE = '23514'; END $$"
        )
        op.execute(
            "CREATE TRIGGER market_item_change_append_only BEFORE UPDATE OR DELETE ON market_item_change"
            " FOR EACH ROW EXECUTE FUNCTION market_item_change_append_only()"
        )


def downgrade() -> None:
    with op.batch_alter_table("market_order_line") as batch:
        batch.drop_constraint(op.f("ck_market_order_line_tolerance"), type_="check")
        batch.drop_constraint(op.f("ck_market_order_line_weighed_once"), type_="check")
        batch.drop_constraint(op.f("fk_market_order_line_community_id_allowance_id"), type_="foreignkey")
        batch.drop_index(op.f("ix_market_order_line_allowance_id"))
        for name in ("most_fen", "settled_fen", "picked_g", "unit_g", "allowance_id"):
            batch.drop_column(name)
    with op.batch_alter_table("market_merchant") as batch:
        batch.add_column(sa.Column("is_open", sa.Boolean(), nullable=True))
    op.execute("UPDATE market_merchant SET is_open = (state = 'open')")
    with op.batch_alter_table("market_merchant") as batch:
        batch.alter_column("is_open", existing_type=sa.Boolean(), nullable=False)
        for name in ("checked", "state"):
            batch.drop_constraint(op.f(f"ck_market_merchant_{name}"), type_="check")
        for name in ("applied_by", "checked_by"):
            batch.drop_constraint(op.f(f"fk_market_merchant_{name}"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_market_merchant_community_id_applied_by"), type_="unique")
        for name in ("why", "checked_at", "checked_by", "applied_by", "licence", "state"):
            batch.drop_column(name)
    with op.batch_alter_table("market_item") as batch:
        for name in ("weighed", "limit"):
            batch.drop_constraint(op.f(f"ck_market_item_{name}"), type_="check")
        batch.drop_constraint(op.f("uq_market_item_community_id_merchant_id_barcode"), type_="unique")
        for name in (
            *("search_text", "photo_ref", "limit_days", "limit_most", "tolerance_percent", "barcode"),
            *("storage", "allergens", "category"),
        ):
            batch.drop_column(name)
    op.drop_table(ALLOWANCE)
    op.drop_table(CHANGE)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION market_item_change_append_only()")
