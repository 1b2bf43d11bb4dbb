"""gate: rules, passes, what they are shown with, devices, scans and findings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "gate_rules",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_rules_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_rules")),
        sa.UniqueConstraint("community_id", "version", name=op.f("uq_gate_rules_community_id_version")),
    )
    with op.batch_alter_table("gate_rules", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_rules_community_id"), ["community_id"], unique=False)

    op.create_table(
        "gate_device",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.Column("entrance_id", sa.Uuid(), nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(gate_id IS NULL) <> (entrance_id IS NULL)", name=op.f("ck_gate_device_one_place")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "entrance_id"],
            ["places_entrance.community_id", "places_entrance.id"],
            name=op.f("fk_gate_device_community_id_entrance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "gate_id"],
            ["places_gate.community_id", "places_gate.id"],
            name=op.f("fk_gate_device_community_id_gate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_device_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_device")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_gate_device_community_id_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_gate_device_token_hash")),
    )
    with op.batch_alter_table("gate_device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_device_community_id"), ["community_id"], unique=False)

    op.create_table(
        "gate_pass",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("carrier_id", sa.Uuid(), nullable=True),
        sa.Column("applicant_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=6), nullable=True),
        sa.Column("document_index", sa.String(length=64), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("appeal", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("in_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "number IS NULL OR state = 'active'", name=op.f("ck_gate_pass_number_while_active")
        ),
        sa.CheckConstraint("until_at > from_at", name=op.f("ck_gate_pass_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["applicant_id"], ["people_person.id"], name=op.f("fk_gate_pass_applicant_id")
        ),
        sa.ForeignKeyConstraint(["carrier_id"], ["people_person.id"], name=op.f("fk_gate_pass_carrier_id")),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_gate_pass_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_pass_community_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"], name=op.f("fk_gate_pass_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_pass")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_gate_pass_community_id_id")),
        sa.UniqueConstraint("community_id", "number", name=op.f("uq_gate_pass_community_id_number")),
    )
    with op.batch_alter_table("gate_pass", schema=None) as batch_op:
        batch_op.create_index("ix_gate_pass_carrier", ["community_id", "carrier_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_pass_community_id"), ["community_id"], unique=False)
        batch_op.create_index("ix_gate_pass_document", ["community_id", "document_index"], unique=False)
        batch_op.create_index("ix_gate_pass_home", ["community_id", "home_id"], unique=False)
        batch_op.create_index("ix_gate_pass_state", ["community_id", "state", "until_at"], unique=False)

    op.create_table(
        "gate_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=False),
        sa.Column("tenths", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "device_id"],
            ["gate_device.community_id", "gate_device.id"],
            name=op.f("fk_gate_reading_community_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_reading_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_reading")),
        sa.UniqueConstraint("community_id", "device_id", name=op.f("uq_gate_reading_community_id_device_id")),
    )
    with op.batch_alter_table("gate_reading", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_reading_community_id"), ["community_id"], unique=False)

    op.create_table(
        "gate_credential",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id", "pass_id"],
            ["gate_pass.community_id", "gate_pass.id"],
            name=op.f("fk_gate_credential_community_id_pass_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_credential_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_credential")),
        sa.UniqueConstraint("community_id", "serial", name=op.f("uq_gate_credential_community_id_serial")),
    )
    with op.batch_alter_table("gate_credential", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_credential_community_id"), ["community_id"], unique=False)
        batch_op.create_index("ix_gate_credential_pass", ["community_id", "pass_id"], unique=False)
        batch_op.create_index("ix_gate_credential_until", ["community_id", "until_at"], unique=False)

    op.create_table(
        "gate_scan",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.Uuid(), nullable=False),
        sa.Column("gate_id", sa.Uuid(), nullable=True),
        sa.Column("entrance_id", sa.Uuid(), nullable=True),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("pass_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("home_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=True),
        sa.Column("purpose", sa.String(length=30), nullable=True),
        sa.Column("direction", sa.String(length=3), nullable=False),
        sa.Column("how", sa.String(length=10), nullable=False),
        sa.Column("step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("used_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("exit_number", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("reasons", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("was_measured", sa.Boolean(), nullable=False),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("list_issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'admit') = (direction = 'in')", name=op.f("ck_gate_scan_coming_in_is_admitted")
        ),
        sa.CheckConstraint("direction IN ('out', 'in')", name=op.f("ck_gate_scan_direction")),
        sa.CheckConstraint(
            "exit_number IS NULL OR outcome IN ('allow', 'override')", name=op.f("ck_gate_scan_exit_went_out")
        ),
        sa.CheckConstraint(
            "outcome <> 'override' OR (author_id IS NOT NULL AND why IS NOT NULL)",
            name=op.f("ck_gate_scan_override_has_author"),
        ),
        sa.CheckConstraint(
            "outcome IN ('allow', 'deny', 'admit', 'override')", name=op.f("ck_gate_scan_outcome")
        ),
        sa.CheckConstraint(
            "used_step IS NULL OR (used_step = step AND outcome <> 'deny')",
            name=op.f("ck_gate_scan_used_its_step"),
        ),
        sa.CheckConstraint("(gate_id IS NULL) <> (entrance_id IS NULL)", name=op.f("ck_gate_scan_one_place")),
        sa.ForeignKeyConstraint(
            ["community_id", "device_id"],
            ["gate_device.community_id", "gate_device.id"],
            name=op.f("fk_gate_scan_community_id_device_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "entrance_id"],
            ["places_entrance.community_id", "places_entrance.id"],
            name=op.f("fk_gate_scan_community_id_entrance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "gate_id"],
            ["places_gate.community_id", "places_gate.id"],
            name=op.f("fk_gate_scan_community_id_gate_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "pass_id"],
            ["gate_pass.community_id", "gate_pass.id"],
            name=op.f("fk_gate_scan_community_id_pass_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_scan_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_scan")),
        sa.UniqueConstraint(
            "community_id",
            "home_id",
            "exit_number",
            name=op.f("uq_gate_scan_community_id_home_id_exit_number"),
        ),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_gate_scan_community_id_id")),
        sa.UniqueConstraint(
            "community_id", "pass_id", "used_step", name=op.f("uq_gate_scan_community_id_pass_id_used_step")
        ),
        sa.UniqueConstraint("community_id", "ref", name=op.f("uq_gate_scan_community_id_ref")),
    )
    with op.batch_alter_table("gate_scan", schema=None) as batch_op:
        batch_op.create_index("ix_gate_scan_at", ["community_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_scan_community_id"), ["community_id"], unique=False)
        batch_op.create_index("ix_gate_scan_home", ["community_id", "home_id", "at"], unique=False)
        batch_op.create_index("ix_gate_scan_step", ["community_id", "pass_id", "step"], unique=False)

    op.create_table(
        "gate_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("scan_id", sa.Uuid(), nullable=False),
        sa.Column("pass_id", sa.Uuid(), nullable=True),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id", "pass_id"],
            ["gate_pass.community_id", "gate_pass.id"],
            name=op.f("fk_gate_finding_community_id_pass_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "scan_id"],
            ["gate_scan.community_id", "gate_scan.id"],
            name=op.f("fk_gate_finding_community_id_scan_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_gate_finding_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gate_finding")),
        sa.UniqueConstraint(
            "community_id", "kind", "key", name=op.f("uq_gate_finding_community_id_kind_key")
        ),
    )
    with op.batch_alter_table("gate_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gate_finding_community_id"), ["community_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_gate_finding_scan_id"), ["scan_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("gate_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gate_finding_scan_id"))
        batch_op.drop_index(batch_op.f("ix_gate_finding_community_id"))

    op.drop_table("gate_finding")
    with op.batch_alter_table("gate_scan", schema=None) as batch_op:
        batch_op.drop_index("ix_gate_scan_step")
        batch_op.drop_index("ix_gate_scan_home")
        batch_op.drop_index(batch_op.f("ix_gate_scan_community_id"))
        batch_op.drop_index("ix_gate_scan_at")

    op.drop_table("gate_scan")
    with op.batch_alter_table("gate_credential", schema=None) as batch_op:
        batch_op.drop_index("ix_gate_credential_until")
        batch_op.drop_index("ix_gate_credential_pass")
        batch_op.drop_index(batch_op.f("ix_gate_credential_community_id"))

    op.drop_table("gate_credential")
    with op.batch_alter_table("gate_reading", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gate_reading_community_id"))

    op.drop_table("gate_reading")
    with op.batch_alter_table("gate_pass", schema=None) as batch_op:
        batch_op.drop_index("ix_gate_pass_state")
        batch_op.drop_index("ix_gate_pass_home")
        batch_op.drop_index("ix_gate_pass_document")
        batch_op.drop_index(batch_op.f("ix_gate_pass_community_id"))
        batch_op.drop_index("ix_gate_pass_carrier")

    op.drop_table("gate_pass")
    with op.batch_alter_table("gate_device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gate_device_community_id"))

    op.drop_table("gate_device")
    with op.batch_alter_table("gate_rules", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gate_rules_community_id"))

    op.drop_table("gate_rules")
