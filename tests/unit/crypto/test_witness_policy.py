"""m of n witnesses: who counts, who does not, and which policies there are."""

import pytest

from gateway.crypto.checkpoint import CheckpointError
from gateway.crypto.cosignature import Cosigner, cosign
from gateway.crypto.errors import SignatureError
from gateway.crypto.note_key import SignatureType, VerifierKey
from gateway.crypto.signed_note import NoteSignature, SignedNote
from gateway.crypto.witness_policy import WitnessPolicy, WitnessPolicyError, open_witnessed
from support.crypto_log import ATTACKER, SIGNER
from support.crypto_witness import COSIGNERS, WITNESSES, Log

LOG_KEY = SIGNER.verifier_key
NOTE = Log(9).note(9)
NOW = 1_800_000_000


def cosigned(*numbers: int) -> SignedNote:
    lines = tuple(cosign(NOTE, COSIGNERS[number], NOW) for number in numbers)
    return SignedNote(NOTE.text, (*NOTE.signatures, *lines))


def test_the_witnesses_that_cosigned_are_named_in_the_policys_order() -> None:
    policy = WitnessPolicy(WITNESSES[:3], 2)
    assert policy.count(cosigned()) == ()
    assert policy.count(cosigned(2, 0)) == (WITNESSES[0], WITNESSES[2])
    assert policy.require(cosigned(2, 0)) == (WITNESSES[0], WITNESSES[2])


def test_a_checkpoint_that_is_short_of_witnesses_says_by_how_many() -> None:
    with pytest.raises(SignatureError, match=r"1 of 3 witnesses .* 2 are required"):
        WitnessPolicy(WITNESSES[:3], 2).require(cosigned(1))


def test_a_witness_counts_once_however_often_it_signed() -> None:
    policy = WitnessPolicy(WITNESSES[:3], 2)
    lines = tuple(cosign(NOTE, COSIGNERS[0], NOW + n) for n in range(5))
    note = SignedNote(NOTE.text, (*NOTE.signatures, *lines))
    assert policy.count(note) == (WITNESSES[0],)
    with pytest.raises(SignatureError):
        policy.require(note)


def test_strangers_do_not_count() -> None:
    stranger = Cosigner(WITNESSES[0].name, COSIGNERS[4].signing_key)
    note = cosigned(3, 4).with_signature(cosign(NOTE, stranger, NOW))
    assert WitnessPolicy(WITNESSES[:3], 1).count(note) == ()


def test_a_bad_cosignature_spoils_a_checkpoint_that_has_enough_others() -> None:
    bad = NoteSignature(WITNESSES[2].name, WITNESSES[2].key_id, bytes(72))
    note = cosigned(0, 1).with_signature(bad)
    with pytest.raises(SignatureError, match="does not verify"):
        WitnessPolicy(WITNESSES[:3], 2).count(note)
    assert len(WitnessPolicy(WITNESSES[:2], 2).require(note)) == 2


def test_a_cosignature_of_another_checkpoint_does_not_count() -> None:
    other = cosign(Log(9).note(8), COSIGNERS[0], NOW)
    with pytest.raises(SignatureError):
        WitnessPolicy(WITNESSES, 1).require(NOTE.with_signature(other))


@pytest.mark.parametrize("required", [-1, 4])
def test_no_policy_requires_what_cannot_be(required: int) -> None:
    with pytest.raises(WitnessPolicyError):
        WitnessPolicy(WITNESSES[:3], required)


def test_no_witness_is_counted_twice() -> None:
    """A cosignature does not name its witness, so one key must not stand under two names."""
    key = WITNESSES[0].public_key
    renamed = VerifierKey("another.example", key, SignatureType.COSIGNATURE)
    rekeyed = VerifierKey(WITNESSES[0].name, WITNESSES[1].public_key, SignatureType.COSIGNATURE)
    for second in (WITNESSES[0], renamed, rekeyed):
        with pytest.raises(WitnessPolicyError, match="share"):
            WitnessPolicy((WITNESSES[0], second), 1)


def test_a_log_key_is_no_witness() -> None:
    with pytest.raises(WitnessPolicyError, match="0x04"):
        WitnessPolicy((LOG_KEY,), 1)
    itself = Cosigner("witness.example/self", SIGNER.signing_key)
    note = NOTE.with_signature(cosign(NOTE, itself, NOW))
    with pytest.raises(WitnessPolicyError, match="itself"):
        open_witnessed(note.encode(), LOG_KEY, WitnessPolicy((itself.verifier_key,), 1))


def test_no_policy_has_more_witnesses_than_a_note_has_room_for() -> None:
    seeds = (number.to_bytes(32) for number in range(1, 101))
    keys = tuple(
        Cosigner(f"w/{n}", COSIGNERS[0].signing_key.from_seed(seed)).verifier_key
        for n, seed in enumerate(seeds)
    )
    assert WitnessPolicy(keys[:99], 99).required == 99
    with pytest.raises(WitnessPolicyError):
        WitnessPolicy(keys, 1)


def test_without_witnesses_the_logs_signature_is_enough() -> None:
    assert open_witnessed(NOTE.encode(), LOG_KEY, WitnessPolicy((), 0)).size == 9


def test_opening_needs_the_log_and_its_witnesses() -> None:
    policy = WitnessPolicy(WITNESSES[:3], 2)
    assert open_witnessed(cosigned(0, 1).encode(), LOG_KEY, policy) == Log(9).checkpoint(9)
    for note in (cosigned(0), NOTE):
        with pytest.raises(SignatureError, match="required"):
            open_witnessed(note.encode(), LOG_KEY, policy)
    forged = SignedNote(NOTE.text, cosigned(0, 1).signatures[1:])
    for note in (forged, forged.with_signature(Log(9).note(9, ATTACKER).signatures[0])):
        with pytest.raises(SignatureError, match="no signature by a known key"):
            open_witnessed(note.encode(), LOG_KEY, policy)
    with pytest.raises(CheckpointError):
        open_witnessed(cosigned(0, 1).encode(), LOG_KEY, policy, "another.example/log")
