"""A rest in a shift, a route's breaks and work, and the choice of gates.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    with op.batch_alter_table("helpers_shift") as batch:
        batch.add_column(sa.Column("rest_from_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("rest_until_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("rest_s", sa.Integer(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_helpers_shift_whole_rest"),
            "(rest_s IS NULL) = (rest_from_at IS NULL) AND (rest_s IS NULL) = (rest_until_at IS NULL)",
        )
        batch.create_check_constraint(op.f("ck_helpers_shift_rest_length"), "rest_s BETWEEN 300 AND 7200")
        batch.create_check_constraint(
            op.f("ck_helpers_shift_rest_within"),
            "rest_from_at >= from_at AND rest_until_at >= rest_from_at AND rest_until_at < until_at",
        )
    with op.batch_alter_table("deliveries_route") as batch:
        batch.add_column(sa.Column("breaks", JSON, nullable=False, server_default="[]"))
        batch.add_column(sa.Column("work_s", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(op.f("ck_deliveries_route_work"), "work_s >= 0")
    with op.batch_alter_table("deliveries_route") as batch:
        batch.alter_column("breaks", server_default=None)
        batch.alter_column("work_s", server_default=None)
    op.create_table(
        "deliveries_gate_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("guards", sa.Integer(), nullable=False),
        sa.Column("people_per_hour", sa.Integer(), nullable=False),
        sa.Column("stay_open", JSON, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", JSON, nullable=False),
        sa.Column("is_outdated", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "state IN ('looking', 'found', 'failed')", name=op.f("ck_deliveries_gate_choice_state")
        ),
        sa.CheckConstraint("guards BETWEEN 1 AND 100", name=op.f("ck_deliveries_gate_choice_guards")),
        sa.CheckConstraint(
            "people_per_hour BETWEEN 10 AND 2000", name=op.f("ck_deliveries_gate_choice_people_per_hour")
        ),
        sa.CheckConstraint(
            "(state = 'looking') = (answered_at IS NULL)", name=op.f("ck_deliveries_gate_choice_answered")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"],
            ["communities_community.id"],
            name=op.f("fk_deliveries_gate_choice_community_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries_gate_choice")),
        sa.UniqueConstraint("community_id", name=op.f("uq_deliveries_gate_choice_community_id")),
    )
    op.create_index(
        op.f("ix_deliveries_gate_choice_community_id"),
        "deliveries_gate_choice",
        ["community_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_table("deliveries_gate_choice")
    with op.batch_alter_table("deliveries_route") as batch:
        batch.drop_constraint(op.f("ck_deliveries_route_work"), type_="check")
        batch.drop_column("work_s")
        batch.drop_column("breaks")
    with op.batch_alter_table("helpers_shift") as batch:
        for name in ("whole_rest", "rest_length", "rest_within"):
            batch.drop_constraint(op.f(f"ck_helpers_shift_{name}"), type_="check")
        for name in ("rest_s", "rest_until_at", "rest_from_at"):
            batch.drop_column(name)
