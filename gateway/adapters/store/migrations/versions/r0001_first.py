"""The first schema: Directory, subjects, consents, counters, the log.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from gateway.crypto.merkle import EMPTY_ROOT

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table, and the head of an empty log."""
    _institution()
    _log_entry()
    _log_head()
    _log_tile()
    _open_intent()
    _request()
    _subject()
    _subject_event()
    _usage()
    _certificate()
    _consent()
    _signing_key()
    op.execute(
        sa.text("INSERT INTO log_head VALUES (1, 0, :root, 0)").bindparams(
            sa.bindparam("root", EMPTY_ROOT, sa.LargeBinary)
        )
    )


def downgrade() -> None:
    """Refuse: there is no earlier schema, and dropping the log is not a downgrade."""
    raise RuntimeError("the first schema cannot be downgraded; remove the store instead")


def _institution() -> None:
    op.create_table(
        "institution",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("legal_group", sa.String(length=63), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("jurisdiction", sa.String(length=2), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _log_entry() -> None:
    op.create_table(
        "log_entry",
        sa.Column(
            "log_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("log_index"),
    )


def _log_head() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last_time_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _log_tile() -> None:
    op.create_table(
        "log_tile",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("tile_index", sa.BigInteger(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "tile_index"),
        sqlite_with_rowid=False,
    )


def _open_intent() -> None:
    op.create_table(
        "open_intent",
        sa.Column("event_id", sa.String(length=32), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
        sqlite_with_rowid=False,
    )


def _request() -> None:
    op.create_table(
        "request",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("body_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consent_id", sa.String(length=36), nullable=True),
        sa.Column("use_window", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )


def _subject() -> None:
    op.create_table(
        "subject",
        sa.Column("id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("lookup", sa.LargeBinary(length=32), nullable=False),
        sa.Column("kek_id", sa.String(length=63), nullable=False),
        sa.Column("wrapped_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("lookup"),
    )


def _subject_event() -> None:
    op.create_table(
        "subject_event",
        sa.Column(
            "log_index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("subject_id", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("log_index"),
    )


def _usage() -> None:
    op.create_table(
        "usage",
        sa.Column("scope", sa.LargeBinary(), nullable=False),
        sa.Column("use_window", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
        sqlite_with_rowid=False,
    )


def _certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("institution_id", sa.String(length=63), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
        ),
        sa.PrimaryKeyConstraint("fingerprint"),
    )


def _consent() -> None:
    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("subject_id", sa.LargeBinary(length=32), nullable=False),
        sa.Column("controller", sa.String(length=63), nullable=False),
        sa.Column("collector", sa.String(length=63), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.String(length=63), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=64), nullable=False),
        sa.Column("artefact_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed_artefact", sa.LargeBinary(), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("grant_log_index", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("use_window", sa.Integer(), nullable=False),
        sa.Column("window_uses", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"],
            ["subject.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("consent_by_subject", "consent", ["subject_id", "controller"], unique=False)


def _signing_key() -> None:
    op.create_table(
        "signing_key",
        sa.Column("key_id", sa.String(length=63), nullable=False),
        sa.Column("institution_id", sa.String(length=63), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["institution_id"],
            ["institution.id"],
        ),
        sa.PrimaryKeyConstraint("key_id"),
    )
