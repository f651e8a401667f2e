"""Blinded evaluation equals direct evaluation, and no changed bit of an answer passes."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.oprf import OprfError, blind_evaluate_batch, derive_key_pair, evaluate
from gateway.crypto.oprf_client import blind, finalize_batch
from gateway.crypto.oprf_proof import verify_proof
from gateway.crypto.oprf_suite import require_element
from gateway.crypto.reference import scoped_reference
from gateway.crypto.ristretto import IDENTITY, ORDER, group

quick = settings(max_examples=150, deadline=None)
SEED = st.binary(min_size=32, max_size=32)
MESSAGES = st.lists(st.binary(max_size=40), min_size=1, max_size=5)
SCALAR = st.integers(1, ORDER - 1).map(lambda value: value.to_bytes(32, "little"))
OUTPUT = st.binary(min_size=64, max_size=64)
SCOPE = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)

PAIR = derive_key_pair(b"\x03" * 32, b"subjects")
BLINDED = [blind(b"subject %d" % number) for number in range(3)]
ELEMENTS = tuple(blinded.element for blinded in BLINDED)
EVALUATED, PROOF = blind_evaluate_batch(PAIR, ELEMENTS)
ANSWER = (*ELEMENTS, *EVALUATED, PROOF, PAIR.public_key)


@given(SEED, st.binary(max_size=20), MESSAGES, st.data())
@quick
def test_what_a_client_finalises_is_what_the_server_evaluates(
    seed: bytes, info: bytes, messages: list[bytes], data: st.DataObject
) -> None:
    pair = derive_key_pair(seed, info)
    blinded = [blind(message, data.draw(SCALAR)) for message in messages]
    evaluated, proof = blind_evaluate_batch(pair, [b.element for b in blinded])
    outputs = finalize_batch(blinded, evaluated, proof, pair.public_key)
    assert outputs == tuple(evaluate(pair.secret_key, message) for message in messages)


def test_the_unchanged_answer_verifies() -> None:
    verify_proof(PAIR.public_key, ELEMENTS, EVALUATED, PROOF)


@given(st.integers(0, sum(map(len, ANSWER)) * 8 - 1))
@settings(max_examples=400, deadline=None)
def test_a_changed_bit_anywhere_is_refused(bit: int) -> None:
    whole = bytearray(b"".join(ANSWER))
    whole[bit // 8] ^= 1 << bit % 8
    parts = [bytes(whole[at : at + 32]) for at in range(0, len(whole), 32)]
    with pytest.raises(OprfError):
        verify_proof(parts[8], parts[:3], parts[3:6], parts[6] + parts[7])


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=4), st.binary(max_size=70))
@quick
def test_rubbish_from_a_server_is_refused(evaluated: list[bytes], proof: bytes) -> None:
    with pytest.raises(OprfError):
        finalize_batch(BLINDED[: len(evaluated)], evaluated, proof, PAIR.public_key)


@given(st.binary(min_size=32, max_size=32) | st.binary(max_size=40))
@quick
def test_rubbish_from_a_client_is_refused_or_an_element(value: bytes) -> None:
    """What is let pass is an element in its one encoding: halving and doubling it gives it back."""
    try:
        require_element(value)
    except OprfError:
        with pytest.raises(OprfError):
            blind_evaluate_batch(PAIR, [value])
        return
    half = pow(2, -1, ORDER).to_bytes(32, "little")
    halved = group().crypto_scalarmult_ristretto255(half, value)
    assert value != IDENTITY
    assert group().crypto_core_ristretto255_add(halved, halved) == value
    assert len(blind_evaluate_batch(PAIR, [value])[0][0]) == 32


@given(OUTPUT, OUTPUT, SCOPE, SCOPE)
@quick
def test_references_agree_only_on_output_and_scope(
    output: bytes, other: bytes, scope: str, elsewhere: str
) -> None:
    same = scoped_reference(output, scope) == scoped_reference(other, elsewhere)
    assert same == ((output, scope) == (other, elsewhere))


@given(st.lists(OUTPUT, min_size=1, max_size=20, unique=True))
@quick
def test_two_providers_indexes_have_nothing_in_common(outputs: list[bytes]) -> None:
    scopes = ("bureau-a", "bureau-b", "telecom")
    indexes = [{scoped_reference(output, scope) for output in outputs} for scope in scopes]
    assert len(set.union(*indexes)) == len(scopes) * len(outputs)
