"""Both additive schemes as the combiner needs them: checked keys, checked ciphertexts, sums.

Owns reading the bytes of keys, proofs and ciphertexts. Refuses them as ``CryptoError``: a key in
another form than the one that hashes to its id, a proof of another asker, bytes that are not whole
ciphertexts. Sums leave here randomised by a uniform scalar or root, never as they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, Protocol

from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, sum_many
from gateway.crypto.elgamal import PublicKey as ElGamalKey
from gateway.crypto.elgamal.possession import verify_possession
from gateway.crypto.errors import CryptoError
from gateway.crypto.paillier import KeyProof, verify_key
from gateway.crypto.paillier import PublicKey as PaillierKey
from gateway.domain.aggregate.question import AskerKey

_REMEMBERED: Final = 16
"""Keys with their tables: half a megabyte each."""


class Adder(Protocol):
    """A key that ciphertexts are checked and added under."""

    @property
    def size(self) -> int:
        """Return the bytes of one ciphertext."""
        ...

    def check(self, ciphertexts: Sequence[bytes]) -> None:
        """Raise ``CryptoError`` unless each is valid."""
        ...

    def total(self, columns: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Return the sum of each column, randomised anew."""
        ...


class ElGamalAdder:
    """Implements ``Adder`` with points of secp256k1."""

    size = CIPHERTEXT_SIZE

    def __init__(self, key: bytes) -> None:
        """Check a key."""
        self._key = ElGamalKey.from_bytes(key)

    def check(self, ciphertexts: Sequence[bytes]) -> None:
        """Check points."""
        for one in ciphertexts:
            Ciphertext.from_bytes(one)

    def total(self, columns: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Add up points, and an encryption of zero under a uniform scalar to each sum."""
        sums = [sum_many([Ciphertext.from_bytes(one) for one in column]) for column in columns]
        return [one.to_bytes() for one in self._key.rerandomise_many(sums)]


class PaillierAdder:
    """Implements ``Adder`` with residues modulo the square of a modulus."""

    def __init__(self, key: bytes) -> None:
        """Check a modulus."""
        self._key = PaillierKey(int.from_bytes(key, "big"))
        self.size = 2 * len(key)

    def check(self, ciphertexts: Sequence[bytes]) -> None:
        """Check residues."""
        for one in ciphertexts:
            self._key.require(int.from_bytes(one, "big"))

    def total(self, columns: Sequence[Sequence[bytes]]) -> list[bytes]:
        """Multiply residues, each product by r^n for a uniform r.

        Masked plaintexts count modulo n, so no bound of theirs is looked at.
        """
        sums = [
            self._key.total((int.from_bytes(one, "big") for one in column), 0) for column in columns
        ]
        return [self._key.rerandomise(one).to_bytes(self.size, "big") for one in sums]


@lru_cache(_REMEMBERED)
def adder(scheme: str, key: bytes) -> Adder:
    """Return what adds under a key; raises ``CryptoError``."""
    return ElGamalAdder(key) if scheme == "elgamal" else PaillierAdder(key)


def check_key(key: AskerKey, context: bytes) -> None:
    """Check a key and that its owner proved it in this context; raises ``CryptoError``."""
    encoded, proof = bytes.fromhex(key.key), bytes.fromhex(key.proof)
    if key.scheme == "elgamal":
        verify_possession(ElGamalKey.from_bytes(encoded), proof, context)
        return
    # A zero in front would give one key several ids, and its ciphertexts another length.
    if encoded[0] == 0:
        raise CryptoError("a modulus is written without zeros in front")
    n = int.from_bytes(encoded, "big")
    verify_key(n, context, KeyProof.decode(n, proof))


def split(ciphertexts: bytes, size: int) -> list[bytes]:
    """Return the ciphertexts one by one; raises ``CryptoError`` unless they are whole."""
    if not ciphertexts or len(ciphertexts) % size:
        raise CryptoError("ciphertexts have one length")
    return [ciphertexts[at : at + size] for at in range(0, len(ciphertexts), size)]
