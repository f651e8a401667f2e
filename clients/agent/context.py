"""What an agent goes by in every round: who it is, whom it trusts, what it refuses.

Owns checking the signatures of others, and making its own. Refuses to learn any of it from an
order.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from clients.agent.errors import Refused, Word
from clients.agent.key_proof import ProofNotes
from clients.agent.policy import LocalPolicy
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import PublicKey
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.statement import Anchors, SignedStatement, StatementKey

AGENT = "agent"
KEYHOLDER = "keyholder"
MAX_PAYLOAD = 512 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """An agent's own identity and the keys that it checks others by."""

    institution: str
    anchors: Anchors
    round_key: PublicKey
    policy: LocalPolicy
    own_key: Callable[[], StatementKey]
    """Read anew for every signature: certificates are replaced every few days."""
    now: Callable[[], float] = time.time
    """Unix seconds."""
    proofs: ProofNotes = ProofNotes()  # noqa: RUF009 - without a folder it notes nothing
    """Which keys' proofs were checked before."""

    def signer(self, kind: str, statement: SignedStatement, workload: str) -> str:
        """Return the institution that signed, by a workload of this name.

        Raises:
            Refused: MALFORMED, SIGNATURE or SIGNER.
        """
        require_size(statement)
        try:
            signer = self.anchors.verify(kind, statement, self.now())
        except CryptoError:
            raise Refused(Word.SIGNATURE) from None
        if signer.workload != workload:
            raise Refused(Word.SIGNER)
        return signer.institution

    def require_gateway(self, kind: str, statement: SignedStatement) -> None:
        """Check a statement of the gateway by the pinned key; raises ``Refused``."""
        require_size(statement)
        if statement.chain:
            raise Refused(Word.SIGNATURE)
        try:
            self.round_key.verify(statement.signature, pae(kind, statement.payload))
        except SignatureError:
            raise Refused(Word.SIGNATURE) from None

    def sign(self, kind: str, payload: bytes) -> SignedStatement:
        """Sign as this agent."""
        return self.own_key().sign(kind, payload)


def require_size(statement: SignedStatement) -> None:
    """Check how large a statement is before anything is done with it; raises ``Refused``."""
    if not 0 < len(statement.payload) <= MAX_PAYLOAD or len(statement.signature) > 256:
        raise Refused(Word.MALFORMED)
