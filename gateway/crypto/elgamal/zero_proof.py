"""Proof that ciphertexts hold what given ones hold: that each difference encrypts zero.

Owns randomising anew with a proof of it, and checking one. For products (P1_j, P2_j) and released
ciphertexts (R1_j, R2_j) under the key P = xG let (A_j, B_j) = (R1_j - P1_j, R2_j - P2_j). Claimed
is B_j = x A_j for every j, which is to say that the difference is (r_j G, r_j P). The proof is that
of Chaum and Pedersen (1992) for all j at once: commitments (T1, T2) = (tG, tP), weights w_j of 128
bits drawn from the hash over claim and commitments, answer z = t + sum of w_j r_j. The verifier
turns (hash, z) back into T1 = zG - sum of w_j A_j and T2 = zP - sum of w_j B_j, and hashes again.

Soundness, whoever knows x (asker and prover may be one): let E_j = B_j - x A_j. What verifies has
sum of w_j E_j = x T1 - T2, which was fixed before the weights were drawn. If some E_j is not zero
then, whatever the other weights are, at most one w_j below 2^128 fits, for the group's order is a
prime above that: a chance of 2^-128 for each hash that a forger computes, however many ciphertexts
there are and whether one or all of them were changed. Hides the r_j perfectly (t is uniform).

Assumption: SHA-256 as a random oracle; none on the group. Refuses proofs in another form than the
one that the prover writes, other numbers of ciphertexts, and a released ciphertext one of whose
points is the product's: it was not randomised.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.curve import (
    ORDER,
    SCALAR_SIZE,
    Point,
    add,
    base,
    encode,
    negate,
    random_scalar,
    scalar_bytes,
)
from gateway.crypto.elgamal.errors import ElGamalError, Refusal
from gateway.crypto.elgamal.plaintext import generator_times
from gateway.crypto.elgamal.public_key import TABLES_FROM, PublicKey
from gateway.crypto.elgamal.weighted import weighted_sum
from gateway.crypto.zero_transcript import CHALLENGE_SIZE, challenge, claim, weights

PROOF_SIZE = CHALLENGE_SIZE + SCALAR_SIZE
WEIGHT_SIZE = 16
_SCHEME = b"elgamal secp256k1"


def randomised(
    key: PublicKey, products: Sequence[Ciphertext]
) -> tuple[list[Ciphertext], list[int]]:
    """The same numbers, each under another uniform scalar, and the scalars that were added.

    The scalars are for `prove_zeros`, and to be forgotten after it.

    Raises:
        ElGamalError: a point became infinity.
    """
    if len(products) >= TABLES_FROM:
        key.prepare()
    scalars = [random_scalar() for _ in products]
    zeros = (Ciphertext(generator_times(one), key.times(one)) for one in scalars)
    return [one.plus(zero) for one, zero in zip(products, zeros, strict=True)], scalars


def claim_of(key: PublicKey, context: bytes, products: bytes, released: bytes) -> bytes:
    """What is proved, 32 bytes; ciphertexts as their bytes, one after the other."""
    return claim(_SCHEME, key.to_bytes(), context, products, released)


def prove_zeros(key: PublicKey, claimed: bytes, scalars: Sequence[int]) -> bytes:
    """64 bytes that show `claimed`, by the scalars of `randomised`; two of them may be made.

    Raises:
        ElGamalError: there is no scalar (EMPTY).
    """
    if not scalars:
        raise ElGamalError(Refusal.EMPTY)
    while True:
        t = random_scalar()
        seed = challenge(claimed, encode(base(t)) + encode(key.times(t)))
        drawn = weights(seed, len(scalars), WEIGHT_SIZE)
        weighted = (int.from_bytes(w, "big") * r for w, r in zip(drawn, scalars, strict=True))
        answer = (t + sum(weighted)) % ORDER
        if answer:
            return seed + scalar_bytes(answer)


def verify_zeros(
    key: PublicKey,
    context: bytes,
    products: Sequence[Ciphertext],
    released: Sequence[Ciphertext],
    proof: bytes,
) -> None:
    """Check that each released ciphertext holds what the product in its place holds.

    Raises:
        ElGamalError: PROOF_FAILED, or WRONG_LENGTH and SCALAR_OUT_OF_RANGE for another form.
    """
    if len(proof) != PROOF_SIZE or not products or len(products) != len(released):
        raise ElGamalError(Refusal.WRONG_LENGTH)
    seed, answer = proof[:CHALLENGE_SIZE], int.from_bytes(proof[CHALLENGE_SIZE:], "big")
    if not 0 < answer < ORDER:
        raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
    claimed = claim_of(key, context, _joined(products), _joined(released))
    drawn = weights(seed, len(products), WEIGHT_SIZE)
    try:
        first = _opened(base(answer), [o.c1 for o in released], [o.c1 for o in products], drawn)
        second = _opened(
            key.times(answer), [o.c2 for o in released], [o.c2 for o in products], drawn
        )
    except ElGamalError:
        # What an honest prover made leads to infinity with a probability of 2^-250 or so.
        raise ElGamalError(Refusal.PROOF_FAILED) from None
    if not compare_digest(seed, challenge(claimed, encode(first) + encode(second))):
        raise ElGamalError(Refusal.PROOF_FAILED)


def _opened(
    answered: Point, released: Sequence[Point], products: Sequence[Point], drawn: Sequence[bytes]
) -> Point:
    """The commitment that an answer stands for: itself less the weighted differences."""
    negated = [add(p, negate(r)) for p, r in zip(products, released, strict=True)]
    return add(answered, weighted_sum(negated, drawn))


def _joined(ciphertexts: Sequence[Ciphertext]) -> bytes:
    return b"".join(one.to_bytes() for one in ciphertexts)
