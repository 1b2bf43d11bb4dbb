"""tracing: cases and their candidates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tracing_case",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False),
        sa.CheckConstraint("number <> ''", name=op.f("ck_tracing_case_has_number")),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_tracing_case_window")),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_tracing_case_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_tracing_case_community_id")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["people_person.id"], name=op.f("fk_tracing_case_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracing_case")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_tracing_case_community_id_id")),
    )
    op.create_index(op.f("ix_tracing_case_community_id"), "tracing_case", ["community_id"])
    op.create_table(
        "tracing_candidate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overlaps", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state IN ('found', 'confirmed', 'dismissed')", name=op.f("ck_tracing_candidate_state")
        ),
        sa.CheckConstraint(
            "(state = 'found') = (decided_by IS NULL)", name=op.f("ck_tracing_candidate_decided")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "case_id"],
            ["tracing_case.community_id", "tracing_case.id"],
            name=op.f("fk_tracing_candidate_community_id_case_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_tracing_candidate_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_tracing_candidate_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people_person.id"], name=op.f("fk_tracing_candidate_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tracing_candidate")),
        sa.UniqueConstraint("case_id", "home_id", name=op.f("uq_tracing_candidate_case_id_home_id")),
    )
    op.create_index(op.f("ix_tracing_candidate_community_id"), "tracing_candidate", ["community_id"])
    op.create_index(op.f("ix_tracing_candidate_case_id"), "tracing_candidate", ["case_id"])


def downgrade() -> None:
    op.drop_table("tracing_candidate")
    op.drop_table("tracing_case")
