"""money: accounts, transfers that nobody changes, payments and what is asked of providers for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "money_provider_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("object_ref", sa.String(length=80), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_provider_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_money_provider_event_provider_event_id")),
    )
    op.create_index(
        op.f("ix_money_provider_event_received_at"), "money_provider_event", ["received_at"], unique=False
    )

    op.create_table(
        "money_account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("balance_fen", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(kind IN ('wallet', 'fund')) = (balance_fen IS NOT NULL)", name=op.f("ck_money_account_kept")
        ),
        sa.CheckConstraint("balance_fen >= 0", name=op.f("ck_money_account_never_owes")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_account_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_account")),
        sa.UniqueConstraint(
            "community_id", "id", "currency", name=op.f("uq_money_account_community_id_id_currency")
        ),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_money_account_community_id_id")),
        sa.UniqueConstraint(
            "community_id",
            "kind",
            "owner_id",
            "currency",
            name=op.f("uq_money_account_community_id_kind_owner_id_currency"),
        ),
    )
    op.create_index(op.f("ix_money_account_community_id"), "money_account", ["community_id"], unique=False)

    op.create_table(
        "money_fund_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("traits", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("home_month_fen", sa.BigInteger(), nullable=False),
        sa.Column("payment_fen", sa.BigInteger(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "home_month_fen >= 0 AND payment_fen >= 0", name=op.f("ck_money_fund_rule_limits")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people_person.id"], name=op.f("fk_money_fund_rule_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_fund_rule_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_fund_rule")),
        sa.UniqueConstraint("community_id", "version", name=op.f("uq_money_fund_rule_community_id_version")),
    )
    op.create_index(
        op.f("ix_money_fund_rule_community_id"), "money_fund_rule", ["community_id"], unique=False
    )

    op.create_table(
        "money_payee",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("provider_account", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_payee_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_payee")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_money_payee_community_id_id")),
        sa.UniqueConstraint("provider_account", name=op.f("uq_money_payee_provider_account")),
    )
    op.create_index(op.f("ix_money_payee_community_id"), "money_payee", ["community_id"], unique=False)

    op.create_table(
        "money_reconciliation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("compared", sa.Integer(), nullable=False),
        sa.Column("has_provider_answered", sa.Boolean(), nullable=True),
        sa.Column("differences", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_reconciliation_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_reconciliation")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_money_reconciliation_community_id_id")),
    )
    op.create_index(
        op.f("ix_money_reconciliation_community_id"), "money_reconciliation", ["community_id"], unique=False
    )

    op.create_table(
        "money_payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("order_ref", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("payee_id", sa.Uuid(), nullable=True),
        sa.Column("home_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.String(length=7), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("provider_ref", sa.String(length=60), nullable=True),
        sa.Column("why", sa.String(length=60), nullable=True),
        sa.Column("asked_fen", sa.BigInteger(), nullable=False),
        sa.Column("authorised_fen", sa.BigInteger(), nullable=False),
        sa.Column("captured_fen", sa.BigInteger(), nullable=False),
        sa.Column("released_fen", sa.BigInteger(), nullable=False),
        sa.Column("refunded_fen", sa.BigInteger(), nullable=False),
        sa.Column("paid_out_fen", sa.BigInteger(), nullable=False),
        sa.Column("held_fen", sa.BigInteger(), nullable=False),
        sa.Column("disputed_fen", sa.BigInteger(), nullable=False),
        sa.Column("busy_fen", sa.BigInteger(), nullable=False),
        sa.Column("reversing_fen", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(source = 'fund') = (month IS NOT NULL)", name=op.f("ck_money_payment_fund_month")
        ),
        sa.CheckConstraint(
            "source IN ('wallet', 'fund', 'card', 'alipay', 'wechat_pay')",
            name=op.f("ck_money_payment_source"),
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'declined', 'authorised', 'capturing', 'releasing', 'captured', 'released')",
            name=op.f("ck_money_payment_state"),
        ),
        sa.CheckConstraint(
            "asked_fen > 0 AND authorised_fen IN (0, asked_fen)", name=op.f("ck_money_payment_asked")
        ),
        sa.CheckConstraint(
            "busy_fen >= 0 AND busy_fen + disputed_fen <= held_fen", name=op.f("ck_money_payment_spent_once")
        ),
        sa.CheckConstraint(
            "captured_fen = paid_out_fen + refunded_fen + held_fen", name=op.f("ck_money_payment_adds_up")
        ),
        sa.CheckConstraint(
            "captured_fen >= 0 AND released_fen >= 0 AND captured_fen + released_fen <= authorised_fen",
            name=op.f("ck_money_payment_authorised"),
        ),
        sa.CheckConstraint(
            "paid_out_fen >= 0 AND refunded_fen >= 0 AND held_fen >= 0 AND disputed_fen >= 0",
            name=op.f("ck_money_payment_amounts"),
        ),
        sa.CheckConstraint(
            "reversing_fen >= 0 AND reversing_fen <= paid_out_fen",
            name=op.f("ck_money_payment_reversed_once"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "payee_id"],
            ["money_payee.community_id", "money_payee.id"],
            name=op.f("fk_money_payment_community_id_payee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_payment_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_payment")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_money_payment_community_id_id")),
        sa.UniqueConstraint(
            "community_id", "payer_id", "key", name=op.f("uq_money_payment_community_id_payer_id_key")
        ),
    )
    op.create_index(op.f("ix_money_payment_community_id"), "money_payment", ["community_id"], unique=False)
    op.create_index("ix_money_payment_payee", "money_payment", ["community_id", "payee_id"], unique=False)
    op.create_index(
        "uq_money_payment_one_live",
        "money_payment",
        ["community_id", "order_ref", "source", "currency"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('declined', 'released')"),
        postgresql_where=sa.text("state NOT IN ('declined', 'released')"),
    )
    op.create_index("uq_money_payment_provider_ref", "money_payment", ["provider_ref"], unique=True)

    op.create_table(
        "money_transfer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("debit_id", sa.Uuid(), nullable=False),
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("reference_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen > 0", name=op.f("ck_money_transfer_amount")),
        sa.CheckConstraint("debit_id <> credit_id", name=op.f("ck_money_transfer_two_accounts")),
        sa.ForeignKeyConstraint(
            ["community_id", "credit_id", "currency"],
            ["money_account.community_id", "money_account.id", "money_account.currency"],
            name=op.f("fk_money_transfer_community_id_credit_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "debit_id", "currency"],
            ["money_account.community_id", "money_account.id", "money_account.currency"],
            name=op.f("fk_money_transfer_community_id_debit_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_transfer_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_transfer")),
        sa.UniqueConstraint(
            "community_id",
            "reference_id",
            "kind",
            "key",
            name=op.f("uq_money_transfer_community_id_reference_id_kind_key"),
        ),
    )
    op.create_index(op.f("ix_money_transfer_community_id"), "money_transfer", ["community_id"], unique=False)
    op.create_index("ix_money_transfer_credit", "money_transfer", ["community_id", "credit_id"], unique=False)
    op.create_index("ix_money_transfer_debit", "money_transfer", ["community_id", "debit_id"], unique=False)

    op.create_table(
        "money_operation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=60), nullable=True),
        sa.Column("return_url", sa.String(length=200), nullable=True),
        sa.Column("provider_ref", sa.String(length=60), nullable=True),
        sa.Column("why", sa.String(length=60), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount_fen >= 0", name=op.f("ck_money_operation_amount")),
        sa.ForeignKeyConstraint(
            ["community_id", "payment_id"],
            ["money_payment.community_id", "money_payment.id"],
            name=op.f("fk_money_operation_community_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_operation_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_operation")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_money_operation_community_id_id")),
        sa.UniqueConstraint("payment_id", "step", "key", name=op.f("uq_money_operation_payment_id_step_key")),
    )
    op.create_index(
        op.f("ix_money_operation_community_id"), "money_operation", ["community_id"], unique=False
    )
    op.create_index(op.f("ix_money_operation_payment_id"), "money_operation", ["payment_id"], unique=False)
    op.create_index("ix_money_operation_wanted", "money_operation", ["state", "asked_at"], unique=False)
    op.create_index(
        "uq_money_operation_one_closing",
        "money_operation",
        ["payment_id"],
        unique=True,
        sqlite_where=sa.text("step IN ('capture', 'release') AND state <> 'refused'"),
        postgresql_where=sa.text("step IN ('capture', 'release') AND state <> 'refused'"),
    )

    op.create_table(
        "money_fund_month",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("home_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("used_fen", sa.BigInteger(), nullable=False),
        sa.Column("most_fen", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "used_fen >= 0 AND used_fen <= most_fen", name=op.f("ck_money_fund_month_within_the_rule")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "home_id"],
            ["places_home.community_id", "places_home.id"],
            name=op.f("fk_money_fund_month_community_id_home_id"),
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_money_fund_month_community_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_money_fund_month")),
        sa.UniqueConstraint(
            "community_id",
            "home_id",
            "month",
            "currency",
            name=op.f("uq_money_fund_month_community_id_home_id_month_currency"),
        ),
    )
    op.create_index(
        op.f("ix_money_fund_month_community_id"), "money_fund_month", ["community_id"], unique=False
    )

    # The journal is append-only, whoever writes.
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER money_transfer_append_only_{act.lower()} BEFORE {act} ON money_transfer"
                " BEGIN SELECT RAISE(ABORT, 'money_transfer is append-only'); END"
            )
    else:
        op.execute(
            "CREATE OR REPLACE FUNCTION money_transfer_append_only() RETURNS trigger LANGUAGE plpgsql AS $$"
            " BEGIN RAISE EXCEPTION 'money_transfer is append-only' USING ERRCODE = '23514'; END $$"
        )
        op.execute(
            "CREATE TRIGGER money_transfer_append_only BEFORE UPDATE OR DELETE ON money_transfer"
            " FOR EACH ROW EXECUTE FUNCTION money_transfer_append_only()"
        )


def downgrade() -> None:
    op.drop_table("money_fund_month")
    op.drop_table("money_operation")
    op.drop_table("money_transfer")
    op.drop_table("money_payment")
    op.drop_table("money_reconciliation")
    op.drop_table("money_payee")
    op.drop_table("money_fund_rule")
    op.drop_table("money_account")
    op.drop_table("money_provider_event")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION money_transfer_append_only()")
