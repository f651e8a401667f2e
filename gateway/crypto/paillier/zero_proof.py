"""Proof that ciphertexts hold what given ones hold: that each quotient is an n-th residue.

Owns randomising anew with a proof of it, and checking one. For products P_j and released
ciphertexts R_j modulo n^2 let D_j = R_j / P_j. Claimed is D_j = s_j^n for every j. The proof is
that of Guillou and Quisquater (1988) for all j at once, 8 times side by side: commitments
a_i = t_i^n, weights w_ij of 16 bits drawn from the hash over claim and all commitments, answers
z_i = t_i * product of s_j^w_ij modulo n. The verifier turns (hash, z_1 ... z_8) back into
a_i = z_i^n / product of D_j^w_ij, and hashes again.

Why 16 bits, and 8 times: every unit modulo n^2 is (1 + m n) s^n for one m modulo n, as
gcd(n, phi(n)) = 1, which the key's registration shows (`root_proof`). What verifies has
m(a_i) + sum of w_ij m(D_j) = 0 modulo n. If some m(D_j) is not 0 modulo n, it is not 0 modulo a
prime factor p of n; then, whatever the other weights are, w_ij is determined modulo p. A longer
weight does not help where p is short: with 128 bits a fraction of 1 / p of the weights fits. All
that is known of a foreign modulus is p > 65,537, and whoever made the modulus may help the forger.
So weights stay below the bound, at most one of 2^16 fits, and 8 independent ones make 2^-128 for
each hash that a forger computes, whoever knows the factors. (For a modulus known to have primes
above 2^128 one weight of 128 bits would do.) Hides the s_j perfectly (t_i is uniform).

Assumption: SHA-256 as a random oracle, and the registration's proof. Refuses answers that are no
units below n (another would give a proof two forms, or no m), what is no ciphertext, and other
numbers of them. Costs 8 powers to prove and to check, some 0.2 s each at 3072 bits, and a
millisecond a ciphertext to check.
"""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

import gmpy2
from gmpy2 import mpz

from gateway.crypto.paillier.errors import CiphertextError, ProofError, Reason
from gateway.crypto.paillier.hashing import as_bytes
from gateway.crypto.paillier.public_key import PublicKey
from gateway.crypto.paillier.randomness import uniform_unit
from gateway.crypto.zero_transcript import CHALLENGE_SIZE, challenge, claim, weights

__all__ = ["ROUNDS", "claim_of", "proof_size", "prove_zeros", "randomised", "verify_zeros"]

ROUNDS = 8
WEIGHT_SIZE = 2
"""Bytes: every weight lies below `modulus.ROUGHNESS`, which no prime factor of a modulus does."""
_DIGITS = 16
_SCHEME = b"paillier"


def randomised(key: PublicKey, products: Sequence[int]) -> tuple[list[int], list[int]]:
    """The same plaintexts under r^n for uniform r, and the roots r that were multiplied in.

    The roots are for `prove_zeros`, and to be forgotten after it.

    Raises:
        CiphertextError: a product is no ciphertext.
    """
    roots = [uniform_unit(key.n) for _ in products]
    released = [
        int(key.require(c) * gmpy2.powmod(r, key.n, key.square) % key.square)
        for c, r in zip(products, roots, strict=True)
    ]
    return released, [int(root) for root in roots]


def claim_of(key: PublicKey, context: bytes, products: bytes, released: bytes) -> bytes:
    """What is proved, 32 bytes; ciphertexts as bytes of twice the modulus's length, in order."""
    return claim(_SCHEME, as_bytes(key.n), context, products, released)


def proof_size(key: PublicKey) -> int:
    """How many bytes a proof has."""
    return CHALLENGE_SIZE + ROUNDS * _length(key)


