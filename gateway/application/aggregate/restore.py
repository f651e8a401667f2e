"""A round out of the store: after a restart, or where memory knows less than the store.

Owns that the one roster is the stored one, and that a combination which was kept is the one that is
released. Refuses stored bytes that are in no form of ours.
"""

from __future__ import annotations

import msgspec

from gateway.application.aggregate.kept import read_kept
from gateway.application.aggregate.round import Phase, Round
from gateway.application.ports.aggregates import Signed, StoredRound
from gateway.domain.aggregate.statements import Ready


def restore(one: Round, stored: StoredRound) -> None:
    """Bring a round to where the store has it."""
    one.opened()
    if stored.roster is None:
        return
    readies = {contributor_of(signed): signed for signed in stored.readies}
    one.readies = readies
    one.fix(stored.roster, tuple(sorted(readies)))
    one.prepared = read_kept(stored.result).prepared
    if one.prepared is not None:
        one.phase, one.prepared_is_kept = Phase.FINISHING, True


def contributor_of(ready: Signed) -> str:
    """Return who a stored readiness is of."""
    return msgspec.json.decode(ready.payload, type=Ready).contributor
