"""The network: agreements, credentials with an end, open intents with an owner, witnesses.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add what a network of institutions and gateways needs."""
    _credentials()
    _agreement()
    _directory_change()
    _subjects_and_consents()
    _consent_event()
    _checkpoint()
    op.add_column(
        "open_intent", sa.Column("owner", sa.BigInteger(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    """Refuse: agreements and witnesses would be lost."""
    raise RuntimeError("this schema cannot be downgraded; restore a backup instead")


def _credentials() -> None:
    op.add_column(
        "institution", sa.Column("enrolled_at", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.add_column("certificate", sa.Column("not_after", sa.BigInteger(), nullable=True))
    op.add_column("certificate", sa.Column("retired_at", sa.BigInteger(), nullable=True))
    op.add_column("signing_key", sa.Column("retired_at", sa.BigInteger(), nullable=True))


def _agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("institution_id", sa.String(length=63), nullable=False),
        sa.Column("datasets", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("evidence_sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["institution_id"], ["institution.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("agreement_by_institution", "agreement", ["institution_id"])


def _directory_change() -> None:
    op.create_table(
        "directory_change",
        sa.Column("id", sa.String(length=100), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _subjects_and_consents() -> None:
    with op.batch_alter_table("subject") as subject:
        subject.alter_column("lookup", existing_type=sa.LargeBinary(length=32), nullable=True)
    op.create_index("consent_by_controller", "consent", ["controller", "granted_at", "id"])
    op.create_index("consent_by_collector", "consent", ["collector", "granted_at", "id"])


def _consent_event() -> None:
    op.create_table(
        "consent_event",
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"]),
        sa.PrimaryKeyConstraint("consent_id", "log_index"),
        sqlite_with_rowid=False,
    )
    # Where the other changes of an earlier release stand only the subjects' secrets can tell.
    op.execute("INSERT INTO consent_event SELECT id, grant_log_index FROM consent")


def _checkpoint() -> None:
    op.create_table(
        "checkpoint",
        sa.Column("size", _BIG, nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("size"),
    )
    op.create_table(
        "cosignature",
        sa.Column("size", _BIG, nullable=False),
        sa.Column("witness", sa.String(length=200), nullable=False),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoint.size"]),
        sa.PrimaryKeyConstraint("size", "witness"),
    )
