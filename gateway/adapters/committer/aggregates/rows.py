"""What the steps of aggregates read and write beside a round's own changes.

Owns a round's row as it is known in the transaction, and what a round leaves beside it: the index
from its subject to its events, which goes with the subject.
"""

from typing import Final, NamedTuple

import msgspec

from gateway.adapters.committer.sql import Sql
from gateway.application.ports.aggregates import RoundState
from gateway.domain.policy.round_consents import ConsentNeed

_SELECT: Final = (
    "SELECT institution_id, legal_group, dataset, digest, state, period_s, expires_at, agreements,"
    " consents_root, opened_index, roster_index, roster_digest, closed_index, released_digest,"
    " contributions, need, consents FROM aggregate_round WHERE id=?"
)
_AGREEMENTS: Final = "SELECT institution_id, valid_from, valid_until, ended_at FROM agreement"
_IDS: Final = "SELECT consent_ids FROM aggregate_round WHERE id=?"
_need: Final = msgspec.msgpack.Decoder(ConsentNeed).decode
_ids: Final = msgspec.msgpack.Decoder(tuple[str, ...]).decode


class KnownRound(NamedTuple):
    """A round as the transaction finds it; it rests on so many ``consents``."""

    institution: str
    legal_group: str
    dataset: str
    digest: bytes
    state: RoundState
    period_s: int
    expires_at: int
    agreements: tuple[str, ...]
    consents_root: bytes
    opened_index: int
    roster_index: int
    roster_digest: bytes
    closed_index: int
    released_digest: bytes
    contributions: bytes
    need: ConsentNeed | None
    consents: int


def known_round(sql: Sql, round_id: str) -> KnownRound | None:
    """Return a round, or None."""
    rows = sql.all(_SELECT, (round_id,))
    if not rows:
        return None
    institution, group, dataset, digest, state, period_s, expires_at, agreements, *rest = rows[0]
    root, opened, fixed, roster_digest, closed, released, contributions, need, consents = rest
    return KnownRound(
        *(institution, group, dataset, bytes(digest), RoundState(state), period_s, expires_at),
        *(tuple(agreements.split(",")) if agreements else (), bytes(root), opened, fixed),
        *(bytes(roster_digest), closed, bytes(released), bytes(contributions)),
        *(_need(need) if need else None, consents),
    )


def few_consents(sql: Sql, round_id: str) -> tuple[str, ...]:
    """Return the consents that stand in the round's own row: none once it is closed."""
    ((ids,),) = sql.all(_IDS, (round_id,))
    return _ids(ids) if ids else ()


def agreement_stands(sql: Sql, institution: str, ids: tuple[str, ...], now: int) -> bool:
    """Return whether one of these agreements of the institution is in force, or none is named."""
    if not ids:
        return True
    for owner, valid_from, valid_until, ended_at in sql.by_keys(_AGREEMENTS, "id", ids):
        end = valid_until if ended_at is None else min(valid_until, ended_at)
        if owner == institution and valid_from <= now < end:
            return True
    return False


def of_subject(sql: Sql, subject_id: bytes, index: int) -> None:
    """Keep that the event at this place is of this subject, if it is of one."""
    if subject_id:
        sql.run(
            "INSERT INTO subject_event(subject_id, log_index) VALUES (?,?)", (subject_id, index)
        )
