"""What ends soon, of all three kinds in one list: the query, its rows, and places in it.

Owns when a credential or an agreement ends: at its own end, or when it is retired if that is
earlier.
"""

from typing import Final

from gateway.adapters.store.reader import Row, Values
from gateway.domain.enrolment import Certificate, Contract, Expiring, SigningKey

_KINDS: Final = {Certificate: "certificate", SigningKey: "signing_key", Contract: "agreement"}
# The kind that has bytes comes first: PostgreSQL takes the columns' types from it.
_ALL: Final = (
    "SELECT 'signing_key|' || key_id AS name, institution_id, retired_at AS ends_at,"
    " '' AS datasets, '' AS purposes, CAST(NULL AS BIGINT) AS begins, CAST(NULL AS BIGINT) AS ends,"
    " retired_at AS cut, public_key AS content FROM signing_key"
    " UNION ALL SELECT 'certificate|' || fingerprint, institution_id,"
    " CASE WHEN retired_at IS NULL THEN not_after"
    " WHEN not_after IS NULL OR retired_at < not_after THEN retired_at ELSE not_after END,"
    " '', '', NULL, not_after, retired_at, NULL FROM certificate"
    " UNION ALL SELECT 'agreement|' || id, institution_id,"
    " CASE WHEN ended_at IS NULL OR ended_at > valid_until THEN valid_until ELSE ended_at END,"
    " datasets, purposes, valid_from, valid_until, ended_at, evidence_sha256 FROM agreement"
)


def expiring_query(
    institution: str, begin: int, end: int, limit: int, after: str
) -> tuple[str, Values]:
    """Return the query, and its values, for what ends after ``begin`` and by ``end``."""
    where = ["ends_at > ?", "ends_at <= ?"]
    values: list[str | int] = [begin, end]
    if institution:
        where.append("institution_id = ?")
        values.append(institution)
    if after:
        ends_at, _, name = after.partition("|")
        where.append("(ends_at > ? OR (ends_at = ? AND name > ?))")
        values += [int(ends_at), int(ends_at), name]
    query = (
        f"SELECT name, institution_id, ends_at, datasets, purposes, begins, ends, cut, content"
        f" FROM ({_ALL}) AS listed WHERE {' AND '.join(where)} ORDER BY ends_at, name LIMIT ?"
    )
    return query, (*values, limit)


def expiring_record(row: Row) -> Expiring:
    """Return the record of a row of the query."""
    place, institution, ends_at, datasets, purposes, begins, ends, cut, content = row
    kind, _, name = place.partition("|")
    what: Certificate | SigningKey | Contract
    if kind == _KINDS[Certificate]:
        what = Certificate(name, ends, cut)
    elif kind == _KINDS[SigningKey]:
        what = SigningKey(name, bytes(content), cut)
    else:
        names = tuple(datasets.split(",")), tuple(purposes.split(","))
        what = Contract(name, institution, *names, begins, ends, bytes(content), cut)
    return Expiring(institution, what, ends_at)


def place_of(entry: Expiring) -> str:
    """Return where an entry stands: its end, its kind and its name."""
    what = entry.what
    if isinstance(what, Certificate):
        name = what.fingerprint
    else:
        name = what.key_id if isinstance(what, SigningKey) else what.id
    return f"{entry.ends_at}|{_KINDS[type(what)]}|{name}"
