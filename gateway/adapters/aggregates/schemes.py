"""Both additive schemes as the combiner needs them: checked keys, checked ciphertexts, sums.

Owns reading the bytes of keys, proofs and ciphertexts. Refuses them as ``CryptoError``: a key in
another form than the one that hashes to its id, a proof of another asker, bytes that are not whole
ciphertexts. Sums leave here randomised by a uniform scalar or root, never as they came.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple, Protocol

from gateway.crypto.elgamal import CIPHERTEXT_SIZE, Ciphertext, sum_many
from gateway.crypto.elgamal import PublicKey as ElGamalKey
from gateway.crypto.elgamal import zero_proof as elgamal_zeros
from gateway.crypto.elgamal.curve import SCALAR_SIZE
from gateway.crypto.elgamal.possession import verify_possession
from gateway.crypto.errors import CryptoError
from gateway.crypto.paillier import KeyProof, verify_key
from gateway.crypto.paillier import PublicKey as PaillierKey
from gateway.crypto.paillier import zero_proof as paillier_zeros
from gateway.domain.aggregate.question import AskerKey

_REMEMBERED: Final = 16
"""Keys with their tables: half a megabyte each."""


class Total(NamedTuple):
    """Sums behind each other: as added up, as released, and what was added to randomise them."""

    products: bytes
    released: bytes
    randomisers: bytes
    """Scalars or roots. Whoever has them knows the products from what is released."""


class Adder(Protocol):
    """A key that ciphertexts are checked and added under."""

    @property
    def size(self) -> int:
        """Return the bytes of one ciphertext."""
        ...

    def check(self, ciphertexts: Sequence[bytes]) -> None:
        """Raise ``CryptoError`` unless each is valid."""
        ...

    def total(self, columns: Sequence[Sequence[bytes]]) -> Total:
        """Return the sum of each column, randomised anew."""
        ...

    def prove(self, context: bytes, total: Total) -> bytes:
        """Prove that what is released are the sums, in a context."""
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

    def total(self, columns: Sequence[Sequence[bytes]]) -> Total:
        """Add up points, and an encryption of zero under a uniform scalar to each sum."""
        sums = [sum_many([Ciphertext.from_bytes(one) for one in column]) for column in columns]
        released, scalars = elgamal_zeros.randomised(self._key, sums)
        return Total(
            b"".join(one.to_bytes() for one in sums),
            b"".join(one.to_bytes() for one in released),
            b"".join(one.to_bytes(SCALAR_SIZE, "big") for one in scalars),
        )

    def prove(self, context: bytes, total: Total) -> bytes:
        """Prove by the scalars."""
        claimed = elgamal_zeros.claim_of(self._key, context, total.products, total.released)
        scalars = _numbers(total.randomisers, SCALAR_SIZE)
        return elgamal_zeros.prove_zeros(self._key, claimed, scalars)


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

    def total(self, columns: Sequence[Sequence[bytes]]) -> Total:
        """Multiply residues, each product by r^n for a uniform r.

        Masked plaintexts count modulo n, so no bound of theirs is looked at.
        """
        sums = [
            self._key.total((int.from_bytes(one, "big") for one in column), 0) for column in columns
        ]
        released, roots = paillier_zeros.randomised(self._key, sums)
        return Total(
            b"".join(one.to_bytes(self.size, "big") for one in sums),
            b"".join(one.to_bytes(self.size, "big") for one in released),
            b"".join(one.to_bytes(self.size // 2, "big") for one in roots),
        )

    def prove(self, context: bytes, total: Total) -> bytes:
        """Prove by the roots."""
        claimed = paillier_zeros.claim_of(self._key, context, total.products, total.released)
        roots = _numbers(total.randomisers, self.size // 2)
        return paillier_zeros.prove_zeros(self._key, claimed, roots)


@lru_cache(_REMEMBERED)
def adder(scheme: str, key: bytes) -> Adder:
    """Return what adds under a key; raises ``CryptoError``."""
    return ElGamalAdder(key) if scheme == "elgamal" else PaillierAdder(key)


def check_key(key: AskerKey, context: bytes) -> None:
    """Check a key and that its owner proved it in this context; raises ``CryptoError``."""
    encoded, proof = bytes.fromhex(key.key), _proof(key)
    if key.scheme == "elgamal":
        verify_possession(ElGamalKey.from_bytes(encoded), proof, context)
        return
    # A zero in front would give one key several ids, and its ciphertexts another length.
    if encoded[0] == 0:
        raise CryptoError("a modulus is written without zeros in front")
    n = int.from_bytes(encoded, "big")
    verify_key(n, context, KeyProof.decode(n, proof))


def _proof(key: AskerKey) -> bytes:
    try:
        return key.proof_bytes()
    except ValueError:
        raise CryptoError("the proof is not written as proofs are") from None


def split(ciphertexts: bytes, size: int) -> list[bytes]:
    """Return the ciphertexts one by one; raises ``CryptoError`` unless they are whole."""
    if not ciphertexts or len(ciphertexts) % size:
        raise CryptoError("ciphertexts have one length")
    return [ciphertexts[at : at + size] for at in range(0, len(ciphertexts), size)]


def _numbers(encoded: bytes, size: int) -> list[int]:
    return [int.from_bytes(encoded[at : at + size], "big") for at in range(0, len(encoded), size)]
