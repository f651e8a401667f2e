"""What a keyholder hands in with a public key, and what a verifier concludes from it.

Owns the order of the checks, cheapest first, and the encoding of the proof. A verified key is one
whose ciphertexts decrypt to one plaintext each (gcd(n, phi(n)) = 1), whose holder was there when
the context was (bind it to the institution, the purpose and a fresh value), and that no bounded
effort factors. Where the proof shows p = q = 3 (mod 4), too, encryptors may use the table. Refuses
everything else with its reason; under 1 s at 3072 bits. Soundness: 128 bits for each of the two
proofs, against a forger that chooses n and hashes.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.crypto.paillier.blum_proof import RESIDUES, is_blum, prove_blum, verify_blum
from gateway.crypto.paillier.errors import ProofError, Reason
from gateway.crypto.paillier.modulus import DEFAULT_BITS, require_modulus, require_rough
from gateway.crypto.paillier.private_key import PrivateKey
from gateway.crypto.paillier.public_key import PublicKey
from gateway.crypto.paillier.randomness import Randomness
from gateway.crypto.paillier.root_proof import ROOTS, prove_roots, verify_roots

__all__ = ["KeyProof", "prove_key", "verified_key", "verify_key"]


@dataclass(frozen=True, slots=True)
class KeyProof:
    """Proof of a key.

    Attributes:
        roots: as `root_proof` says.
        blum: as `blum_proof` says; None where the primes are not both 3 modulo 4.
    """

    roots: tuple[int, ...]
    blum: tuple[int, ...] | None

    def encode(self, n: int) -> bytes:
        """The roots in the length of n, the others in half of it: 3 KB or 27 KB at 3072 bits."""
        size, half = _sizes(n)
        roots = [root.to_bytes(size, "big") for root in self.roots]
        return b"".join((*roots, *(u.to_bytes(half, "big") for u in self.blum or ())))

    @classmethod
    def decode(cls, n: int, encoded: bytes) -> KeyProof:
        """The proof for a modulus n out of its bytes.

        Raises:
            ProofError: PROOF_SHAPE: there are too many or too few.
        """
        size, half = _sizes(n)
        short = ROOTS * size
        if len(encoded) not in (short, short + RESIDUES * half):
            raise ProofError(Reason.PROOF_SHAPE, "the proof has a wrong length")
        halves = _numbers(encoded[short:], half) if len(encoded) > short else None
        return cls(_numbers(encoded[:short], size), halves)


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
    return verified_key(n, proof, least_bits)


def verified_key(n: int, proof: KeyProof, least_bits: int = DEFAULT_BITS) -> PublicKey:
    """The same of a proof that `verify_key` passed before, by who remembers that; some 20 ms.

    Raises:
        PaillierKeyError: the modulus is refused by what can be seen of it.
    """
    randomness = Randomness.FULL if proof.blum is None else Randomness.HALF
    return PublicKey(n, randomness, least_bits=least_bits)


def _sizes(n: int) -> tuple[int, int]:
    """Bytes of a number below n, and of one below its square root."""
    return (n.bit_length() + 7) // 8, (n.bit_length() + 15) // 16


def _numbers(encoded: bytes, size: int) -> tuple[int, ...]:
    return tuple(
        int.from_bytes(encoded[at : at + size], "big") for at in range(0, len(encoded), size)
    )
