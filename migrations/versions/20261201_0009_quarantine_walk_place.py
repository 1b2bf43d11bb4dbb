"""Where a door stands in the walk of its grid.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("quarantine_task") as batch:
        batch.add_column(sa.Column("walk_place", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("quarantine_task") as batch:
        batch.drop_column("walk_place")
