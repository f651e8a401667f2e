"""Statements of a round: institutions' by their certificates, the gateway's by its round key.

Owns who may sign what: an agent's statements are signed by a certificate of the workload ``agent``,
an asker's by one of ``keyholder``. Refuses certificates of other workloads (one that carries
records signs no question), that live longer than seven days, or that no client authority of this
gateway issued. What a refusal says is one fixed word.
"""

from collections.abc import Callable
from typing import Final

from gateway.adapters.keys.keyring import Keyring
from gateway.application.ports.aggregates import Signed, StatementRefused
from gateway.crypto.dsse import pae
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.masks import MaskError, require_masking_key
from gateway.crypto.statement import Anchors, SignedStatement
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    MANIFEST_TYPE,
    QUESTION_TYPE,
    READY_TYPE,
    RESULT_TYPE,
    ROSTER_TYPE,
)

KEYHOLDER: Final = "keyholder"
AGENT: Final = "agent"
WORKLOADS: Final = {QUESTION_TYPE: KEYHOLDER, READY_TYPE: AGENT, CONTRIBUTION_TYPE: AGENT}
"""Of the statements that one kind of workload alone makes; another type is let through from both,
as the channels of a binning are made by lender and bureau."""
_OWN: Final = frozenset({ROSTER_TYPE, RESULT_TYPE, MANIFEST_TYPE})


class KeyedStatements:
    """Implements ``StatementChecker``. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        authorities_pem: bytes,
        trust_domain: str,
        keyring: Keyring,
        clock: Callable[[], float],
    ) -> None:
        """Take the client authorities of the configuration and the gateway's keys.

        Raises ``StatementError`` where the authorities are no PEM certificates.
        """
        self._anchors = Anchors(authorities_pem, trust_domain)
        self._key = keyring.round_key
        self._clock = clock

    def institution(self, payload_type: str, signed: Signed) -> str:
        """Return who signed. Raises ``StatementRefused``: signature, chain, type, workload."""
        if payload_type in _OWN:
            raise StatementRefused("type")
        statement = SignedStatement(signed.payload, signed.signature, signed.chain)
        try:
            signer = self._anchors.verify(payload_type, statement, self._clock())
        except SignatureError:
            raise StatementRefused("signature") from None
        except CryptoError:
            raise StatementRefused("chain") from None
        wanted = WORKLOADS.get(payload_type)
        if signer.workload not in ((wanted,) if wanted else (AGENT, KEYHOLDER)):
            raise StatementRefused("workload")
        return signer.institution

    def require_masking_key(self, key: str) -> None:
        """Raise ``StatementRefused`` for a key (hex) that would spoil a roster's masks."""
        try:
            require_masking_key(bytes.fromhex(key))
        except (MaskError, ValueError):
            raise StatementRefused("masking key") from None

    def sign(self, payload_type: str, payload: bytes) -> Signed:
        """Return a statement of the gateway's: Ed25519 over the DSSE encoding, without a chain."""
        return Signed(payload, self._key.sign(pae(payload_type, payload)))

    @property
    def public_key(self) -> bytes:
        """Return the Ed25519 key that agents and keyholders pin, 32 bytes."""
        return self._key.public_key.raw
