"""How orders are paid, and what is claimed of them.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

WAYS = "pays_by IN ('shop', 'wallet', 'fund', 'card', 'alipay', 'wechat_pay')"


def upgrade() -> None:
    _make_habits()
    _widen_orders()
    _make_claims()
    _switch_money_on()


def downgrade() -> None:
    op.drop_table("market_claim")
    with op.batch_alter_table("market_order_line") as batch:
        batch.drop_constraint(op.f("ck_market_order_line_claimed_once"), type_="check")
        batch.drop_column("claimed")
    with op.batch_alter_table("market_order") as batch:
        batch.drop_index("ix_market_order_unsettled")
        batch.drop_constraint(op.f("ck_market_order_pays_by"), type_="check")
        batch.drop_constraint(op.f("fk_market_order_payer_id"), type_="foreignkey")
        for column in ("settled_at", "delivered_at", "pays_by", "payer_id"):
            batch.drop_column(column)
    op.drop_table("market_paying_habit")


def _make_habits() -> None:
    op.create_table(
        "market_paying_habit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("pays_by", sa.String(length=12), nullable=False),
        sa.CheckConstraint(WAYS, name=op.f("ck_market_paying_habit_pays_by")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_market_paying_habit_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people_person.id"], name=op.f("fk_market_paying_habit_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_paying_habit")),
        sa.UniqueConstraint(
            "community_id", "person_id", name=op.f("uq_market_paying_habit_community_id_person_id")
        ),
    )
    for column in ("community_id", "person_id"):
        op.create_index(op.f(f"ix_market_paying_habit_{column}"), "market_paying_habit", [column])


def _widen_orders() -> None:
    with op.batch_alter_table("market_order") as batch:
        batch.add_column(sa.Column("payer_id", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("pays_by", sa.String(length=12), nullable=False, server_default="shop"))
        batch.add_column(sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True))
    # Whose need it is would have paid.
    op.execute(
        "UPDATE market_order SET payer_id ="
        " (SELECT subject_id FROM needs_need WHERE needs_need.id = market_order.need_id)"
    )
    with op.batch_alter_table("market_order") as batch:
        batch.alter_column("payer_id", existing_type=sa.Uuid(), nullable=False)
        batch.alter_column("pays_by", existing_type=sa.String(length=12), server_default=None)
        batch.create_foreign_key(op.f("fk_market_order_payer_id"), "people_person", ["payer_id"], ["id"])
        batch.create_check_constraint(op.f("ck_market_order_pays_by"), WAYS)
        batch.create_index("ix_market_order_unsettled", ["community_id", "settled_at", "delivered_at"])
    with op.batch_alter_table("market_order_line") as batch:
        batch.add_column(sa.Column("claimed", sa.Integer(), nullable=False, server_default="0"))
        batch.create_check_constraint(
            op.f("ck_market_order_line_claimed_once"), "claimed >= 0 AND claimed <= quantity"
        )
    with op.batch_alter_table("market_order_line") as batch:
        batch.alter_column("claimed", existing_type=sa.Integer(), server_default=None)


def _make_claims() -> None:
    op.create_table(
        "market_claim",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("order_line_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("quantity > 0 AND amount_fen >= 0", name=op.f("ck_market_claim_amounts")),
        sa.CheckConstraint("state IN ('open', 'granted', 'refused')", name=op.f("ck_market_claim_state")),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_market_claim_decided")),
        sa.ForeignKeyConstraint(
            ["community_id"], ["communities_community.id"], name=op.f("fk_market_claim_community_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id", "order_id"],
            ["market_order.community_id", "market_order.id"],
            name=op.f("fk_market_claim_community_id_order_id"),
        ),
        sa.ForeignKeyConstraint(
            ["order_line_id"], ["market_order_line.id"], name=op.f("fk_market_claim_order_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["people_person.id"], name=op.f("fk_market_claim_decided_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_claim")),
        sa.UniqueConstraint("community_id", "id", name=op.f("uq_market_claim_community_id_id")),
    )
    op.create_index(op.f("ix_market_claim_community_id"), "market_claim", ["community_id"])
    op.create_index(op.f("ix_market_claim_order_id"), "market_claim", ["order_id"])
    op.create_index("ix_market_claim_open", "market_claim", ["community_id", "state"])


def _switch_money_on() -> None:
    """The market stands on money now: where it was on, it shall not vanish."""
    bind = op.get_bind()
    switches = sa.table(
        "communities_module",
        sa.column("id", sa.Uuid()),
        sa.column("community_id", sa.Uuid()),
        sa.column("name", sa.String()),
        sa.column("is_on", sa.Boolean()),
    )
    selling = bind.execute(
        sa.select(switches.c.community_id).where(switches.c.name == "market", switches.c.is_on)
    ).scalars()
    for community_id in selling.all():
        ours = (switches.c.community_id == community_id) & (switches.c.name == "money")
        if bind.execute(sa.select(switches.c.id).where(ours)).first() is None:
            values = {"id": uuid4(), "community_id": community_id, "name": "money", "is_on": True}
            bind.execute(switches.insert().values(values))
        else:
            bind.execute(switches.update().where(ours).values(is_on=True))
