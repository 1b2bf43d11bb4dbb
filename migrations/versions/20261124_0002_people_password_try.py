"""people: password tries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people_password_try",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login_index", sa.String(length=64), nullable=False),
        sa.Column("address_index", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_password_try")),
    )
    with op.batch_alter_table("people_password_try", schema=None) as batch_op:
        batch_op.create_index("ix_people_password_try_address", ["address_index", "at"], unique=False)
        batch_op.create_index("ix_people_password_try_login", ["login_index", "at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("people_password_try", schema=None) as batch_op:
        batch_op.drop_index("ix_people_password_try_login")
        batch_op.drop_index("ix_people_password_try_address")

    op.drop_table("people_password_try")
