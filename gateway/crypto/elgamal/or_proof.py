"""Proofs that a ciphertext holds 0 or 1, and nothing of which.

Owns the disjunction of two Chaum-Pedersen proofs (Cramer, Damgard, Schoenmakers 1994) for
(C1, C2) = k(G, P) or (C1, C2 - G) = k(G, P), made non-interactive by Fiat and Shamir. The challenge
is the SHA-256 of everything that is claimed: key, ciphertext, job, row and the four commitments; so
a proof fits no other row, job or key. 128 bytes: two challenges and two responses, which the
verifier turns back into the commitments. Each proof is checked by itself: checking many at once
would be sound with random weights, but needs the commitments in the proof, 100 bytes more a row.

Assumption: discrete logarithm on secp256k1 and SHA-256 as a random oracle, some 128 bits; hiding is
that of the encryption. Refuses scalars that are zero or not reduced, so that a proof has one
encoding, and ciphertexts that hold anything else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest

from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.curve import (
    ORDER,
    SCALAR_SIZE,
    Point,
    add,
    base,
    encode,
    multiply,
    negate,
    random_scalar,
    scalar_bytes,
)
from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.plaintext import generator_table, generator_times
from gateway.crypto.elgamal.public_key import TABLES_FROM, PublicKey
from gateway.crypto.keyed import length_prefixed

PROOF_SIZE = 4 * SCALAR_SIZE
MAX_ROWS = 1 << 64
_LABEL = b"veilgate/elgamal/bit/v1"
_MINUS_G = negate(base(1))

Commitments = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class BitStatement:
    """What a proof is about: a key and a job, such as H(JOB, M); the row comes with each proof."""

    key: PublicKey
    job: bytes

    def encrypt_bits(self, bits: Sequence[int], first: int = 0) -> list[tuple[Ciphertext, bytes]]:
        """Encrypt the bits of the rows from `first` on, each with its proof.

        Raises:
            ElGamalError: a number is neither 0 nor 1.
        """
        if len(bits) >= TABLES_FROM:
            self.key.prepare()
        return [self._encrypt_bit(bit, row) for row, bit in enumerate(bits, first)]

    def verify(self, ciphertext: Ciphertext, row: int, proof: bytes) -> None:
        """Check one row's proof.

        Raises:
            ElGamalError: it is malformed, or does not show that the row holds 0 or 1.
        """
        challenges, responses = _parse(proof)
        if not 0 <= row < MAX_ROWS:
            raise ElGamalError(Refusal.PROOF_FAILED)
        try:
            commitments = self._commitments(ciphertext, challenges, responses)
        except ElGamalError:
            # Only a forged proof leads to infinity.
            raise ElGamalError(Refusal.PROOF_FAILED) from None
        expected = self._challenge(ciphertext, row, commitments)
        if not compare_digest(_scalar(sum(challenges)), _scalar(expected)):
            raise ElGamalError(Refusal.PROOF_FAILED)

    def verify_all(self, rows: Sequence[tuple[Ciphertext, bytes]], first: int = 0) -> None:
        """Check the proofs of the rows from `first` on: parts can be checked side by side.

        Raises:
            ElGamalError: one of them does not hold.
        """
        if len(rows) >= TABLES_FROM:
            self.key.prepare()
        for row, (ciphertext, proof) in enumerate(rows, first):
            self.verify(ciphertext, row, proof)

    def _encrypt_bit(self, bit: int, row: int) -> tuple[Ciphertext, bytes]:
        if bit not in (0, 1):
            raise ElGamalError(Refusal.NOT_A_BIT)
        k = random_scalar()
        ciphertext = self.key.encrypt_with(bit, k)
        return ciphertext, self.prove(ciphertext, bit, k, row)

    def prove(self, ciphertext: Ciphertext, bit: int, k: int, row: int) -> bytes:
        """The proof of a ciphertext of `bit` under the scalar k; the same work for either bit.

        What it makes for any other ciphertext does not verify. The branch that does not hold is
        simulated backwards from its challenge. As k is known, its commitments are multiples of G
        and P alone: (uG, uP + cG) or (uG, uP - cG).
        """
        w, u, simulated = random_scalar(), random_scalar(), random_scalar()
        held = (generator_times(w), self.key.times(w))
        shift = generator_times(simulated if bit == 0 else ORDER - simulated)
        other = (generator_times(u), self.key.times_plus(u, shift))
        commitments = (*held, *other) if bit == 0 else (*other, *held)
        real = (self._challenge(ciphertext, row, commitments) - simulated) % ORDER
        answers = ((real, w + real * k), (simulated, u + simulated * k))
        (c0, z0), (c1, z1) = answers if bit == 0 else answers[::-1]
        return b"".join(scalar_bytes(value % ORDER) for value in (c0, c1, z0, z1))

    def _commitments(
        self, ciphertext: Ciphertext, challenges: tuple[int, int], responses: tuple[int, int]
    ) -> Commitments:
        claims = (ciphertext.c2, add(ciphertext.c2, _MINUS_G))
        generator, points = generator_table(), list[Point]()
        for claim, challenge, response in zip(claims, challenges, responses, strict=True):
            opposite = ORDER - challenge
            points.append(generator.times_plus(response, multiply(ciphertext.c1, opposite)))
            points.append(self.key.times_plus(response, multiply(claim, opposite)))
        return points[0], points[1], points[2], points[3]

    def _challenge(self, ciphertext: Ciphertext, row: int, commitments: Commitments) -> int:
        points = b"".join(map(encode, (self.key.point, *ciphertext, *commitments)))
        claimed = length_prefixed(_LABEL, self.job, row.to_bytes(8, "big"), points)
        return int.from_bytes(sha256(claimed).digest(), "big") % ORDER


def _parse(proof: bytes) -> tuple[tuple[int, int], tuple[int, int]]:
    if len(proof) != PROOF_SIZE:
        raise ElGamalError(Refusal.WRONG_LENGTH)
    c0, c1, z0, z1 = (
        int.from_bytes(proof[at : at + SCALAR_SIZE], "big")
        for at in range(0, PROOF_SIZE, SCALAR_SIZE)
    )
    if not all(0 < value < ORDER for value in (c0, c1, z0, z1)):
        raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
    return (c0, c1), (z0, z1)


def _scalar(value: int) -> bytes:
    return (value % ORDER).to_bytes(SCALAR_SIZE, "big")
