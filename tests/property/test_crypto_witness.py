"""Cosignatures verify as made and never otherwise; a witness goes on along one history only."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.checkpoint import Checkpoint, open_checkpoint
from gateway.crypto.cosignature import MAX_TIMESTAMP, cosign, verify_cosignature
from gateway.crypto.errors import CryptoError, SignatureError
from gateway.crypto.merkle_proof import consistency_roots
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import NoteSignature, SignedNote
from gateway.crypto.witness import WitnessError, WitnessRefusal, advance
from gateway.crypto.witness_policy import WitnessPolicy
from support.crypto_log import SIGNER
from support.crypto_witness import COSIGNERS, WITNESSES, Log

quick = settings(max_examples=150, deadline=None)
LENGTH = 300
LOG = Log(LENGTH)
FORKS = {entry: Log(LENGTH, fork=entry) for entry in (0, 1, 63, 64, 200, 255)}
SIZE = st.integers(0, LENGTH)
KEY = SIGNER.verifier_key
NOTE = LOG.note(LENGTH)
COSIGNED = NOTE.with_signature(cosign(NOTE, COSIGNERS[0], 1_800_000_000))


@given(SIZE, st.integers(0, MAX_TIMESTAMP))
@quick
def test_a_cosignature_verifies_and_gives_its_time(size: int, time: int) -> None:
    note = LOG.note(size)
    cosigned = SignedNote.parse(note.with_signature(cosign(note, COSIGNERS[0], time)).encode())
    assert verify_cosignature(cosigned, WITNESSES[0]) == time
    assert open_checkpoint(cosigned.encode(), KEY) == LOG.checkpoint(size)


@given(st.integers(0, 72 * 8 - 1))
@quick
def test_a_changed_bit_of_a_cosignature_is_refused(bit: int) -> None:
    changed = bytearray(COSIGNED.signatures[1].signature)
    changed[bit // 8] ^= 1 << bit % 8
    line = NoteSignature(WITNESSES[0].name, WITNESSES[0].key_id, bytes(changed))
    with pytest.raises(SignatureError):
        WitnessPolicy(WITNESSES, 0).count(SignedNote(NOTE.text, (*NOTE.signatures, line)))


@given(st.integers(0, len(COSIGNED.encode()) - 1), st.integers(0, 7))
@settings(max_examples=400, deadline=None)
def test_no_changed_byte_of_a_cosigned_note_passes_for_another_checkpoint(
    at: int, bit: int
) -> None:
    """Either the note is refused, or log and witness stand for the very same text."""
    raw = bytearray(COSIGNED.encode())
    raw[at] ^= 1 << bit
    try:
        note = SignedNote.parse(bytes(raw))
        note.verify([KEY])
        WitnessPolicy(WITNESSES[:1], 1).require(note)
    except CryptoError:
        return
    assert note.text == NOTE.text


@given(st.sets(st.integers(0, 4)), st.lists(st.integers(0, 4), max_size=8), st.integers(0, 5))
@quick
def test_a_policy_counts_the_known_that_signed(
    known: set[int], signed: list[int], required: int
) -> None:
    policy = WitnessPolicy(tuple(WITNESSES[n] for n in sorted(known)), min(required, len(known)))
    lines = tuple(cosign(NOTE, COSIGNERS[n], 7 + at) for at, n in enumerate(signed))
    note = SignedNote(NOTE.text, (*NOTE.signatures, *lines))
    expected = tuple(WITNESSES[n] for n in sorted(known & set(signed)))
    assert policy.count(note) == expected
    if len(expected) >= policy.required:
        assert policy.require(note) == expected
    else:
        with pytest.raises(SignatureError):
            policy.require(note)


@given(st.lists(SIZE, min_size=1, max_size=8))
@quick
def test_a_witness_follows_an_honest_log_whenever_it_asks(sizes: list[int]) -> None:
    seen: Checkpoint | None = None
    for size in sorted(sizes):
        old = 0 if seen is None else seen.size
        seen = advance(seen, LOG.raw(size), KEY, LOG.proof(old, size))
        assert seen == LOG.checkpoint(size)


@given(SIZE, SIZE, st.sampled_from(sorted(FORKS)), st.booleans())
@settings(max_examples=400, deadline=None)
def test_a_witness_never_goes_on_to_another_history(
    old: int, size: int, entry: int, own_proof: bool
) -> None:
    fork, previous = FORKS[entry], LOG.checkpoint(old)
    prover = fork if own_proof else LOG
    proof = prover.proof(old, size) if old <= size else ()
    raw = fork.raw(size)
    if old <= min(entry, size):
        expected = own_proof or size <= entry or prover.proof(old, size) == fork.proof(old, size)
        if expected:
            assert advance(previous, raw, KEY, proof) == fork.checkpoint(size)
            return
    with pytest.raises(WitnessError) as caught:
        advance(previous, raw, KEY, proof)
    assert caught.value.refusal is refusal_expected(old, size, entry, own_proof)


def refusal_expected(old: int, size: int, entry: int, own_proof: bool) -> WitnessRefusal:
    if size < old:
        return WitnessRefusal.STALE
    if size == old:
        return WitnessRefusal.FORKED
    proven = own_proof and old > entry and old.bit_count() != 1
    return WitnessRefusal.FORKED if proven else WitnessRefusal.BAD_PROOF


@given(st.integers(1, LENGTH), st.integers(1, LENGTH), st.sampled_from(sorted(FORKS)))
@quick
def test_a_proof_leads_to_its_own_logs_roots(old: int, size: int, entry: int) -> None:
    """Whatever root was expected, unless the old size is a power of two: then that one is kept."""
    if old >= size:
        return
    fork, expected = FORKS[entry], LOG.checkpoint(old).root
    found, root = consistency_roots(old, expected, size, fork.proof(old, size))
    if old.bit_count() == 1:
        assert found == expected
    else:
        assert (found, root) == (fork.checkpoint(old).root, fork.checkpoint(size).root)


@given(st.sampled_from(WITNESSES), st.text(max_size=3), st.integers(0, 90))
@quick
def test_witness_keys_parse_to_themselves_or_not_at_all(
    key: VerifierKey, insert: str, at: int
) -> None:
    text = key.encode()
    assert VerifierKey.parse(text) == key
    changed = text[:at] + insert + text[at + len(insert) :]
    try:
        parsed = VerifierKey.parse(changed)
    except CryptoError:
        return
    assert parsed.encode() == changed
