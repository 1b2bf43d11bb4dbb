"""deliveries: what would help a wave."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    help_ = sa.Column("help", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True)
    op.add_column("deliveries_wave", help_)


def downgrade() -> None:
    op.drop_column("deliveries_wave", "help")
