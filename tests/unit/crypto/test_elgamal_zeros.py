"""Proofs that released ciphertexts hold what the products hold: what they bind, and forgeries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from gateway.crypto.elgamal import Ciphertext, ElGamalError, PublicKey, Refusal, SecretKey
from gateway.crypto.elgamal.curve import ORDER, add, base, encode, multiply, random_scalar
from gateway.crypto.elgamal.weighted import weighted_sum
from gateway.crypto.elgamal.zero_proof import (
    PROOF_SIZE,
    WEIGHT_SIZE,
    claim_of,
    prove_zeros,
    randomised,
    verify_zeros,
)
from gateway.crypto.zero_transcript import challenge, weights

SECRET = SecretKey(2**250 + 11)
KEY = SECRET.public_key()


@dataclass(frozen=True)
class Released:
    """Products, what was made of them, and the scalars of that."""

    products: list[Ciphertext]
    released: list[Ciphertext]
    scalars: list[int]
    context: bytes = b"round 1"
    key: PublicKey = KEY

    @classmethod
    def of(cls, values: list[int]) -> Released:
        products = KEY.encrypt_many(values)
        return cls(products, *randomised(KEY, products))

    def proof(self) -> bytes:
        """What a prover makes that knows every scalar, whether the claim is true or not."""
        products, released = (_bytes(them) for them in (self.products, self.released))
        return prove_zeros(
            self.key, claim_of(self.key, self.context, products, released), self.scalars
        )

    def verify(self, proof: bytes) -> None:
        verify_zeros(self.key, self.context, self.products, self.released, proof)

    def refused(self, proof: bytes) -> Refusal:
        with pytest.raises(ElGamalError) as caught:
            self.verify(proof)
        return caught.value.reason


def _bytes(ciphertexts: list[Ciphertext]) -> bytes:
    return b"".join(one.to_bytes() for one in ciphertexts)


HONEST = Released.of([3, 0, -4, 5])
PROOF = HONEST.proof()


@pytest.mark.parametrize("count", [1, 2, 17, 300, 1001])
def test_what_was_only_randomised_is_proven(count: int) -> None:
    values = list(range(count))
    one = Released.of(values)
    proof = one.proof()
    assert len(proof) == PROOF_SIZE
    one.verify(proof)
    assert SECRET.decrypt_many(one.released, 0, count) == values
    assert not {c.c1 for c in one.products} & {c.c1 for c in one.released}


def test_two_proofs_of_one_claim_hold_and_differ() -> None:
    assert HONEST.proof() != PROOF
    HONEST.verify(HONEST.proof())


def shifted(at: int, by: int) -> Callable[[Released], Released]:
    """The sum of one cell off by some amount."""

    def shift(one: Released) -> Released:
        changed = list(one.released)
        changed[at] = Ciphertext(changed[at].c1, add(changed[at].c2, base(by % ORDER)))
        return replace(one, released=changed)

    return shift


def both(one: Released) -> Released:
    """One more here, one less there: their sum is as it was."""
    return shifted(2, -1)(shifted(0, 1)(one))


def every(one: Released) -> Released:
    """The same amount on all."""
    for at in range(len(one.released)):
        one = shifted(at, 1)(one)
    return one


def swapped(one: Released) -> Released:
    released, scalars = one.released, one.scalars
    return replace(
        one,
        released=[released[1], released[0], *released[2:]],
        scalars=[scalars[1], scalars[0], *scalars[2:]],
    )


def other_products(one: Released) -> Released:
    """A contribution that was left out: it is in the products, not in what was released."""
    extra = KEY.encrypt_many([0] * len(one.products))
    return replace(one, products=[a.plus(b) for a, b in zip(one.products, extra, strict=True)])


def under_another_key(one: Released) -> Released:
    """Zeros under another key: whoever knows both would read a difference."""
    products = one.products
    released, scalars = randomised(SecretKey(5).public_key(), products)
    return replace(one, released=released, scalars=scalars)


@pytest.mark.parametrize(
    "cheat",
    [
        *(shifted(0, 1), shifted(3, -1), shifted(1, 2**200), both, every, swapped),
        *(other_products, under_another_key),
    ],
)
def test_no_proof_of_a_false_claim_holds(cheat: Callable[[Released], Released]) -> None:
    one = cheat(HONEST)
    for proof in (one.proof(), PROOF):
        assert one.refused(proof) == Refusal.PROOF_FAILED


def test_a_forger_that_knows_the_secret_key_does_no_better() -> None:
    """It answers for the difference in the first points, whatever the second ones hold."""
    one = shifted(1, 1)(HONEST)
    claimed = claim_of(KEY, one.context, _bytes(one.products), _bytes(one.released))
    for _ in range(200):
        t, off = random_scalar(), random_scalar()
        second = add(multiply(KEY.point, t), base(off))
        seed = challenge(claimed, encode(base(t)) + encode(second))
        drawn = weights(seed, len(one.scalars), 16)
        weighted = (int.from_bytes(w, "big") * r for w, r in zip(drawn, one.scalars, strict=True))
        answer = (t + sum(weighted)) % ORDER
        assert one.refused(seed + answer.to_bytes(32, "big")) == Refusal.PROOF_FAILED


@pytest.mark.parametrize(
    "other",
    [
        replace(HONEST, context=b"round 2"),
        replace(HONEST, key=SecretKey(5).public_key()),
        replace(HONEST, released=randomised(KEY, HONEST.products)[0]),
        replace(HONEST, products=HONEST.released, released=HONEST.products),
    ],
)
def test_a_proof_fits_its_round_key_and_ciphertexts_only(other: Released) -> None:
    HONEST.verify(PROOF)
    assert other.refused(PROOF) == Refusal.PROOF_FAILED


def test_the_challenge_is_over_the_ciphertexts_and_not_their_differences_only() -> None:
    """Else a forger would choose the differences once it knows the weights."""
    (extra,) = KEY.encrypt_many([1])
    moved = replace(
        HONEST,
        products=[one.plus(extra) for one in HONEST.products],
        released=[one.plus(extra) for one in HONEST.released],
    )
    assert moved.refused(PROOF) == Refusal.PROOF_FAILED
    moved.verify(moved.proof())


def test_every_bit_of_a_proof_counts() -> None:
    for bit in range(8 * PROOF_SIZE):
        forged = bytearray(PROOF)
        forged[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ElGamalError):
            HONEST.verify(bytes(forged))


@pytest.mark.parametrize(
    "proof",
    [b"", PROOF[:-1], PROOF + b"\0", bytes(64), PROOF[:32] + bytes(32), PROOF[:32] + b"\xff" * 32],
    ids=["empty", "shorter", "longer", "zeros", "zero-answer", "large-answer"],
)
def test_another_form_is_refused(proof: bytes) -> None:
    assert HONEST.refused(proof) in (Refusal.WRONG_LENGTH, Refusal.SCALAR_OUT_OF_RANGE)


def test_an_answer_has_one_encoding() -> None:
    answer = int.from_bytes(PROOF[32:], "big")
    assert answer < ORDER
    if answer + ORDER < 2**256:
        assert HONEST.refused(PROOF[:32] + (answer + ORDER).to_bytes(32, "big"))
    at_order = PROOF[:32] + ORDER.to_bytes(32, "big")
    assert HONEST.refused(at_order) == Refusal.SCALAR_OUT_OF_RANGE


def test_numbers_of_ciphertexts_must_agree() -> None:
    for one in (
        replace(HONEST, released=HONEST.released[:-1]),
        replace(HONEST, products=[], released=[]),
    ):
        assert one.refused(PROOF) == Refusal.WRONG_LENGTH


def test_what_was_not_randomised_is_refused() -> None:
    one = replace(HONEST, released=list(HONEST.products), scalars=[ORDER] * 4)
    assert one.refused(one.proof()) == Refusal.PROOF_FAILED


@pytest.mark.parametrize("count", [1, 2, 40])
def test_weighted_sums_are_those_of_the_definition(count: int) -> None:
    scalars = [random_scalar() for _ in range(count)]
    drawn = weights(b"seed", count, 16)
    expected = sum(int.from_bytes(w, "big") * s for w, s in zip(drawn, scalars, strict=True))
    assert weighted_sum([base(one) for one in scalars], drawn) == base(expected % ORDER)


@pytest.mark.parametrize("drawn", [[1, 0], [16, 1], [0, 255], [2**127, 2**127 - 1]])
def test_weights_with_zeros_count_as_any(drawn: list[int]) -> None:
    encoded = [one.to_bytes(16, "big") for one in drawn]
    expected = (7 * drawn[0] + 11 * drawn[1]) % ORDER
    assert weighted_sum([base(7), base(11)], encoded) == base(expected)


def test_a_weighted_sum_of_nothing_is_refused() -> None:
    with pytest.raises(ElGamalError):
        weighted_sum([base(7)], [bytes(16)])


def test_weights_are_of_the_seed_and_long() -> None:
    # At most one weight fits a false claim: so many there must be, and no two alike in the group.
    assert 2**128 <= 2 ** (8 * WEIGHT_SIZE) < ORDER
    drawn = weights(b"seed", 1000, 16)
    assert len(set(drawn)) == 1000
    assert {len(one) for one in drawn} == {16}
    assert not set(drawn) & set(weights(b"sead", 1000, 16))
