"""A witness's step: what it goes on from, and how it tells a fork from a bad or old answer."""

import pytest

from gateway.crypto.checkpoint import Checkpoint, CheckpointError, sign_checkpoint
from gateway.crypto.cosignature import cosign, verify_cosignature
from gateway.crypto.errors import SignatureError
from gateway.crypto.merkle import EMPTY_ROOT
from gateway.crypto.signed_note import NoteError, SignedNote
from gateway.crypto.witness import WitnessError, WitnessRefusal, advance
from support.crypto_log import ATTACKER, ORIGIN, SIGNER
from support.crypto_witness import COSIGNERS, WITNESSES, Log

KEY = SIGNER.verifier_key
LOG = Log(40)
FORK = Log(40, fork=10)


def refusal_of(
    previous: Checkpoint | None, note: bytes, proof: tuple[bytes, ...]
) -> WitnessRefusal:
    with pytest.raises(WitnessError) as caught:
        advance(previous, note, KEY, proof)
    assert caught.value.previous == previous
    assert caught.value.note == note
    assert caught.value.proof == proof
    return caught.value.refusal


def test_the_first_checkpoint_is_taken_on_trust() -> None:
    assert advance(None, LOG.raw(13), KEY, ()) == LOG.checkpoint(13)
    assert advance(None, LOG.raw(0), KEY, ()) == Checkpoint(ORIGIN, 0, EMPTY_ROOT)


def test_a_witness_follows_a_log_that_grows() -> None:
    seen = None
    for size in (0, 0, 1, 2, 13, 13, 32, 39, 40):
        old = 0 if seen is None else seen.size
        seen = advance(seen, LOG.raw(size), KEY, LOG.proof(old, size))
        assert seen == LOG.checkpoint(size)


def test_what_a_witness_went_on_to_it_can_cosign() -> None:
    raw = LOG.raw(20)
    advance(LOG.checkpoint(13), raw, KEY, LOG.proof(13, 20))
    note = SignedNote.parse(raw)
    cosigned = note.with_signature(cosign(note, COSIGNERS[0], 1_800_000_000))
    assert verify_cosignature(cosigned, WITNESSES[0]) == 1_800_000_000


def test_two_roots_of_one_size_are_a_fork_and_both_are_kept() -> None:
    with pytest.raises(WitnessError) as caught:
        advance(LOG.checkpoint(20), FORK.raw(20), KEY, ())
    error = caught.value
    assert error.refusal is WitnessRefusal.FORKED
    assert (error.previous, error.offered) == (LOG.checkpoint(20), FORK.checkpoint(20))
    assert error.note == FORK.raw(20)
    for root in (LOG.checkpoint(20).root, FORK.checkpoint(20).root):
        assert root.hex() in str(error)


@pytest.mark.parametrize("old", [11, 13, 20, 31])
def test_a_fork_that_grew_is_proven_by_its_own_proof(old: int) -> None:
    """The proof leads to the root that the log signed, from entries that the witness never saw."""
    proof = FORK.proof(old, 40)
    assert refusal_of(LOG.checkpoint(old), FORK.raw(40), proof) is WitnessRefusal.FORKED


def test_a_fork_at_a_power_of_two_is_refused_though_not_proven() -> None:
    for old in (16, 32):
        proof = FORK.proof(old, 40)
        assert refusal_of(LOG.checkpoint(old), FORK.raw(40), proof) is WitnessRefusal.BAD_PROOF


def test_a_fork_after_the_last_checkpoint_is_a_continuation() -> None:
    """Nobody can tell from it: only another witness, or a later checkpoint of the other branch."""
    seen = advance(LOG.checkpoint(7), FORK.raw(20), KEY, FORK.proof(7, 20))
    proof = LOG.proof(20, 40)
    assert refusal_of(seen, LOG.raw(40), proof) is WitnessRefusal.FORKED


def test_a_proof_of_the_true_log_does_not_help_a_fork() -> None:
    proof = LOG.proof(13, 40)
    assert refusal_of(LOG.checkpoint(13), FORK.raw(40), proof) is WitnessRefusal.BAD_PROOF


def test_a_smaller_log_is_stale_whatever_its_root() -> None:
    for log in (LOG, FORK):
        assert refusal_of(LOG.checkpoint(20), log.raw(12), ()) is WitnessRefusal.STALE
    assert refusal_of(LOG.checkpoint(20), LOG.raw(0), ()) is WitnessRefusal.STALE


def test_bad_proofs_of_an_honest_log_do_not_accuse_it() -> None:
    honest = LOG.proof(13, 40)
    flipped = (bytes([honest[0][0] ^ 1]) + honest[0][1:], *honest[1:])
    proofs = [
        (),
        honest[:-1],
        honest[1:],
        (*honest, bytes(32)),
        honest[::-1],
        flipped,
        LOG.proof(14, 40),
        (honest[0][:-1], *honest[1:]),
        (b"",) * len(honest),
        (bytes(32),) * 1000,
    ]
    for proof in proofs:
        assert refusal_of(LOG.checkpoint(13), LOG.raw(40), proof) is WitnessRefusal.BAD_PROOF


def test_a_log_cannot_claim_entries_that_it_has_not() -> None:
    """The root is of 4 entries and the proof leads to it; the checkpoint says 8."""
    claimed = Checkpoint(ORIGIN, 8, LOG.checkpoint(4).root)
    raw = sign_checkpoint(claimed, SIGNER).encode()
    assert refusal_of(LOG.checkpoint(3), raw, LOG.proof(3, 4)) is WitnessRefusal.BAD_PROOF


def test_where_nothing_is_to_be_proven_a_proof_must_be_empty() -> None:
    for previous, size in ((None, 40), (LOG.checkpoint(0), 40), (LOG.checkpoint(40), 40)):
        assert refusal_of(previous, LOG.raw(size), (bytes(32),)) is WitnessRefusal.BAD_PROOF


def test_only_the_logs_own_signature_and_origin_are_looked_at_further() -> None:
    seen, proof = LOG.checkpoint(13), LOG.proof(13, 40)
    with pytest.raises(SignatureError):
        advance(seen, LOG.note(40, ATTACKER).encode(), KEY, proof)
    with pytest.raises(SignatureError):
        advance(seen, LOG.raw(40).replace(b"\n40\n", b"\n39\n"), KEY, proof)
    with pytest.raises(NoteError):
        advance(seen, b"", KEY, proof)
    elsewhere = Checkpoint("another.example/log", 40, LOG.checkpoint(40).root)
    with pytest.raises(CheckpointError):
        advance(seen, sign_checkpoint(elsewhere, SIGNER).encode(), KEY, proof)


def test_an_origin_may_differ_from_the_keys_name() -> None:
    named = Checkpoint("another.example/log", 13, LOG.checkpoint(13).root)
    raw = sign_checkpoint(named, SIGNER).encode()
    assert advance(None, raw, KEY, (), origin="another.example/log") == named
    assert advance(named, raw, KEY, ()) == named
    with pytest.raises(CheckpointError):
        advance(None, raw, KEY, ())


def test_the_evidence_of_another_logs_state_is_not_mixed_in() -> None:
    """A caller that looked up the wrong log's state is told so, and accuses nobody."""
    previous = Checkpoint("another.example/log", 20, FORK.checkpoint(20).root)
    for origin in (None, ORIGIN):
        with pytest.raises(CheckpointError):
            advance(previous, LOG.raw(20), KEY, (), origin=origin)
