"""Encrypted aggregates: rounds, askers' public keys, accounts of privacy.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "aggregate_round",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("institution_id", sa.String(length=63), nullable=False),
        sa.Column("legal_group", sa.String(length=63), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("dataset", sa.String(length=96), nullable=False),
        sa.Column("purpose", sa.String(length=96), nullable=False),
        sa.Column("contract", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        _number("cost", sa.BigInteger()),
        _number("max_refusals", sa.Integer()),
        _number("period_s", sa.Integer()),
        _number("expires_at", sa.BigInteger()),
        sa.Column("agreements", sa.Text(), nullable=False),
        _number("consents", sa.Integer()),
        sa.Column("consents_root", sa.LargeBinary(length=32), nullable=False),
        _number("opened_index", sa.BigInteger()),
        _number("roster_index", sa.BigInteger()),
        _number("closed_index", sa.BigInteger()),
        _number("closed_at", sa.BigInteger()),
        sa.Column("roster_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("released_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("contributions", sa.LargeBinary(length=32), nullable=False),
        *[sa.Column(name, sa.LargeBinary(), nullable=False) for name in _BLOBS],
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("aggregate_round_by_consents", "aggregate_round", ["consents_root"])
    _keys()
    _accounts()


_BLOBS = ("need", "consent_ids", "question", "roster", "readies", "combined", "result")


def _keys() -> None:
    op.create_table(
        "aggregate_key",
        sa.Column("institution_id", sa.String(length=63), nullable=False),
        sa.Column("key_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scheme", sa.String(length=16), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        _number("log_index", sa.BigInteger()),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"]),
        sa.PrimaryKeyConstraint("institution_id", "key_id"),
        sqlite_with_rowid=False,
    )


def _accounts() -> None:
    op.create_table(
        "privacy_account",
        sa.Column("legal_group", sa.String(length=63), nullable=False),
        sa.Column("dataset", sa.String(length=96), nullable=False),
        _number("period_start", sa.BigInteger()),
        _number("period_end", sa.BigInteger()),
        _number("spent", sa.BigInteger()),
        _number("spent_ever", sa.BigInteger()),
        _number("refusals", sa.Integer()),
        sa.PrimaryKeyConstraint("legal_group", "dataset"),
        sqlite_with_rowid=False,
    )


def _number(name: str, kind: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column(name, kind, nullable=False)


def downgrade() -> None:
    """Refuse: what was spent could be spent again."""
    raise RuntimeError("this schema cannot be downgraded; restore a backup instead")
