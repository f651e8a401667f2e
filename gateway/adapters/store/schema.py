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
    String,
    Table,
    Text,
)

from gateway.adapters.store.schema_aggregates import metadata

__all__ = ["metadata"]

institution = Table(
    "institution",
    metadata,
    Column("id", String(63), primary_key=True),
    Column("legal_group", String(63), nullable=False),
    Column("roles", String(200), nullable=False),  # sorted, joined by a comma
    Column("jurisdiction", String(2), nullable=False),
    Column("status", String(16), nullable=False),
    Column("enrolled_at", BigInteger, nullable=False, server_default="0"),
)

certificate = Table(
    "certificate",
    metadata,
    Column("fingerprint", String(64), primary_key=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("not_after", BigInteger, nullable=True),
    Column("retired_at", BigInteger, nullable=True),  # refused from then on
)

signing_key = Table(
    "signing_key",
    metadata,
    Column("key_id", String(63), primary_key=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("public_key", LargeBinary(32), nullable=False),
    Column("retired_at", BigInteger, nullable=True),
)

agreement = Table(
    "agreement",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("institution_id", ForeignKey("institution.id"), nullable=False),
    Column("datasets", Text, nullable=False),  # sorted, joined by a comma
    Column("purposes", Text, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("evidence_sha256", LargeBinary(32), nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Index("agreement_by_institution", "institution_id"),
)

directory_change = Table(
    "directory_change",
    metadata,
    Column("id", String(100), primary_key=True),  # what was asked for, so that it is done once
    Column("digest", LargeBinary(32), nullable=False),
    Column("log_index", BigInteger, nullable=False),
)

subject = Table(
    "subject",
    metadata,
    Column("id", LargeBinary(32), primary_key=True),  # HMAC(store key, oblivious reference)
    # HMAC(lookup key, identifier); none where the subject came by reference only.
    Column("lookup", LargeBinary(32), nullable=True, unique=True),
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
    Index("consent_by_controller", "controller", "granted_at", "id"),
    Index("consent_by_collector", "collector", "granted_at", "id"),
)

consent_event = Table(
    "consent_event",
    metadata,
    # The changes of a consent's state, for its receipt; uses are not among them.
    Column("consent_id", ForeignKey("consent.id"), primary_key=True),
    Column("log_index", BigInteger, primary_key=True),
    Index("consent_event_by_place", "log_index"),
    sqlite_with_rowid=False,
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

seen = Table(
    "seen",
    metadata,
    # What a recipient has been shown of a subject's values: keyed tags to positions, MessagePack.
    # It goes with the subject: a value that is not known any more needs no guard.
    Column("subject_id", ForeignKey("subject.id", ondelete="CASCADE"), primary_key=True),
    Column("recipient", String(63), primary_key=True),
    Column("seen", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

reidentification = Table(
    "reidentification",
    metadata,
    # Neither tokens nor values: a digest of the tokens, and the justification masked.
    Column("institution_id", ForeignKey("institution.id"), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("requester", String(63), nullable=False),
    Column("purpose", String(96), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("tokens", Integer, nullable=False),
    Column("justification", Text, nullable=False),
    Column("rule", String(63), nullable=False),
    Column("requested_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("approver", String(63), nullable=False),
    Column("used_index", BigInteger, nullable=False),  # -1 until it is used
    Column("requested_index", BigInteger, nullable=False),
    Column("approved_index", BigInteger, nullable=False),  # -1 until it is approved
    sqlite_with_rowid=False,
)
Index(
    "reidentification_by_time", reidentification.c.institution_id, reidentification.c.requested_at
)

open_intent = Table(
    "open_intent",
    metadata,
    Column("event_id", String(32), primary_key=True),
    Column("log_index", BigInteger, nullable=False),
    # The committer that has to close it; 0 on an engine with one committer.
    Column("owner", BigInteger, nullable=False, server_default="0"),
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

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("root", LargeBinary(32), nullable=False),
    Column("note", LargeBinary, nullable=False),  # as it was signed
    Column("published_at", BigInteger, nullable=False),
)

cosignature = Table(
    "cosignature",
    metadata,
    Column("size", ForeignKey("checkpoint.size"), primary_key=True),
    Column("witness", String(200), primary_key=True),  # the key's name
    Column("line", String(400), nullable=False),  # the note's signature line
    Column("added_at", BigInteger, nullable=False),
)

subject_event = Table(
    "subject_event",
    metadata,
    # In log order and without an index on the subject: that would dirty a page of its own for
    # every event, and only an erasure asks for it.
    Column("log_index", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("subject_id", LargeBinary(32), nullable=False),
)
