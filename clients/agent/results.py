"""Whether a result is of the round that this agent contributed to, and holds its contribution.

Owns the agent's part of H9: the gateway's signature by the pinned key, question, roster, number of
ciphertexts, and the path of the own contribution to the Merkle root (RFC 9162). What is not seen
from here: whether the released ciphertexts are the product of the contributions, for they were
randomised anew; and their plaintexts.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from clients.agent.context import Trust
from clients.agent.errors import Refused, Word
from clients.agent.orders import ResultOrder
from clients.agent.store import Kept
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import verify_inclusion
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.statements import RESULT_TYPE, Result


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
