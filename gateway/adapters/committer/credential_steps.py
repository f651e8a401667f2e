"""The committer's step that changes an institution's credentials, and the rows of credentials.

Owns the bounds: no certificate or key is registered twice, at most eight of each are live, and one
of each remains in use. What is retired is accepted until its overlap is over, never longer than it
was before.
"""

from typing import Final, NamedTuple

import msgspec

from gateway.adapters.committer.directory_changes import acting, recorded, remember
from gateway.adapters.committer.messages import ChangeCredentials, Done, Not, Result
from gateway.adapters.committer.sql import Sql
from gateway.domain.enrolment import MAX_CREDENTIALS
from gateway.domain.reasons import ErrorReason


class _Kind(NamedTuple):
    """One kind of credential: its table, its key column, its name in findings and in requests."""

    table: str
    column: str
    name: str
    field: str


_CERTIFICATE: Final = _Kind("certificate", "fingerprint", "certificate", "certificates")
_KEY: Final = _Kind("signing_key", "key_id", "signing_key", "signing_keys")


def change_credentials(sql: Sql, one: ChangeCredentials, now_ms: int, index: int) -> Result | int:
    """Add and retire; return when what was retired is refused, 0 where nothing was."""
    key = f"{one.institution}|{one.change_id}"
    before = recorded(sql, key, one.digest, ErrorReason.REQUEST_ID_REUSED)
    if isinstance(before, Done):
        return msgspec.structs.replace(before, value=_latest_retirement(sql, one))
    now = now_ms // 1000
    refusal = before or acting(sql, one.by) or _signer_gone(sql, one, now) or _conflict(sql, one)
    if refusal is not None:
        return refusal
    # Rounded up: an overlap is never shorter than it was asked for. Without one it is now.
    at = -(-now_ms // 1000) + one.overlap_s if one.overlap_s else now
    for kind, added, retired in (
        (_CERTIFICATE, len(one.certificates), one.retired_certificates),
        (_KEY, len(one.signing_keys), one.retired_signing_keys),
    ):
        refusal = _beyond_bounds(sql, one.institution, kind, added, retired, now)
        if refusal is not None:
            return refusal
    _retire(sql, _CERTIFICATE, one.retired_certificates, at)
    _retire(sql, _KEY, one.retired_signing_keys, at)
    add_credentials(sql, one.institution, one.certificates, one.signing_keys)
    remember(sql, key, one.digest, index)
    return at if one.retired_certificates or one.retired_signing_keys else 0


def _signer_gone(sql: Sql, one: ChangeCredentials, now: int) -> Not | None:
    rows = sql.all(
        "SELECT 1 FROM signing_key WHERE key_id=? AND institution_id=?"
        " AND (retired_at IS NULL OR retired_at > ?)",
        (one.signed_by, one.institution, now),
    )
    return None if rows else Not(ErrorReason.ENROLMENT_SIGNATURE_INVALID, "key_id")


def _conflict(sql: Sql, one: ChangeCredentials) -> Not | None:
    taken = taken_credential(sql, one.certificates, one.signing_keys)
    return Not(ErrorReason.CREDENTIAL_IN_USE, taken) if taken else None


def _beyond_bounds(
    sql: Sql, institution: str, kind: _Kind, added: int, retired: tuple[str, ...], now: int
) -> Not | None:
    """Return a refusal if the change names what is not live, leaves nothing, or leaves too much."""
    live = _live(sql, institution, kind, now)
    if not set(retired) <= set(live):
        return Not(ErrorReason.INVALID_FIELD, f"retire_{kind.field}")
    staying = [name for name, ends in live.items() if ends is None and name not in retired]
    if retired and not staying and not added:
        return Not(ErrorReason.LAST_CREDENTIAL, kind.name)
    if added and len(live) + added > MAX_CREDENTIALS:
        return Not(ErrorReason.INVALID_FIELD, f"add_{kind.field}")
    return None


def _live(sql: Sql, institution: str, kind: _Kind, now: int) -> dict[str, int | None]:
    """Return the credentials that are accepted now, and from when on each is refused, if known."""
    valid = " AND (not_after IS NULL OR not_after > ?)" if kind is _CERTIFICATE else ""
    rows = sql.all(
        f"SELECT {kind.column}, retired_at FROM {kind.table} WHERE institution_id=?"
        f" AND (retired_at IS NULL OR retired_at > ?){valid}",
        (institution, now, now) if valid else (institution, now),
    )
    return dict(rows)


def _retire(sql: Sql, kind: _Kind, names: tuple[str, ...], at: int) -> None:
    sql.many(
        f"UPDATE {kind.table} SET retired_at=?"
        f" WHERE {kind.column}=? AND (retired_at IS NULL OR retired_at > ?)",
        [(at, name, at) for name in names],
    )


def _latest_retirement(sql: Sql, one: ChangeCredentials) -> int:
    ends = [0]
    for kind, names in (
        (_CERTIFICATE, one.retired_certificates),
        (_KEY, one.retired_signing_keys),
    ):
        select = f"SELECT retired_at FROM {kind.table}"
        ends += [row[0] for row in sql.by_keys(select, kind.column, names) if row[0]]
    return max(ends)


def taken_credential(
    sql: Sql,
    certificates: tuple[tuple[str, int], ...],
    signing_keys: tuple[tuple[str, bytes], ...],
) -> str:
    """Return the kind of credential that is registered already, retired or not; empty if none."""
    if sql.by_keys(
        "SELECT fingerprint FROM certificate", "fingerprint", [name for name, _ in certificates]
    ):
        return _CERTIFICATE.name
    ids = [name for name, _ in signing_keys]
    keys = [key for _, key in signing_keys]
    if sql.by_keys("SELECT key_id FROM signing_key", "key_id", ids) or sql.by_keys(
        "SELECT key_id FROM signing_key", "public_key", keys
    ):
        return _KEY.name
    return ""


def add_credentials(
    sql: Sql,
    institution: str,
    certificates: tuple[tuple[str, int], ...],
    signing_keys: tuple[tuple[str, bytes], ...],
) -> None:
    """Insert the rows of new credentials."""
    sql.many(
        "INSERT INTO certificate(fingerprint, institution_id, not_after) VALUES (?,?,?)",
        [(name, institution, ends or None) for name, ends in certificates],
    )
    sql.many(
        "INSERT INTO signing_key(key_id, institution_id, public_key) VALUES (?,?,?)",
        [(name, institution, key) for name, key in signing_keys],
    )
