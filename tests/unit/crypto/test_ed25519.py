"""Ed25519 keys: small order is refused, signatures raise, secrets are not printed."""

import pytest

from gateway.crypto.ed25519 import PublicKey, SigningKey
from gateway.crypto.errors import KeyMaterialError, SignatureError

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
KEY = SigningKey.from_seed(b"\x03" * 32)

Point = tuple[int, int]


def add(one: Point, two: Point) -> Point:
    (x1, y1), (x2, y2) = one, two
    product = D * x1 * x2 * y1 * y2 % P
    x3 = (x1 * y2 + x2 * y1) * pow(1 + product, -1, P) % P
    return x3, (y1 * y2 + x1 * x2) * pow(1 - product, -1, P) % P


def multiply(scalar: int, point: Point) -> Point:
    total = (0, 1)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point, scalar = add(point, point), scalar >> 1
    return total


def recover_x(y: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    root = pow(square, (P + 3) // 8, P)
    for candidate in (root, root * pow(2, (P - 1) // 4, P) % P):
        if candidate * candidate % P == square:
            return candidate
    return None


def torsion_points() -> set[Point]:
    """The eight points of small order: L times a point of the whole curve generates them."""
    for y in range(2, 50):
        x = recover_x(y)
        if x is not None:
            generator = multiply(L, (x, y))
            points = {multiply(n, generator) for n in range(8)}
            if len(points) == 8:
                return points
    raise AssertionError("no generator found")


def encode(x: int, y: int) -> bytes:
    return (y | (x & 1) << 255).to_bytes(32, "little")


def test_public_keys_of_small_order_are_refused() -> None:
    for point in torsion_points():
        with pytest.raises(KeyMaterialError):
            PublicKey(encode(*point))


@pytest.mark.parametrize("y", [P, P + 1, 2**255 + 1, 2**255 + P, 2**255 + P + 1])
def test_their_encodings_that_are_not_canonical_are_refused(y: int) -> None:
    with pytest.raises(KeyMaterialError):
        PublicKey(y.to_bytes(32, "little"))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_keys_of_other_lengths_are_refused(length: int) -> None:
    with pytest.raises(KeyMaterialError):
        PublicKey(b"\x09" * length)
    with pytest.raises(KeyMaterialError):
        SigningKey.from_seed(b"\x09" * length)


def test_a_signature_binds_key_and_message() -> None:
    signature = KEY.sign(b"message")
    KEY.public_key.verify(signature, b"message")
    other = SigningKey.generate().public_key
    for key, value, message in (
        (KEY.public_key, signature, b"messagf"),
        (other, signature, b"message"),
        (KEY.public_key, signature[:-1], b"message"),
        (KEY.public_key, b"", b"message"),
    ):
        with pytest.raises(SignatureError):
            key.verify(value, message)


def test_a_signature_cannot_be_respelled() -> None:
    """RFC 8032, section 5.1.7: S at or above the group's order is refused."""
    signature = KEY.sign(b"message")
    raised = int.from_bytes(signature[32:], "little") + L
    with pytest.raises(SignatureError):
        KEY.public_key.verify(signature[:32] + raised.to_bytes(32, "little"), b"message")


def test_a_signing_key_shows_its_public_half_only() -> None:
    assert KEY.public_key.raw.hex() in repr(KEY)
    assert KEY.seed().hex() not in repr(KEY)
    assert SigningKey.from_seed(KEY.seed()).public_key == KEY.public_key
