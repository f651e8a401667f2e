"""The port `Combiner` over its process.

Owns cutting the work into pieces of a second at most, so that rounds take turns and a piece that
hangs is noticed; and that a proof is checked once. Work is done again where the process was lost:
it changes nothing. Refuses more than one key check at a time of one asker, for they cost a second.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from gateway.adapters.aggregates.combiner_messages import (
    Answer,
    CheckCiphertexts,
    CheckKey,
    Combine,
    Prove,
    Scheme,
    Work,
)
from gateway.adapters.processes.batch_channel import SiblingGone
from gateway.adapters.processes.restarting_sibling import RestartingSibling
from gateway.application.ports.aggregates import CiphertextRefused, Combined
from gateway.domain.aggregate.packing_plan import ELGAMAL_CIPHERTEXT
from gateway.domain.aggregate.question import AskerKey, key_context
from gateway.domain.reasons import ErrorReason, refuse

_MODULE: Final = "gateway.adapters.aggregates.combiner_process"
_TIMEOUT_S: Final = 30.0
_TRIES: Final = 4
_PAUSE_S: Final = 1.0
_IN_FLIGHT: Final = 2
_CHECKED_AT_ONCE: Final = {"elgamal": 4096, "paillier": 512}
_COMBINED_AT_ONCE: Final = {"elgamal": 1024, "paillier": 16}
_PROOFS: Final = 1024


class ProcessCombiner:
    """Implements ``Combiner``. Start it before gRPC, ``open`` it on the event loop, close it."""

    def __init__(self) -> None:
        """Start the process; raises ``SiblingFailed``."""
        self._sibling: RestartingSibling[Work, Answer] = RestartingSibling(
            _MODULE, "", Answer, _TIMEOUT_S
        )
        self._turns = asyncio.Semaphore(_IN_FLIGHT)
        self._askers: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._proven: OrderedDict[bytes, None] = OrderedDict()

    @property
    def pid(self) -> int | None:
        """Return the id of the present process, if there is one."""
        return self._sibling.pid

    def open(self) -> None:
        """Connect."""
        self._sibling.open()

    def close(self) -> None:
        """Stop; what is under way fails."""
        self._sibling.close()

    async def require_key(self, key: AskerKey, asker: str) -> None:
        """Check a key and its proof. Raises ``CiphertextRefused``."""
        context = key_context(asker)
        seen = sha256(b"\0".join((key.scheme.encode(), key.key.encode(), key.proof.encode())))
        seen.update(context)
        async with self._askers[asker]:
            if seen.digest() not in self._proven:
                await self._do(CheckKey(key, context))
                self._proven[seen.digest()] = None
                if len(self._proven) > _PROOFS:
                    self._proven.popitem(last=False)

    async def require_valid(self, key: AskerKey, ciphertexts: bytes, count: int) -> None:
        """Check the ciphertexts of one contribution. Raises ``CiphertextRefused``."""
        size = _size(key)
        if len(ciphertexts) != count * size:
            raise CiphertextRefused
        scheme = Scheme(key.scheme, bytes.fromhex(key.key))
        for piece in _pieces(ciphertexts, size * _CHECKED_AT_ONCE[key.scheme]):
            await self._do(CheckCiphertexts(scheme, piece))

    async def combine(
        self, key: AskerKey, contributions: Sequence[bytes], count: int, context: bytes
    ) -> Combined:
        """Return the sums, each randomised anew, and one proof for all of them.

        Raises ``CiphertextRefused``.
        """
        size = _size(key)
        if not count or not contributions or any(len(one) != count * size for one in contributions):
            raise CiphertextRefused
        scheme = Scheme(key.scheme, bytes.fromhex(key.key))
        cut = [_pieces(one, size * _COMBINED_AT_ONCE[key.scheme]) for one in contributions]
        sums = [await self._do(Combine(scheme, parts)) for parts in zip(*cut, strict=True)]
        products, released, randomisers = (
            b"".join(parts)
            for parts in zip(*((s.products, s.released, s.randomisers) for s in sums), strict=True)
        )
        proven = await self._do(Prove(scheme, context, products, released, randomisers))
        return Combined(released, proven.proof)

    async def _do(self, work: Work) -> Answer:
        for tried in range(_TRIES):
            # A lost process is back within a second or so.
            await asyncio.sleep(_PAUSE_S if tried else 0)
            try:
                async with self._turns:
                    answer = await self._sibling.call(work)
            except SiblingGone:
                continue
            if answer.refused:
                raise CiphertextRefused
            return answer
        raise refuse(ErrorReason.INTERNAL)


def _size(key: AskerKey) -> int:
    return ELGAMAL_CIPHERTEXT if key.scheme == "elgamal" else len(key.key)


def _pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))
