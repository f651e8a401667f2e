"""Blinded evaluation: what either side refuses of the other, and what neither prints."""

import pytest

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.oprf import (
    MAX_BATCH,
    OprfError,
    OprfKeyPair,
    OprfSecretKey,
    blind_evaluate_batch,
    derive_key_pair,
    evaluate,
)
from gateway.crypto.oprf_client import Blinded, blind, finalize_batch
from gateway.crypto.oprf_proof import generate_proof, verify_proof
from gateway.crypto.ristretto import ORDER, group

PAIR = derive_key_pair(b"\x01" * 32, b"subjects v1")
OTHER = derive_key_pair(b"\x01" * 32, b"subjects v2")
MESSAGES = [b"first subject", b"second subject", b""]
BLINDED = [blind(message) for message in MESSAGES]
ELEMENTS = [blinded.element for blinded in BLINDED]
EVALUATED, PROOF = blind_evaluate_batch(PAIR, ELEMENTS)

ONE = (1).to_bytes(32, "little")
ZERO = bytes(32)
TOO_LARGE = ORDER.to_bytes(32, "little")
# Encodings that RFC 9496, appendix A.3, has decoders refuse, one of each kind, and the identity.
BAD_ELEMENTS = {
    "identity": ZERO,
    "short": ELEMENTS[0][:-1],
    "long": ELEMENTS[0] + b"\0",
    "empty": b"",
    "valid but for the highest bit": ELEMENTS[0][:-1] + bytes([ELEMENTS[0][-1] | 0x80]),
    "identity but for the highest bit": bytes(31) + b"\x80",
    "not below the field's prime": b"\xff" * 32,
    "prime plus one": bytes.fromhex("f3" + "ff" * 30 + "7f"),
    "negative": bytes.fromhex("01" + "00" * 31),
    "negative field element": bytes.fromhex(
        "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20"
    ),
    "no square root": bytes.fromhex(
        "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371"
    ),
    "negative product": bytes.fromhex(
        "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e"
    ),
    "s is minus one": bytes.fromhex("ec" + "ff" * 30 + "7f"),
}
bad_elements = pytest.mark.parametrize("bad", BAD_ELEMENTS.values(), ids=BAD_ELEMENTS)
bad_scalars = pytest.mark.parametrize(
    "bad",
    [b"", bytes(31), ONE + b"\0", ZERO, TOO_LARGE, b"\xff" * 32],
    ids=["empty", "short", "long", "zero", "order", "above order"],
)


def test_the_output_is_that_of_direct_evaluation() -> None:
    outputs = finalize_batch(BLINDED, EVALUATED, PROOF, PAIR.public_key)
    assert outputs == tuple(evaluate(PAIR.secret_key, message) for message in MESSAGES)


def test_what_is_sent_differs_each_time() -> None:
    assert len({blind(b"subject").element for _ in range(20)}) == 20


def test_two_proofs_of_one_batch_have_two_nonces() -> None:
    evaluated, proof = blind_evaluate_batch(PAIR, ELEMENTS)
    assert evaluated == EVALUATED
    assert proof != PROOF


@bad_elements
def test_the_server_refuses_malformed_elements_and_evaluates_none(bad: bytes) -> None:
    for batch in ([bad], [*ELEMENTS, bad]):
        with pytest.raises(OprfError):
            blind_evaluate_batch(PAIR, batch)


@bad_elements
def test_the_client_refuses_malformed_elements(bad: bytes) -> None:
    with pytest.raises(OprfError):
        finalize_batch(BLINDED, [*EVALUATED[:-1], bad], PROOF, PAIR.public_key)
    with pytest.raises(OprfError):
        finalize_batch(BLINDED, EVALUATED, PROOF, bad)
    with pytest.raises(OprfError):
        verify_proof(PAIR.public_key, [*ELEMENTS[:-1], bad], EVALUATED, PROOF)


@bad_scalars
def test_scalars_out_of_range_are_refused(bad: bytes) -> None:
    with pytest.raises(OprfError):
        blind(b"subject", bad)
    with pytest.raises(OprfError):
        Blinded(bad, b"subject")
    with pytest.raises(OprfError):
        generate_proof(PAIR.secret_key.scalar, PAIR.public_key, ELEMENTS, EVALUATED, bad)
    for proof in (bad + PROOF[32:], PROOF[:32] + bad):
        with pytest.raises(OprfError):
            finalize_batch(BLINDED, EVALUATED, proof, PAIR.public_key)


def test_a_proof_has_one_spelling() -> None:
    """A half that is not reduced names the same scalar and is refused all the same."""
    for begin in (0, 32):
        half = int.from_bytes(PROOF[begin : begin + 32], "little") + ORDER
        proof = PROOF[:begin] + half.to_bytes(32, "little") + PROOF[begin + 32 :]
        with pytest.raises(OprfError):
            verify_proof(PAIR.public_key, ELEMENTS, EVALUATED, proof)


def test_the_largest_and_the_smallest_scalar_blind() -> None:
    for scalar in (ONE, (ORDER - 1).to_bytes(32, "little")):
        blinded = blind(b"subject", scalar)
        evaluated, proof = blind_evaluate_batch(PAIR, [blinded.element])
        outputs = finalize_batch([blinded], evaluated, proof, PAIR.public_key)
        assert outputs == (evaluate(PAIR.secret_key, b"subject"),)


