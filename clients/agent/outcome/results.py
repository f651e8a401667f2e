"""Whether a result is of the round that this agent contributed to, and holds its contribution.

Owns the agent's part of H9: the gateway's signature by the pinned key, question, roster, number of
ciphertexts, and the path of the own contribution to the Merkle root (RFC 9162). And that the audit
log has this result for the round: the asker looks for its own there, so that a gateway which shows
one result to agents and another to the asker has to log both, or show two logs. Whether the
released ciphertexts are the product of the contributions is for `recompute` to check, for a share
of the rounds; their plaintexts are not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from clients.agent.context import Trust
from clients.agent.errors import Refused, Word
from clients.agent.orders import ResultOrder
from clients.agent.store import Kept
from clients.sdk.logs.verification import VerificationError, checked_event
from clients.sdk.models.common import InclusionProof
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.statements import RESULT_TYPE, Result

RELEASED: Final = "AGGREGATE_RELEASED"
"""The kind of the log's event."""


def read_result(trust: Trust, statement: SignedStatement) -> Result:
    """Read a result that the gateway signed; raises ``Refused``: MALFORMED or SIGNATURE."""
    trust.require_gateway(RESULT_TYPE, statement)
    try:
        return msgspec.json.decode(statement.payload, type=Result)
    except (msgspec.MsgspecError, ValueError):
        raise Refused(Word.MALFORMED) from None


def require_result(
    kept: Kept, members: Sequence[str], own: str, ciphertexts: int, order: ResultOrder
) -> None:
    """Check a result against the round that was contributed to.

    Raises:
        Refused: RESULT.
    """
    content = msgspec.json.decode(order.result.payload, type=Result)
    same = (
        content.round == kept.id
        and content.question == kept.question_hash.hex()
        and content.roster == kept.roster_hash.hex()
        and content.ciphertexts == ciphertexts
    )
    if not same or kept.contribution is None:
        raise Refused(Word.RESULT)
    leaf, root = leaf_hash(kept.contribution.payload), bytes.fromhex(content.contributions)
    try:
        verify_inclusion(members.index(own), len(members), leaf, order.path, root)
    except (CryptoError, ValueError):
        raise Refused(Word.RESULT) from None


def require_logged(log_key: VerifierKey, content: Result, order: ResultOrder) -> None:
    """Check that the log under a pinned key has the release of this very result.

    Raises:
        Refused: UNLOGGED.
    """
    proof = InclusionProof(content.log_index, 0, order.inclusion, order.event, order.checkpoint)
    try:
        says = checked_event(proof, log_key).says
    except VerificationError:
        raise Refused(Word.UNLOGGED) from None
    wanted = {
        "kind": RELEASED,
        "round": content.round,
        "request": content.question,
        "roster": content.roster,
        "contributions": content.contributions,
        "result": content.digest,
    }
    if {name: says.get(name) for name in wanted} != wanted:
        raise Refused(Word.UNLOGGED)
