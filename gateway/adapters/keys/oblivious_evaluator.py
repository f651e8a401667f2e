"""The oblivious function over the keyring, beside the event loop.

Owns that a large batch holds nobody up: scalar multiplications run on one thread, and the library
releases the interpreter while it computes. Refuses elements that are not of the group.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from gateway.adapters.keys.keyring import Keyring
from gateway.application.ports.references import Evaluated
from gateway.crypto.oprf import OprfError, blind_evaluate_batch
from gateway.domain.reasons import ErrorReason, refuse


class ObliviousEvaluator:
    """Implements ``ReferenceEvaluator``; one batch at a time."""

    def __init__(self, keyring: Keyring) -> None:
        """Take the keys."""
        self._keyring = keyring
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="oblivious")

    @property
    def key_version(self) -> str:
        """Return the version of the key."""
        return self._keyring.version

    @property
    def public_key(self) -> bytes:
        """Return the public key, 32 bytes."""
        return self._keyring.oblivious.public_key

    async def evaluate(self, blinded: tuple[bytes, ...]) -> Evaluated:
        """Return the evaluations with their proof."""
        loop = asyncio.get_running_loop()
        try:
            elements, proof = await loop.run_in_executor(
                self._thread, blind_evaluate_batch, self._keyring.oblivious, blinded
            )
        except OprfError:
            raise refuse(ErrorReason.INVALID_FIELD, "blinded_elements") from None
        return Evaluated(elements, proof)
