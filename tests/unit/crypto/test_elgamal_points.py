"""Points against published multiples of the generator, and every hostile encoding by its reason."""

import random

import pytest

from gateway.crypto.elgamal import (
    CIPHERTEXT_SIZE,
    Ciphertext,
    ElGamalError,
    PublicKey,
    Refusal,
    curve,
)
from gateway.crypto.elgamal.curve import FIELD, ORDER
from gateway.crypto.elgamal.fixed_base import FixedBase, digits_of, scalar_of

# SEC 2 version 2, section 2.4.1: the base point G in compressed form.
GENERATOR = "0279BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798"
# Compressed multiples of G: 2G, 3G (BIP 340's vector 0), and -G = (q - 1) G.
MULTIPLES = {
    1: GENERATOR,
    2: "02C6047F9441ED7D6D3045406E95C07CD85C778E4B8CEF3CA7ABAC09B95C709EE5",
    3: "02F9308A019258C31049344F85F89D5229B531C845836F99B08601F113BCE036F9",
    ORDER - 1: "03" + GENERATOR[2:],
}
GOOD = curve.encode(curve.base(12345))


def refusal(encoded: bytes) -> Refusal:
    with pytest.raises(ElGamalError) as caught:
        curve.decode(encoded)
    return caught.value.reason


@pytest.mark.parametrize("scalar", MULTIPLES)
def test_multiples_of_the_generator_are_the_published_ones(scalar: int) -> None:
    expected = bytes.fromhex(MULTIPLES[scalar])
    assert curve.encode(curve.base(scalar)) == expected
    assert curve.encode(curve.multiply(curve.decode(bytes.fromhex(GENERATOR)), scalar)) == expected
    assert curve.encode(FixedBase(curve.base(1)).times(scalar)) == expected


def test_coordinates_satisfy_the_curve() -> None:
    x, y = curve.coordinates(curve.base(99))
    assert (y * y - x**3 - 7) % FIELD == 0


@pytest.mark.parametrize("scalar", [0, -1, ORDER, ORDER + 1, 2**256])
def test_scalars_out_of_range_are_refused(scalar: int) -> None:
    for use in (
        curve.base,
        FixedBase(curve.base(5)).times,
        lambda s: curve.multiply(curve.base(1), s),
    ):
        with pytest.raises(ElGamalError, match="scalar_out_of_range"):
            use(scalar)


UNCOMPRESSED = b"".join(c.to_bytes(32, "big") for c in curve.coordinates(curve.base(7)))
NO_ROOT = next(x for x in range(1, 99) if pow(x**3 + 7, (FIELD - 1) // 2, FIELD) == FIELD - 1)
HOSTILE = {
    "empty": (b"", Refusal.WRONG_LENGTH),
    "short": (GOOD[:-1], Refusal.WRONG_LENGTH),
    "long": (GOOD + b"\0", Refusal.WRONG_LENGTH),
    "uncompressed": (b"\x04" + UNCOMPRESSED, Refusal.WRONG_LENGTH),
    "hybrid": (b"\x06" + UNCOMPRESSED, Refusal.WRONG_LENGTH),
    "infinity": (b"\0", Refusal.WRONG_LENGTH),
    "all zero": (bytes(33), Refusal.NOT_COMPRESSED),
    "uncompressed prefix": (b"\x04" + GOOD[1:], Refusal.NOT_COMPRESSED),
    "hybrid prefixes": (b"\x07" + GOOD[1:], Refusal.NOT_COMPRESSED),
    "all ones": (b"\xff" * 33, Refusal.NOT_COMPRESSED),
    "x = p": (b"\x02" + FIELD.to_bytes(32, "big"), Refusal.COORDINATE_TOO_LARGE),
    "x = 1 + p": (b"\x02" + (FIELD + 1).to_bytes(32, "big"), Refusal.COORDINATE_TOO_LARGE),
    "x = 2^256 - 1": (b"\x03" + b"\xff" * 32, Refusal.COORDINATE_TOO_LARGE),
    "x = 0": (b"\x02" + bytes(32), Refusal.NOT_ON_CURVE),
    "on the twist": (b"\x02" + NO_ROOT.to_bytes(32, "big"), Refusal.NOT_ON_CURVE),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_points_are_refused_by_their_reason(name: str) -> None:
    encoded, reason = HOSTILE[name]
    assert refusal(encoded) == reason
    with pytest.raises(ElGamalError):
        PublicKey.from_bytes(encoded)
    for pair in (GOOD + encoded, encoded + GOOD):
        with pytest.raises(ElGamalError) as caught:
            Ciphertext.from_bytes(pair)
        fits = len(pair) == CIPHERTEXT_SIZE
        assert caught.value.reason == (reason if fits else Refusal.WRONG_LENGTH)


def test_a_point_on_the_curve_is_taken_and_given_back() -> None:
    assert curve.encode(curve.decode(GOOD)) == GOOD


def test_sums_that_are_infinity_are_refused() -> None:
    point = curve.base(31)
    with pytest.raises(ElGamalError, match="infinity"):
        curve.add(point, curve.negate(point))
    with pytest.raises(ElGamalError, match="empty"):
        curve.combine([])


def test_a_part_of_a_long_sum_may_be_infinity() -> None:
    point = curve.base(31)
    cancelling = [point, curve.negate(point)] * 1024
    assert curve.combine([*cancelling, point]) == point
    assert curve.combine([*cancelling, *cancelling, point, point]) == curve.base(62)
    with pytest.raises(ElGamalError, match="infinity"):
        curve.combine([*cancelling, *cancelling])


def test_digits_of_a_table_stand_for_their_scalar() -> None:
    for scalar in (1, 2, 2**255, ORDER - 1):
        assert scalar_of(digits_of(scalar)) == scalar
    assert scalar_of(bytes(2)) == 1 + 256


def test_a_secret_product_is_the_plain_one() -> None:
    point = curve.base(77)
    for scalar in (1, 2, ORDER - 1, 2**200 + 1):
        assert curve.multiply_secret(point, scalar) == curve.multiply(point, scalar)


def test_an_error_carries_its_reason_and_no_value() -> None:
    with pytest.raises(ElGamalError) as caught:
        curve.decode(b"\x02" + NO_ROOT.to_bytes(32, "big"))
    assert str(caught.value) == "refused: not_on_curve"
    assert caught.value.__cause__ is None


def test_ten_thousand_hostile_ciphertexts_are_refused_each_by_its_reason() -> None:
    source = random.Random(3)
    encodings = list(HOSTILE.values())
    for _ in range(10_000):
        encoded, reason = source.choice(encodings)
        if reason is Refusal.NOT_COMPRESSED:
            encoded = bytes([source.choice([0, 1, *range(4, 256)])]) + source.randbytes(32)
        elif reason is Refusal.COORDINATE_TOO_LARGE:
            x = source.randrange(FIELD, 2**256)
            encoded = bytes([source.choice([2, 3])]) + x.to_bytes(32, "big")
        elif reason is Refusal.WRONG_LENGTH:
            encoded = source.randbytes(source.choice([*range(33), *range(34, 200)]))
        pair = encoded + GOOD if source.randrange(2) else GOOD + encoded
        with pytest.raises(ElGamalError) as caught:
            Ciphertext.from_bytes(pair)
        assert caught.value.reason == reason
