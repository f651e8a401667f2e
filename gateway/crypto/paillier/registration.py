"""What a keyholder hands in with a public key, and what a verifier concludes from it.

Owns the order of the checks, cheapest first, and the encoding of the proof. A verified key is one
whose ciphertexts decrypt to one plaintext each (gcd(n, phi(n)) = 1), whose holder was there when
the context was (bind it to the institution, the purpose and a fresh value), and that no bounded
effort factors. Where the proof shows p = q = 3 (mod 4), too, encryptors may use the table. Refuses
everything else with its reason; under 1 s at 3072 bits. Security level: 128 bits of soundness.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.crypto.paillier.blum_proof import (
    RESIDUES,
    BlumProof,
    is_blum,
    prove_blum,
    verify_blum,
)
from gateway.crypto.paillier.errors import ProofError, Reason
from gateway.crypto.paillier.modulus import DEFAULT_BITS, require_modulus, require_rough
from gateway.crypto.paillier.private_key import PrivateKey
from gateway.crypto.paillier.public_key import PublicKey
from gateway.crypto.paillier.randomness import Randomness
from gateway.crypto.paillier.root_proof import ROOTS, prove_roots, verify_roots

__all__ = ["KeyProof", "prove_key", "verify_key"]

_TWIST_BYTES = RESIDUES // 4


@dataclass(frozen=True, slots=True)
class KeyProof:
    """Proof of a key; `blum` is missing where the primes are not both 3 modulo 4."""

    roots: tuple[int, ...]
    blum: BlumProof | None

    def encode(self, n: int) -> bytes:
        """The numbers in the length of n each, big-endian: 3 KB or 52 KB at 3072 bits."""
        size = (n.bit_length() + 7) // 8
        numbers = self.roots
        twists = b""
        if self.blum is not None:
            numbers += (self.blum.w, *self.blum.roots)
            packed = sum(twist << 2 * place for place, twist in enumerate(self.blum.twists))
            twists = packed.to_bytes(_TWIST_BYTES, "big")
        return b"".join(number.to_bytes(size, "big") for number in numbers) + twists

    @classmethod
    def decode(cls, n: int, encoded: bytes) -> KeyProof:
        """The proof for a modulus n out of its bytes.

        Raises:
            ProofError: PROOF_SHAPE: there are too many or too few.
        """
        size = (n.bit_length() + 7) // 8
        short, long = ROOTS * size, (ROOTS + 1 + RESIDUES) * size
        if len(encoded) not in (short, long + _TWIST_BYTES):
            raise ProofError(Reason.PROOF_SHAPE, "the proof has a wrong length")
        roots = _numbers(encoded[:short], size)
        if len(encoded) == short:
            return cls(roots, None)
        w, *fourth = _numbers(encoded[short:long], size)
        packed = int.from_bytes(encoded[long:], "big")
        twists = tuple(packed >> 2 * place & 3 for place in range(RESIDUES))
        return cls(roots, BlumProof(w, tuple(fourth), twists))


def prove_key(key: PrivateKey, context: bytes) -> KeyProof:
    """Prove possession of a key for a context, and what its modulus is; some 0.5 s at 3072 bits."""
    return KeyProof(prove_roots(key, context), prove_blum(key, context) if is_blum(key) else None)


def verify_key(
    n: int, context: bytes, proof: KeyProof, least_bits: int = DEFAULT_BITS
) -> PublicKey:
    """The public key that a proof shows, with the randomness that it allows.

    Raises:
        PaillierKeyError: the modulus is refused whatever the proof, with its reason.
        ProofError: PROOF_SHAPE or PROOF_WRONG, as for another context.
    """
    require_modulus(n, least_bits)
    verify_roots(n, context, proof.roots)
    if proof.blum is not None:
        verify_blum(n, context, proof.blum)
    require_rough(n)
    randomness = Randomness.FULL if proof.blum is None else Randomness.HALF
    return PublicKey(n, randomness, least_bits=least_bits)


def _numbers(encoded: bytes, size: int) -> tuple[int, ...]:
    return tuple(
        int.from_bytes(encoded[at : at + size], "big") for at in range(0, len(encoded), size)
    )
