"""zones: lists, their rows, zones, homes in them and appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "zones_list",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("other_names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("hands", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("imported_by", sa.Uuid(), nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_why", sa.String(length=500), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_why", sa.String(length=500), nullable=False),
        sa.CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name=op.f("ck_zones_list_ended")),
        sa.CheckConstraint("ended_by IS NULL OR ended_why <> ''", name=op.f("ck_zones_list_named_end")),
        sa.CheckConstraint(
            "state IN ('draft', 'waiting', 'in_force', 'ended', 'dropped')", name=op.f("ck_zones_list_state")
        ),
        sa.CheckConstraint(
            "state NOT IN ('in_force', 'ended') OR (approved_by IS NOT NULL AND approved_why <> '')",
            name=op.f("ck_zones_list_approved"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('waiting', 'in_force', 'ended') OR (confirmed_by IS NOT NULL AND until_on IS NOT NULL AND reason <> '' AND legal_basis <> '')",
            name=op.f("ck_zones_list_proposed"),
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR (approved_by <> confirmed_by AND approved_by <> imported_by)",
            name=op.f("ck_zones_list_two_people"),
        ),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["people_person.id"], name=op.f("fk_zones_list_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_zones_list_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by"], ["people_person.id"], name=op.f("fk_zones_list_confirmed_by")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["people_person.id"], name=op.f("fk_zones_list_ended_by")),
        sa.ForeignKeyConstraint(
            ["imported_by"], ["people_person.id"], name=op.f("fk_zones_list_imported_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones_list")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_zones_list_community_id_id")),
    )
    op.create_index(op.f("ix_zones_list_community_id"), "zones_list", ["community_id"], unique=False)

    op.create_table(
        "zones_row",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=600), nullable=False),
        sa.Column("district", sa.String(length=40), nullable=False),
        sa.Column("street", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("parts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("doubts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("column_doubts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("doors", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.String(length=500), nullable=False),
        sa.CheckConstraint("level IN ('high', 'mid', 'low', 'managed')", name=op.f("ck_zones_row_level")),
        sa.CheckConstraint(
            "state IN ('understood', 'review', 'elsewhere', 'settled', 'dismissed', 'over')",
            name=op.f("ck_zones_row_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('settled', 'dismissed') OR (decided_by IS NOT NULL AND decided_why <> '')",
            name=op.f("ck_zones_row_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('understood', 'settled') OR level IS NOT NULL", name=op.f("ck_zones_row_has_level")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "list_id"],
            ["zones_list.community_id", "zones_list.id"],
            name=op.f("fk_zones_row_community_id_list_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_zones_row_community_id")
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["people_person.id"], name=op.f("fk_zones_row_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones_row")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_zones_row_community_id_id")),
        sa.UniqueConstraint("list_id", "line", name=op.f("uq_zones_row_list_id_line")),
    )
    op.create_index(op.f("ix_zones_row_community_id"), "zones_row", ["community_id"], unique=False)
    op.create_index("ix_zones_row_state", "zones_row", ["list_id", "state", "line"], unique=False)

    op.create_table(
        "zones_zone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("entrance_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_why", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "ended_by IS NULL OR (ended_at IS NOT NULL AND ended_why <> '')",
            name=op.f("ck_zones_zone_named_end"),
        ),
        sa.CheckConstraint("level IN ('high', 'mid', 'low', 'managed')", name=op.f("ck_zones_zone_level")),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_zones_zone_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["community_id", "entrance_id"],
            ["places_entrance.community_id", "places_entrance.id"],
            name=op.f("fk_zones_zone_community_id_entrance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "list_id"],
            ["zones_list.community_id", "zones_list.id"],
            name=op.f("fk_zones_zone_community_id_list_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_zones_zone_community_id")
        ),
        sa.ForeignKeyConstraint(["ended_by"], ["people_person.id"], name=op.f("fk_zones_zone_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones_zone")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_zones_zone_community_id_id")),
        sa.UniqueConstraint(
            "list_id",
            "entrance_id",
            "level",
            "from_at",
            name=op.f("uq_zones_zone_list_id_entrance_id_level_from_at"),
        ),
    )
    op.create_index(op.f("ix_zones_zone_community_id"), "zones_zone", ["community_id"], unique=False)
    op.create_index(op.f("ix_zones_zone_entrance_id"), "zones_zone", ["entrance_id"], unique=False)
    op.create_index(
        "ix_zones_zone_standing", "zones_zone", ["community_id", "ended_at", "until_at"], unique=False
    )

    op.create_table(
        "zones_home",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("zone_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_zones_home_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "zone_id"],
            ["zones_zone.community_id", "zones_zone.id"],
            name=op.f("fk_zones_home_community_id_zone_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_zones_home_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones_home")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_zones_home_community_id_id")),
        sa.UniqueConstraint("zone_id", "home_id", name=op.f("uq_zones_home_zone_id_home_id")),
    )
    op.create_index(op.f("ix_zones_home_community_id"), "zones_home", ["community_id"], unique=False)
    op.create_index(op.f("ix_zones_home_home_id"), "zones_home", ["home_id"], unique=False)

    op.create_table(
        "zones_appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("zone_home_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (decided_by IS NULL)", name=op.f("ck_zones_appeal_decided")),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused')", name=op.f("ck_zones_appeal_state")),
        sa.ForeignKeyConstraint(
            ["community_id", "zone_home_id"],
            ["zones_home.community_id", "zones_home.id"],
            name=op.f("fk_zones_appeal_community_id_zone_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_zones_appeal_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people_person.id"], name=op.f("fk_zones_appeal_decided_by")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_zones_appeal_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_zones_appeal")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_zones_appeal_community_id_id")),
    )
    op.create_index(op.f("ix_zones_appeal_community_id"), "zones_appeal", ["community_id"], unique=False)
    op.create_index(
        "uq_zones_appeal_one_open",
        "zones_appeal",
        ["zone_home_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def downgrade() -> None:
    for table in ("zones_appeal", "zones_home", "zones_zone", "zones_row", "zones_list"):
        op.drop_table(table)
