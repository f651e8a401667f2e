"""The composition guard: what recipients have been shown of subjects' values.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the guard's table; what was released before is not known to it."""
    op.create_table(
        "seen",
        sa.Column("subject_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=63), nullable=False),
        sa.Column("seen", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("subject_id", "recipient"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Refuse: what was shown would be forgotten, and could be shown again and more."""
    raise RuntimeError("this schema cannot be downgraded; restore a backup instead")
