"""Contributions to encrypted aggregates: what members make a combination again from.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "aggregate_contribution",
        sa.Column("round_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("keep_until", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("ciphertexts", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["aggregate_round.id"]),
        sa.PrimaryKeyConstraint("round_id", "digest"),
    )
    op.create_index("aggregate_contribution_by_end", "aggregate_contribution", ["keep_until"])


def downgrade() -> None:
    """Refuse, as every revision does."""
    raise RuntimeError("this schema cannot be downgraded; restore a backup instead")
