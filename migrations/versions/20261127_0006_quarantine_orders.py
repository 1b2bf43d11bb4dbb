"""quarantine: orders, checks, tasks of missed ones, referrals, violations, appeals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:

    op.create_table(
        "quarantine_bulk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("homes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)", name=op.f("ck_quarantine_bulk_decided")
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused')", name=op.f("ck_quarantine_bulk_state")
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> proposed_by", name=op.f("ck_quarantine_bulk_two_people")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_bulk_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people_person.id"], name=op.f("fk_quarantine_bulk_decided_by")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"], ["people_person.id"], name=op.f("fk_quarantine_bulk_proposed_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_bulk")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_bulk_community_id_id")),
    )
    with op.batch_alter_table("quarantine_bulk", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_bulk_community_id"), ["community_id"], unique=False)

    op.create_table(
        "quarantine_settings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("settings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_settings_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_settings")),
        sa.UniqueConstraint("community_id", name=op.f("uq_quarantine_settings_community_id")),
    )
    with op.batch_alter_table("quarantine_settings", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quarantine_settings_community_id"), ["community_id"], unique=False
        )

    op.create_table(
        "quarantine_order",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("bulk_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("legal_basis", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("flag_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("food_days", sa.Integer(), nullable=True),
        sa.Column("medicine_days", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("supply_owner_id", sa.Uuid(), nullable=True),
        sa.Column("signed_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_off_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("end_ground", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state = 'active' OR (ended_at IS NOT NULL AND ended_by IS NOT NULL AND end_ground IS NOT NULL)",
            name=op.f("ck_quarantine_order_named_end"),
        ),
        sa.CheckConstraint(
            "state IN ('active', 'released', 'withdrawn')", name=op.f("ck_quarantine_order_state")
        ),
        sa.CheckConstraint(
            "signed_off_at IS NULL OR supply_owner_id IS NOT NULL",
            name=op.f("ck_quarantine_order_supply_has_owner"),
        ),
        sa.CheckConstraint("until_at > started_at", name=op.f("ck_quarantine_order_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["community_id", "bulk_id"],
            ["quarantine_bulk.community_id", "quarantine_bulk.id"],
            name=op.f("fk_quarantine_order_community_id_bulk_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_quarantine_order_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_order_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["ended_by"], ["people_person.id"], name=op.f("fk_quarantine_order_ended_by")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by"], ["people_person.id"], name=op.f("fk_quarantine_order_issued_by")
        ),
        sa.ForeignKeyConstraint(
            ["supply_owner_id"], ["people_person.id"], name=op.f("fk_quarantine_order_supply_owner_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_order")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_order_community_id_id")),
    )
    with op.batch_alter_table("quarantine_order", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_order_community_id"), ["community_id"], unique=False)
        batch_op.create_index(
            "uq_quarantine_order_one_active",
            ["community_id", "home_id"],
            unique=True,
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )

    op.create_table(
        "quarantine_appeal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state = 'open') = (decided_by IS NULL)", name=op.f("ck_quarantine_appeal_decided")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'granted', 'refused')", name=op.f("ck_quarantine_appeal_state")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["quarantine_order.community_id", "quarantine_order.id"],
            name=op.f("fk_quarantine_appeal_community_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_appeal_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people_person.id"], name=op.f("fk_quarantine_appeal_decided_by")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["people_person.id"], name=op.f("fk_quarantine_appeal_made_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_appeal")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_appeal_community_id_id")),
    )
    with op.batch_alter_table("quarantine_appeal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_appeal_community_id"), ["community_id"], unique=False)
        batch_op.create_index(
            "uq_quarantine_appeal_one_open",
            ["order_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "quarantine_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("second_of", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("how", sa.String(length=8), nullable=True),
        sa.Column("is_alarming", sa.Boolean(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("temperature", sa.Text(), nullable=True),
        sa.Column("symptoms", sa.Text(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_quarantine_check_done")),
        sa.CheckConstraint("state IN ('due', 'done', 'missed')", name=op.f("ck_quarantine_check_state")),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["quarantine_order.community_id", "quarantine_order.id"],
            name=op.f("fk_quarantine_check_community_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "second_of"],
            ["quarantine_check.community_id", "quarantine_check.id"],
            name=op.f("fk_quarantine_check_community_id_second_of"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_check_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"], ["people_person.id"], name=op.f("fk_quarantine_check_entered_by")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people_person.id"], name=op.f("fk_quarantine_check_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_check")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_check_community_id_id")),
        sa.UniqueConstraint(
            "order_id", "person_id", "due_at", name=op.f("uq_quarantine_check_order_id_person_id_due_at")
        ),
        sa.UniqueConstraint("second_of", name=op.f("uq_quarantine_check_second_of")),
    )
    with op.batch_alter_table("quarantine_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_check_community_id"), ["community_id"], unique=False)
        batch_op.create_index("ix_quarantine_check_state", ["community_id", "state", "due_at"], unique=False)

    op.create_table(
        "quarantine_violation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=8), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("step IN ('warn', 'report')", name=op.f("ck_quarantine_violation_step")),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people_person.id"], name=op.f("fk_quarantine_violation_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["quarantine_order.community_id", "quarantine_order.id"],
            name=op.f("fk_quarantine_violation_community_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_violation_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_violation")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_violation_community_id_id")),
        sa.UniqueConstraint("order_id", "step", name=op.f("uq_quarantine_violation_order_id_step")),
    )
    with op.batch_alter_table("quarantine_violation", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quarantine_violation_community_id"), ["community_id"], unique=False
        )

    op.create_table(
        "quarantine_referral",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["people_person.id"], name=op.f("fk_quarantine_referral_closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "check_id"],
            ["quarantine_check.community_id", "quarantine_check.id"],
            name=op.f("fk_quarantine_referral_community_id_check_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_referral_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people_person.id"], name=op.f("fk_quarantine_referral_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_referral")),
        sa.UniqueConstraint("check_id", name=op.f("uq_quarantine_referral_check_id")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_referral_community_id_id")),
    )
    with op.batch_alter_table("quarantine_referral", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_quarantine_referral_community_id"), ["community_id"], unique=False
        )

    op.create_table(
        "quarantine_task",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("rung", sa.String(length=12), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "rung IN ('reminder', 'call', 'door', 'committee')", name=op.f("ck_quarantine_task_rung")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "check_id"],
            ["quarantine_check.community_id", "quarantine_check.id"],
            name=op.f("fk_quarantine_task_community_id_check_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_quarantine_task_community_id")
        ),
        sa.ForeignKeyConstraint(["done_by"], ["people_person.id"], name=op.f("fk_quarantine_task_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine_task")),
        sa.UniqueConstraint("check_id", "rung", name=op.f("uq_quarantine_task_check_id_rung")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_quarantine_task_community_id_id")),
    )
    with op.batch_alter_table("quarantine_task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_quarantine_task_community_id"), ["community_id"], unique=False)
        batch_op.create_index("ix_quarantine_task_open", ["community_id", "rung", "done_at"], unique=False)


def downgrade() -> None:

    with op.batch_alter_table("quarantine_task", schema=None) as batch_op:
        batch_op.drop_index("ix_quarantine_task_open")
        batch_op.drop_index(batch_op.f("ix_quarantine_task_community_id"))

    op.drop_table("quarantine_task")
    with op.batch_alter_table("quarantine_referral", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_referral_community_id"))

    op.drop_table("quarantine_referral")
    with op.batch_alter_table("quarantine_violation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_violation_community_id"))

    op.drop_table("quarantine_violation")
    with op.batch_alter_table("quarantine_check", schema=None) as batch_op:
        batch_op.drop_index("ix_quarantine_check_state")
        batch_op.drop_index(batch_op.f("ix_quarantine_check_community_id"))

    op.drop_table("quarantine_check")
    with op.batch_alter_table("quarantine_appeal", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_quarantine_appeal_one_open",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index(batch_op.f("ix_quarantine_appeal_community_id"))

    op.drop_table("quarantine_appeal")
    with op.batch_alter_table("quarantine_order", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_quarantine_order_one_active",
            sqlite_where=sa.text("state = 'active'"),
            postgresql_where=sa.text("state = 'active'"),
        )
        batch_op.drop_index(batch_op.f("ix_quarantine_order_community_id"))

    op.drop_table("quarantine_order")
    with op.batch_alter_table("quarantine_settings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_settings_community_id"))

    op.drop_table("quarantine_settings")
    with op.batch_alter_table("quarantine_bulk", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_quarantine_bulk_community_id"))

    op.drop_table("quarantine_bulk")
