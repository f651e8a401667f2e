"""The store's tables, for every engine (SQLAlchemy Core).

Owns names, types and constraints; ``migrations`` creates them. Refuses personal values in clear:
what could name a person is a keyed hash or sealed under the subject's own key.
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
)

metadata = MetaData()

institution = Table(
    "institution",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("legal_group", String(63), nullable=False),
    Column("roles", String(200), nullable=False),  # sorted, joined by a comma
    Column("jurisdiction", String(2), nullable=False),
    Column("status", String(16), nullable=False),
)

certificate = Table(
    "certificate",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("key_id", String(63), primary_key=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
)

subject = Table(
    "subject",
    metadata,
    Column("id", LargeBinary(32), primary_key=True),  # HMAC(store key, oblivious reference)
    Column("lookup", LargeBinary(32), nullable=False, unique=True),  # HMAC(lookup key, identifier)
    Column("kek_id", String(63), nullable=False),
    Column("wrapped_key", LargeBinary, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
)

consent = Table(
    "consent",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("subject_id", ForeignKey("subject.id"), nullable=False),
    Column("controller", String(63), nullable=False),
    Column("collector", String(63), nullable=False),
    Column("terms", LargeBinary, nullable=False),  # ConsentTerms in MessagePack, no personal value
    Column("key_id", String(63), nullable=False),
    Column("signature", LargeBinary(64), nullable=False),
    Column("artefact_digest", LargeBinary(32), nullable=False),  # keyed
    Column("sealed_artefact", LargeBinary, nullable=False),
    Column("granted_at", BigInteger, nullable=False),
    Column("grant_log_index", BigInteger, nullable=False),
    Column("state", String(8), nullable=False),
    Column("uses", Integer, nullable=False),
    Column("use_window", Integer, nullable=False),
    Column("window_uses", Integer, nullable=False),
    Index("consent_by_subject", "subject_id", "controller"),
)

request = Table(
    "request",
    metadata,
    # "institution|request id" in one column: SQLite scans the table for a row value in a list.
    Column("id", String(100), primary_key=True),
    Column("body_digest", LargeBinary(32), nullable=False),  # keyed
    Column("consent_id", String(36), nullable=True),  # set when released
    Column("use_window", Integer, nullable=True),
    sqlite_with_rowid=False,
)

usage = Table(
    "usage",
    metadata,
    Column("scope", LargeBinary, primary_key=True),
    Column("use_window", Integer, nullable=False),
    Column("uses", Integer, nullable=False),
    sqlite_with_rowid=False,
)

open_intent = Table(
    "open_intent",
    metadata,
    Column("event_id", String(32), primary_key=True),
    Column("log_index", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

log_entry = Table(
    "log_entry",
    metadata,
    Column("log_index", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("event", LargeBinary, nullable=False),
)

log_tile = Table(
    "log_tile",
    metadata,
    Column("level", Integer, primary_key=True),
    Column("tile_index", BigInteger, primary_key=True),
    Column("hashes", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True),  # always 1
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("last_time_ms", BigInteger, nullable=False),
)

subject_event = Table(
    "subject_event",
    metadata,
    # In log order and without an index on the subject: that would dirty a page of its own for
    # every event, and only an erasure asks for it.
    Column("log_index", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("subject_id", LargeBinary(32), nullable=False),
)
