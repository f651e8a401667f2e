"""Requests for re-identification, with their approval and use.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "reidentification",
        sa.Column("institution_id", sa.String(length=63), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("requester", sa.String(length=63), nullable=False),
        sa.Column("purpose", sa.String(length=96), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("justification", sa.Text(), nullable=False),
        sa.Column("rule", sa.String(length=63), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("approver", sa.String(length=63), nullable=False),
        sa.Column("used_index", sa.BigInteger(), nullable=False),
        sa.Column("requested_index", sa.BigInteger(), nullable=False),
        sa.Column("approved_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"]),
        sa.PrimaryKeyConstraint("institution_id", "id"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "reidentification_by_time", "reidentification", ["institution_id", "requested_at"]
    )


def downgrade() -> None:
    """Refuse: approvals that were used could be used again."""
    raise RuntimeError("this schema cannot be downgraded; restore a backup instead")
