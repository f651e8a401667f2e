"""Masks against published vectors of their parts, the hostile keys of X25519, and rosters."""

import hmac
from dataclasses import replace
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.masks import (
    MaskError,
    MaskingKey,
    MaskRoster,
    apply_masks,
    require_masking_key,
)

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
QUESTION, ROSTER = sha256(b"question").digest(), sha256(b"roster").digest()
KEYS = [MaskingKey(bytes([n]) * 32) for n in (1, 2, 3)]
PLAN = MaskRoster(QUESTION, ROSTER, tuple(key.public_key() for key in KEYS))

# RFC 7748, section 6.1.
ALICE = MaskingKey(
    bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
)
BOB = MaskingKey(bytes.fromhex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
SHARED = bytes.fromhex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")

# Encodings of points of low order (RFC 7748, sections 6.1 and 7): every agreement with one is zero.
LOW_ORDER = {
    "zero": bytes(32),
    "one": b"\x01" + bytes(31),
    "order 8": bytes.fromhex("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"),
    "order 8 too": bytes.fromhex(
        "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"
    ),
    "p - 1": b"\xec" + b"\xff" * 30 + b"\x7f",
    "p": b"\xed" + b"\xff" * 30 + b"\x7f",
    "p + 1": b"\xee" + b"\xff" * 30 + b"\x7f",
    "p with the top bit": b"\xed" + b"\xff" * 31,
}


def hkdf(salt: bytes, secret: bytes, info: bytes, size: int) -> bytes:
    """HKDF-SHA256 written out from RFC 5869, section 2."""
    key, block, out = hmac.digest(salt, secret, "sha256"), b"", b""
    for counter in range(1, -(-size // 32) + 1):
        block = hmac.digest(key, block + info + bytes([counter]), "sha256")
        out += block
    return out[:size]


def test_agreement_is_that_of_rfc_7748() -> None:
    assert ALICE.public_key().hex() == (
        "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    )
    assert ALICE.agree(BOB.public_key()) == BOB.agree(ALICE.public_key()) == SHARED


@pytest.mark.parametrize("key", LOW_ORDER.values(), ids=LOW_ORDER)
def test_a_key_of_low_order_is_no_masking_key(key: bytes) -> None:
    with pytest.raises(MaskError):
        require_masking_key(key)


def test_a_masking_key_has_one_spelling() -> None:
    field, number = 2**255 - 19, int.from_bytes(BOB.public_key(), "little")
    require_masking_key(BOB.public_key())
    # Nine is the base point, of high order; two spellings of it fit below the top bit.
    for other in (number + 2**255, 9 + field, 9 + 2**255):
        assert ALICE.agree(other.to_bytes(32, "little"))
        with pytest.raises(MaskError):
            require_masking_key(other.to_bytes(32, "little"))
    for length in (31, 33):
        with pytest.raises(MaskError):
            require_masking_key(bytes(length))


def test_masks_are_those_of_the_specification_written_out() -> None:
    # RFC 5869, appendix A.1: the comparison's own HKDF is right.
    assert hkdf(bytes(range(13)), b"\x0b" * 22, bytes(range(0xF0, 0xFA)), 42).hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    members = (ALICE.public_key(), BOB.public_key())
    parts = (b"veilgate/mask/v1", b"sum", ROSTER, bytes(4), bytes(3) + b"\x01")
    info = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    key = hkdf(QUESTION, SHARED, info, 32)
    stream = Cipher(AES256(key), CTR(bytes(16))).encryptor().update(bytes(2 * 48))
    expected = [int.from_bytes(stream[at : at + 48], "big") % ORDER for at in (0, 48)]
    roster = MaskRoster(QUESTION, ROSTER, members)
    assert roster.masks(ALICE, 0, "sum", ORDER, 2) == expected
    assert roster.masks(BOB, 1, "sum", ORDER, 2) == [ORDER - mask for mask in expected]


@pytest.mark.parametrize("name", LOW_ORDER)
def test_a_shared_secret_of_zero_is_refused(name: str) -> None:
    with pytest.raises(MaskError, match="zero"):
        ALICE.agree(LOW_ORDER[name])
    with pytest.raises(MaskError, match="zero"):
        replace(PLAN, members=(*PLAN.members, LOW_ORDER[name]))


@pytest.mark.parametrize("size", [0, 31, 33])
def test_keys_of_another_length_are_refused(size: int) -> None:
    with pytest.raises(MaskError):
        ALICE.agree(bytes(size))
    with pytest.raises(KeyMaterialError):
        MaskingKey(bytes(size))


def test_rosters_that_cannot_mask_are_refused() -> None:
    first, second, _ = PLAN.members
    many = tuple(n.to_bytes(32, "big") for n in range(4097))
    # The highest bit of a key is not looked at (RFC 7748, section 5): this is the first one again.
    spelled = first[:31] + bytes([first[31] ^ 0x80])
    for members in ((), (first,), (first, second, first), (first, second, spelled), many):
        with pytest.raises(MaskError):
            MaskRoster(QUESTION, ROSTER, members)
    for question, roster in ((b"", ROSTER), (QUESTION, ROSTER + b"x")):
        with pytest.raises(MaskError):
            MaskRoster(question, roster, PLAN.members)


@pytest.mark.parametrize("place", [-1, 1, 2, 3])
def test_only_the_member_at_its_place_gets_masks(place: int) -> None:
    with pytest.raises(MaskError, match="place"):
        PLAN.masks(KEYS[0], place, "sum", ORDER, 1)


@pytest.mark.parametrize(("modulus", "count"), [(0, 1), (-ORDER, -1), (2**63 - 1, 1), (ORDER, -1)])
def test_small_moduli_and_negative_counts_are_refused(modulus: int, count: int) -> None:
    with pytest.raises(MaskError):
        PLAN.masks(KEYS[0], 0, "sum", modulus, count)


def test_other_roster_question_label_and_place_in_the_vector_give_other_masks() -> None:
    other = sha256(b"other").digest()
    seen = [
        *PLAN.masks(KEYS[0], 0, "sum", ORDER, 2),
        *replace(PLAN, question_hash=other).masks(KEYS[0], 0, "sum", ORDER, 2),
        *replace(PLAN, roster_hash=other).masks(KEYS[0], 0, "sum", ORDER, 2),
        *PLAN.masks(KEYS[0], 0, "count", ORDER, 2),
        *replace(PLAN, members=PLAN.members[:2]).masks(KEYS[0], 0, "sum", ORDER, 2),
    ]
    assert len(set(seen)) == 10


def test_masks_are_applied_one_to_one() -> None:
    assert apply_masks([-1, 5], [3, ORDER - 1], ORDER) == [2, 4]
    with pytest.raises(MaskError):
        apply_masks([1], [2, 3], ORDER)


def test_a_key_is_kept_and_not_shown() -> None:
    assert MaskingKey(ALICE.to_bytes()).public_key() == ALICE.public_key()
    assert repr(ALICE.to_bytes()) not in repr(ALICE)
    assert MaskingKey.generate().public_key() != MaskingKey.generate().public_key()
