"""Rounds, askers' keys and accounts of privacy, read only.

Owns how a round's row becomes a ``StoredRound``. Refuses to hand out a round's consents: who they
are of is for the transactions that read them, and a subject's own for the events of its round.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from gateway.adapters.store.privacy_accounts import SELECT_ACCOUNT, account_at
from gateway.adapters.store.reader import StoreReader
from gateway.application.ports.aggregates import AccountView, RoundState, Signed, StoredRound

_ROUND: Final = (
    "SELECT institution_id, kind, dataset, digest, state, question, roster, readies, result,"
    " closed_index, combined, contributions, consents, closed_at FROM aggregate_round WHERE id=?"
)
_FACTS: Final = (
    "SELECT kind, dataset, purpose, digest, cost, consents, consents_root, roster_digest,"
    " consent_ids, readies, contract FROM aggregate_round WHERE id=? AND institution_id=?"
)
_CONTRIBUTION: Final = (
    "SELECT ciphertexts FROM aggregate_contribution WHERE round_id=? AND digest=? AND keep_until>?"
)
_KEY: Final = "SELECT 1 FROM aggregate_key WHERE institution_id=? AND key_id=?"
_signed: Final = msgspec.msgpack.Decoder(Signed).decode
_many: Final = msgspec.msgpack.Decoder(tuple[Signed, ...]).decode
_ids: Final = msgspec.msgpack.Decoder(tuple[str, ...]).decode
SUBJECT: Final = "subject"
"""The kind of a round that is about one person."""


class RoundFacts(msgspec.Struct, frozen=True):
    """What a round's events say of it. ``consent`` is the one subject's, until it is closed."""

    kind: str
    dataset: str
    purpose: str
    digest: bytes
    cost: int
    consents: int
    consents_root: bytes
    roster_digest: bytes
    contributors: int
    consent: str
    contract: str = ""


class AggregateStore:
    """Implements ``AggregateReader``. ``clock`` gives Unix seconds."""

    def __init__(self, reader: StoreReader, clock: Callable[[], float]) -> None:
        """Take a reader of the store."""
        self._reader = reader
        self._clock = clock

    async def round(self, round_id: str) -> StoredRound | None:
        """Return a round, or None."""
        rows = await self._reader.rows(_ROUND, (round_id,))
        if not rows:
            return None
        institution, kind, dataset, digest, state, question, *rest = rows[0]
        roster, readies, result, closed, combined, contributions, consents, closed_at = rest
        released = RoundState(state) is RoundState.RELEASED
        return StoredRound(
            round_id,
            institution,
            kind,
            dataset,
            bytes(digest),
            RoundState(state),
            _signed(question),
            _signed(roster) if roster else None,
            _many(readies) if readies else (),
            bytes(result or combined),
            closed if released else -1,
            bytes(contributions),
            consents,
            closed_at if released else 0,
        )

    async def facts(self, institution: str, round_id: str) -> RoundFacts | None:
        """Return what the events of an institution's own round say, or None."""
        rows = await self._reader.rows(_FACTS, (round_id, institution))
        if not rows:
            return None
        kind, dataset, purpose, digest, cost, consents, root, roster, ids, *others = rows[0]
        readies, contract = others
        consent = _ids(ids)[0] if kind == SUBJECT and ids else ""
        contributors = len(_many(readies)) if readies else 0
        return RoundFacts(
            *(kind, dataset, purpose, bytes(digest), cost, consents, bytes(root), bytes(roster)),
            *(contributors, consent, contract),
        )

    async def contribution(self, round_id: str, digest: bytes) -> bytes | None:
        """Return the ciphertexts of a contribution, None where its days are over."""
        values = (round_id, digest, int(self._clock()))
        rows = await self._reader.rows(_CONTRIBUTION, values)
        return bytes(rows[0][0]) if rows else None

    async def knows_key(self, institution: str, key_id: bytes) -> bool:
        """Return whether the institution has registered the key."""
        return bool(await self._reader.rows(_KEY, (institution, key_id)))

    async def account(
        self, legal_group: str, dataset: str, period_s: int, limit: int, max_refusals: int
    ) -> AccountView:
        """Return an account as it stands now; a fresh one where nothing was asked yet."""
        rows = await self._reader.rows(SELECT_ACCOUNT, (legal_group, dataset))
        now = int(self._clock())
        return account_at(rows, dataset, period_s, limit, max_refusals, now)