def prove_zeros(key: PublicKey, claimed: bytes, roots: Sequence[int]) -> bytes:
    """Show `claimed`, by the roots of `randomised`; two proofs may be made.

    Raises:
        ProofError: PROOF_SHAPE: there is no root.
    """
    if not roots:
        raise ProofError(Reason.PROOF_SHAPE, "a proof is about one ciphertext at least")
    fresh = [uniform_unit(key.n) for _ in range(ROUNDS)]
    commitments = [gmpy2.powmod(t, key.n, key.square) for t in fresh]
    seed = challenge(claimed, _written(commitments, 2 * _length(key)))
    numbers, n = [mpz(root) for root in roots], mpz(key.n)
    answers = [
        t * _weighted_product(numbers, drawn, n) % n
        for t, drawn in zip(fresh, _rounds(seed, len(roots)), strict=True)
    ]
    return seed + _written(answers, _length(key))


def verify_zeros(
    key: PublicKey, context: bytes, products: Sequence[int], released: Sequence[int], proof: bytes
) -> None:
    """Check that each released ciphertext holds what the product in its place holds.

    Raises:
        ProofError: PROOF_SHAPE or PROOF_WRONG.
        CiphertextError: a number is no ciphertext.
    """
    if len(proof) != proof_size(key) or not products or len(products) != len(released):
        raise ProofError(Reason.PROOF_SHAPE, "a proof, or what it is about, has another length")
    answers = _answers(key, proof[CHALLENGE_SIZE:])
    seed, n, square = proof[:CHALLENGE_SIZE], mpz(key.n), mpz(key.square)
    quotients = _quotients(key, products, released)
    commitments = [
        gmpy2.powmod(z, n, square) * _weighted_product(quotients, drawn, square) % square
        for z, drawn in zip(answers, _rounds(seed, len(products)), strict=True)
    ]
    size = 2 * _length(key)
    claimed = claim_of(key, context, _written(products, size), _written(released, size))
    if not compare_digest(seed, challenge(claimed, _written(commitments, size))):
        raise ProofError(Reason.PROOF_WRONG, "a ciphertext is not its product, or of another round")


def _quotients(key: PublicKey, products: Sequence[int], released: Sequence[int]) -> list[mpz]:
    """Product through released: the inverses of what the proof is about."""
    square = mpz(key.square)
    try:
        return [
            key.require(p) * gmpy2.invert(key.require(r), square) % square
            for p, r in zip(products, released, strict=True)
        ]
    except ZeroDivisionError:
        raise CiphertextError(
            Reason.CIPHERTEXT_NOT_INVERTIBLE, "a ciphertext has a factor in common with n"
        ) from None


def _answers(key: PublicKey, encoded: bytes) -> list[mpz]:
    size = _length(key)
    found = [mpz.from_bytes(encoded[at : at + size], "big") for at in range(0, len(encoded), size)]
    if not all(0 < z < key.n and gmpy2.gcd(z, key.n) == 1 for z in found):
        raise ProofError(Reason.PROOF_SHAPE, "an answer is no unit below the modulus")
    return found


def _rounds(seed: bytes, count: int) -> list[list[bytes]]:
    """The weights of each round."""
    drawn = weights(seed, ROUNDS * count, WEIGHT_SIZE)
    return [drawn[at : at + count] for at in range(0, len(drawn), count)]


def _weighted_product(numbers: Sequence[mpz], drawn: Sequence[bytes], modulus: mpz) -> mpz:
    """The product of each number to its weight, by one hexadecimal digit of all weights a time."""
    total = mpz(1)
    for column in zip(*(one.hex() for one in drawn), strict=True):
        total = gmpy2.powmod(total, _DIGITS, modulus)
        buckets: dict[str, mpz] = {}
        for number, digit in zip(numbers, column, strict=True):
            buckets[digit] = buckets[digit] * number % modulus if digit in buckets else number
        running = mpz(1)
        # Digit d counts d times: the products of all buckets from d on, for each d.
        for digit in "fedcba987654321":
            if digit in buckets:
                running = running * buckets[digit] % modulus
            total = total * running % modulus
    return total


def _length(key: PublicKey) -> int:
    return (key.n.bit_length() + 7) // 8


def _written(numbers: Sequence[int] | Sequence[mpz], size: int) -> bytes:
    return b"".join(int(one).to_bytes(size, "big") for one in numbers)
