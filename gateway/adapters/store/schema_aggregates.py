"""The tables of encrypted aggregates, and the list that all of the store's tables are in.

Owns names, types and constraints, as ``schema`` does of the others. Refuses plaintexts and
identifiers: there are statements as they were signed, ciphertexts, and what was spent.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

aggregate_round = Table(
    "aggregate_round",
    metadata,
    # A round of encrypted aggregates: statements as they were signed, no plaintext, no identifier.
    Column("id", String(32), primary_key=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("legal_group", String(63), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("dataset", String(96), nullable=False),
    Column("purpose", String(96), nullable=False),
    Column("contract", String(64), nullable=False),  # its digest
    Column("digest", LargeBinary(32), nullable=False),  # of the question
    Column("state", String(8), nullable=False),
    Column("cost", BigInteger, nullable=False),
    Column("max_refusals", Integer, nullable=False),
    Column("period_s", Integer, nullable=False),  # 0 where it has no account
    Column("expires_at", BigInteger, nullable=False),
    Column("agreements", Text, nullable=False),  # joined by a comma; one must be in force
    Column("consents", Integer, nullable=False),
    Column("consents_root", LargeBinary(32), nullable=False),
    Column("opened_index", BigInteger, nullable=False),
    Column("roster_index", BigInteger, nullable=False),  # -1 until it is fixed
    Column("closed_index", BigInteger, nullable=False),  # -1 until released, refused or void
    Column("closed_at", BigInteger, nullable=False),
    Column("roster_digest", LargeBinary(32), nullable=False),  # empty until it is fixed
    Column("released_digest", LargeBinary(32), nullable=False),  # empty until it is released
    Column("contributions", LargeBinary(32), nullable=False),
    Column("need", LargeBinary, nullable=False),  # emptied, as is the next, once it is closed
    Column("consent_ids", LargeBinary, nullable=False),
    Column("question", LargeBinary, nullable=False),
    Column("roster", LargeBinary, nullable=False),
    Column("readies", LargeBinary, nullable=False),
    Column("combined", LargeBinary, nullable=False),
    Column("result", LargeBinary, nullable=False),
)
Index("aggregate_round_by_consents", aggregate_round.c.consents_root)

aggregate_consents = Table(
    "aggregate_consents",
    metadata,
    # Of a round with many, in parts: until it is closed, of a released one until uses are counted.
    Column("round_id", ForeignKey("aggregate_round.id"), primary_key=True),
    Column("first_row", Integer, primary_key=True),
    Column("ids", LargeBinary, nullable=False),
)

aggregate_contribution = Table(
    "aggregate_contribution",
    metadata,
    # Of a combined round, for its members: masked and under the asker's key, so not sealed again.
    Column("round_id", ForeignKey("aggregate_round.id"), primary_key=True),
    Column("digest", LargeBinary(32), primary_key=True),  # of the signed statement
    Column("keep_until", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("ciphertexts", LargeBinary, nullable=False),
)
Index("aggregate_contribution_by_end", aggregate_contribution.c.keep_until)

aggregate_key = Table(
    "aggregate_key",
    metadata,
    # Public keys of askers, whose proofs were checked.
    Column("institution_id", ForeignKey("institution.id"), primary_key=True),
    Column("key_id", LargeBinary(32), primary_key=True),
    Column("scheme", String(16), nullable=False),
    Column("public_key", LargeBinary, nullable=False),
    Column("log_index", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

privacy_account = Table(
    "privacy_account",
    metadata,
    # Micro-rho that a legal group has spent of a dataset; times are Unix seconds.
    Column("legal_group", String(63), primary_key=True),
    Column("dataset", String(96), primary_key=True),
    Column("period_start", BigInteger, nullable=False),
    Column("period_end", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("spent_ever", BigInteger, nullable=False),
    Column("refusals", Integer, nullable=False),
    sqlite_with_rowid=False,
)
