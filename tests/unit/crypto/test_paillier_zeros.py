"""The same proofs under Paillier: what they bind, forgeries, and why 8 rounds of 16 bits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import gmpy2
import pytest

from gateway.crypto.paillier import PublicKey, Reason, zero_proof
from gateway.crypto.paillier.errors import PaillierError, ProofError
from gateway.crypto.paillier.modulus import ROUGHNESS
from gateway.crypto.paillier.zero_proof import (
    ROUNDS,
    WEIGHT_SIZE,
    claim_of,
    proof_size,
    prove_zeros,
    randomised,
    verify_zeros,
)
from gateway.crypto.zero_transcript import challenge, weights
from support.paillier_keys import key

PRIVATE = key()
KEY = PRIVATE.public_key
SIZE = 512


@dataclass(frozen=True)
class Released:
    """Products, what was made of them, and the roots of that."""

    products: list[int]
    released: list[int]
    roots: list[int]
    context: bytes = b"round 1"
    key: PublicKey = KEY

    @classmethod
    def of(cls, values: list[int], under: PublicKey = KEY) -> Released:
        products = [under.encrypt_raw(one) for one in values]
        return cls(products, *randomised(under, products), key=under)

    def claimed(self) -> bytes:
        products, released = (
            b"".join(one.to_bytes(SIZE, "big") for one in them)
            for them in (self.products, self.released)
        )
        return claim_of(self.key, self.context, products, released)

    def proof(self) -> bytes:
        """What a prover makes that knows every root, whether the claim is true or not."""
        return prove_zeros(self.key, self.claimed(), self.roots)

    def refused(self, proof: bytes) -> Reason:
        with pytest.raises(PaillierError) as caught:
            self.verify(proof)
        return caught.value.reason

    def verify(self, proof: bytes) -> None:
        verify_zeros(self.key, self.context, self.products, self.released, proof)


@cache
def honest() -> tuple[Released, bytes]:
    one = Released.of([3, 0, 4, 5])
    return one, one.proof()


@pytest.mark.parametrize("count", [1, 30])
def test_what_was_only_randomised_is_proven(count: int) -> None:
    one = Released.of(list(range(count)))
    proof = one.proof()
    assert len(proof) == proof_size(KEY) == 32 + 8 * 256
    one.verify(proof)
    assert [PRIVATE.decrypt_raw(c) for c in one.released] == list(range(count))


def shifted(at: int, by: int) -> Callable[[Released], Released]:
    def shift(one: Released) -> Released:
        changed = list(one.released)
        changed[at] = int(changed[at] * (1 + by * KEY.n) % KEY.square)
        return replace(one, released=changed)

    return shift


def both(one: Released) -> Released:
    """One more here, one less there: their sum is as it was."""
    return shifted(2, -1)(shifted(0, 1)(one))


def in_one_prime_only(one: Released) -> Released:
    """Off by a multiple of one prime factor: nothing modulo the other."""
    return shifted(0, PRIVATE.p)(one)


def swapped(one: Released) -> Released:
    released, roots = one.released, one.roots
    return replace(
        one,
        released=[released[1], released[0], *released[2:]],
        roots=[roots[1], roots[0], *roots[2:]],
    )


def other_products(one: Released) -> Released:
    """A contribution that was left out: it is in the products, not in what was released."""
    extra = [KEY.encrypt_raw(0) for _ in one.products]
    products = [int(a * b % KEY.square) for a, b in zip(one.products, extra, strict=True)]
    return replace(one, products=products)


@pytest.mark.parametrize(
    "cheat", [shifted(0, 1), shifted(3, -1), both, in_one_prime_only, swapped, other_products]
)
def test_no_proof_of_a_false_claim_holds(cheat: Callable[[Released], Released]) -> None:
    one, before = honest()
    false = cheat(one)
    for proof in (false.proof(), before):
        assert false.refused(proof) is Reason.PROOF_WRONG


def test_a_proof_fits_its_round_and_ciphertexts_only() -> None:
    one, proof = honest()
    one.verify(proof)
    for other in (
        replace(one, context=b"round 2"),
        replace(one, released=randomised(KEY, one.products)[0]),
        replace(one, products=one.released, released=one.products),
    ):
        assert other.refused(proof) is Reason.PROOF_WRONG
    with pytest.raises(PaillierError):
        replace(one, key=key("pheutil_2048").public_key).verify(proof)


def test_the_challenge_is_over_the_ciphertexts_and_not_their_quotients_only() -> None:
    """Else a forger would choose the quotients once it knows the weights."""
    one, proof = honest()
    extra = KEY.encrypt_raw(1)
    products = [int(c * extra % KEY.square) for c in one.products]
    released = [int(c * extra % KEY.square) for c in one.released]
    moved = replace(one, products=products, released=released)
    assert moved.refused(proof) is Reason.PROOF_WRONG
    moved.verify(moved.proof())


@pytest.mark.parametrize("part", range(ROUNDS + 1))
def test_bits_of_every_part_of_a_proof_count(part: int) -> None:
    one, proof = honest()
    start = 0 if part == 0 else 32 + 256 * (part - 1)
    for at in (start, start + 31):
        forged = bytearray(proof)
        forged[at] ^= 1 << part % 8
        with pytest.raises(PaillierError):
            one.verify(bytes(forged))


def test_answers_are_units_below_the_modulus() -> None:
    one, proof = honest()
    for answer in (0, KEY.n, KEY.n + 1, PRIVATE.p, PRIVATE.q * 5, 2**2048 - 1):
        forged = proof[:-256] + answer.to_bytes(256, "big")
        assert one.refused(forged) is Reason.PROOF_SHAPE
    # The other root of the square is another answer, not another form of it.
    opposite = KEY.n - int.from_bytes(proof[-256:], "big")
    assert one.refused(proof[:-256] + opposite.to_bytes(256, "big")) is Reason.PROOF_WRONG


def test_other_lengths_and_numbers_are_refused() -> None:
    one, proof = honest()
    for wrong in (b"", proof[:-1], proof + b"\0", proof[:-256]):
        assert one.refused(wrong) is Reason.PROOF_SHAPE
    for other in (
        replace(one, released=one.released[:-1]),
        replace(one, products=[], released=[]),
    ):
        assert other.refused(proof) is Reason.PROOF_SHAPE
    with pytest.raises(ProofError):
        prove_zeros(KEY, b"claimed", [])


@pytest.mark.parametrize("bad", [0, KEY.n, PRIVATE.p, KEY.square, KEY.square - KEY.n])
def test_what_is_no_ciphertext_is_refused(bad: int) -> None:
    one, proof = honest()
    released = replace(one, released=[bad, *one.released[1:]])
    products = replace(one, products=[bad, *one.products[1:]])
    assert {released.refused(proof), products.refused(proof)} <= {
        Reason.CIPHERTEXT_NOT_POSITIVE,
        Reason.CIPHERTEXT_TOO_LARGE,
        Reason.CIPHERTEXT_NOT_INVERTIBLE,
    }


def test_weights_stay_below_every_prime_factor_and_add_up_to_128_bits() -> None:
    assert 2 ** (8 * WEIGHT_SIZE) <= ROUGHNESS
    assert ROUNDS * 8 * WEIGHT_SIZE >= 128


def forged(false: Released, rounds: int) -> bytes:
    """Try commitments until the first round's weight of the false ciphertext is 0.

    Each try succeeds with 2^-16: after 2^21 tries all have failed with a probability of e^-32.
    """
    t, step = gmpy2.mpz(3), gmpy2.powmod(2, KEY.n, KEY.square)
    first = gmpy2.powmod(t, KEY.n, KEY.square)
    others = b"".join(int(first).to_bytes(SIZE, "big") for _ in range(rounds - 1))
    commitment, claimed = first, false.claimed()
    for _ in range(2**21):
        seed = challenge(claimed, int(commitment).to_bytes(SIZE, "big") + others)
        if weights(seed, 1, WEIGHT_SIZE)[0] == bytes(WEIGHT_SIZE):
            break
        t, commitment = t * 2 % KEY.n, commitment * step % KEY.square
    answers = [t, *[gmpy2.mpz(3)] * (rounds - 1)]
    return seed + b"".join(int(one).to_bytes(256, "big") for one in answers)


def test_one_round_would_be_forged_and_eight_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Released.of([1])
    false = replace(one, released=[int(one.released[0] * (1 + KEY.n) % KEY.square)])
    assert false.refused(forged(false, ROUNDS)) is Reason.PROOF_WRONG
    monkeypatch.setattr(zero_proof, "ROUNDS", 1)
    false.verify(forged(false, 1))


def test_powers_by_digits_are_those_of_the_definition() -> None:
    numbers = [gmpy2.mpz(3), gmpy2.mpz(5), gmpy2.mpz(7)]
    for drawn in ([0, 0, 0], [1, 0, 65535], [4096, 15, 16], [65535, 65535, 65535]):
        encoded = [one.to_bytes(WEIGHT_SIZE, "big") for one in drawn]
        expected = 1
        for number, weight in zip(numbers, drawn, strict=True):
            expected = expected * pow(int(number), weight, KEY.n) % KEY.n
        assert zero_proof._weighted_product(numbers, encoded, gmpy2.mpz(KEY.n)) == expected