def test_messages_have_a_bound() -> None:
    assert len(blind(bytes(65_535)).element) == 32
    with pytest.raises(OprfError):
        blind(bytes(65_536))


def test_batches_have_bounds() -> None:
    for count in (0, MAX_BATCH + 1):
        elements = ELEMENTS[:1] * count
        with pytest.raises(OprfError, match="1 to 1,000"):
            blind_evaluate_batch(PAIR, elements)
        with pytest.raises(OprfError, match="1 to 1,000"):
            finalize_batch(BLINDED[:1] * count, EVALUATED[:1] * count, PROOF, PAIR.public_key)
        with pytest.raises(OprfError, match="1 to 1,000"):
            generate_proof(PAIR.secret_key.scalar, PAIR.public_key, elements, elements)


def test_an_overlong_batch_is_refused_before_its_elements_are_looked_at() -> None:
    count = MAX_BATCH + 1
    with pytest.raises(OprfError, match="1 to 1,000"):
        blind_evaluate_batch(PAIR, [ZERO] * count)
    with pytest.raises(OprfError, match="1 to 1,000"):
        finalize_batch(BLINDED[:1] * count, [ZERO] * count, PROOF, PAIR.public_key)


def test_a_full_batch_is_one_proof() -> None:
    blinded = [blind(b"subject %d" % number) for number in range(MAX_BATCH)]
    evaluated, proof = blind_evaluate_batch(PAIR, [b.element for b in blinded])
    outputs = finalize_batch(blinded, evaluated, proof, PAIR.public_key)
    assert (len(evaluated), len(proof), len(set(outputs))) == (MAX_BATCH, 64, MAX_BATCH)
    assert outputs[700] == evaluate(PAIR.secret_key, b"subject 700")


@pytest.mark.parametrize(
    ("blinded", "evaluated", "proof"),
    [
        (BLINDED, EVALUATED[:-1], PROOF),
        (BLINDED[:-1], EVALUATED, PROOF),
        (BLINDED, (*EVALUATED, EVALUATED[0]), PROOF),
        (BLINDED[:-1], EVALUATED[:-1], PROOF),
        (BLINDED, EVALUATED[::-1], PROOF),
        (BLINDED[::-1], EVALUATED, PROOF),
        (BLINDED, (EVALUATED[0],) * 3, PROOF),
        (BLINDED, EVALUATED, b""),
        (BLINDED, EVALUATED, PROOF[:-1]),
        (BLINDED, EVALUATED, PROOF + b"\0"),
        (BLINDED, EVALUATED, PROOF[32:] + PROOF[:32]),
    ],
    ids=[
        "one answer short", "one question short", "one answer more", "both short", "answers in "
        "another order", "questions in another order", "one answer for all", "no proof",
        "short proof", "long proof", "halves swapped",
    ],
)  # fmt: skip
def test_a_batch_is_taken_whole_and_in_order(
    blinded: list[Blinded], evaluated: tuple[bytes, ...], proof: bytes
) -> None:
    with pytest.raises(OprfError):
        finalize_batch(blinded, evaluated, proof, PAIR.public_key)


def test_a_server_cannot_answer_with_another_key() -> None:
    """Nor with two keys in one batch, the proof being of the one that is known."""
    evaluated, proof = blind_evaluate_batch(OTHER, ELEMENTS)
    with pytest.raises(OprfError):
        finalize_batch(BLINDED, evaluated, proof, PAIR.public_key)
    mixed = (*EVALUATED[:-1], evaluated[-1])
    forged = generate_proof(PAIR.secret_key.scalar, PAIR.public_key, ELEMENTS, mixed)
    with pytest.raises(OprfError, match="does not verify"):
        finalize_batch(BLINDED, mixed, forged, PAIR.public_key)


def test_errors_of_two_answers_do_not_cancel_out() -> None:
    """Equal weights would let a server add an element to one answer and take it from another."""
    add = group().crypto_core_ristretto255_add
    minus_one = (ORDER - 1).to_bytes(32, "little")
    offset = EVALUATED[2]
    negated = group().crypto_scalarmult_ristretto255(minus_one, offset)
    shifted = (add(EVALUATED[0], offset), add(EVALUATED[1], negated), EVALUATED[2])
    proof = generate_proof(PAIR.secret_key.scalar, PAIR.public_key, ELEMENTS, shifted)
    with pytest.raises(OprfError, match="does not verify"):
        finalize_batch(BLINDED, shifted, proof, PAIR.public_key)


def test_a_key_pair_is_of_one_key() -> None:
    with pytest.raises(KeyMaterialError):
        OprfKeyPair(PAIR.secret_key, OTHER.public_key)
    with pytest.raises(KeyMaterialError):
        OprfKeyPair(OprfSecretKey(ONE), ZERO)


def test_a_blinded_message_prints_neither_message_nor_scalar() -> None:
    blinded = blind(b"subject")
    shown = repr(blinded)
    assert blinded.element.hex() in shown or repr(blinded.element) in shown
    assert "subject" not in shown
    assert repr(blinded.scalar) not in shown
    assert "scalar" not in shown


def test_no_error_repeats_a_message() -> None:
    with pytest.raises(OprfError) as caught:
        blind(b"subject", ZERO)
    assert "subject" not in str(caught.value)
