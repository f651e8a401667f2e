"""Many consents of one round, in parts; and what changed of consents, by its place in the log.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table and the index."""
    op.create_table(
        "aggregate_consents",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("ids", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["aggregate_round.id"]),
        sa.PrimaryKeyConstraint("round_id", "first_row"),
    )
    op.create_index("consent_event_by_place", "consent_event", ["log_index"])


def downgrade() -> None:
    """Refuse, as every revision does."""
    raise RuntimeError("this schema cannot be downgraded; restore a backup instead")
