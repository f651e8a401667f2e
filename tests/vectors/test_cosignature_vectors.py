"""Cosignatures of witnesses that run, and the example of c2sp.org/tlog-cosignature."""

import json
from pathlib import Path

import pytest

from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.cosignature import COSIGNATURE_SIZE, verify_cosignature
from gateway.crypto.errors import SignatureError
from gateway.crypto.note_key import SignatureType, VerifierKey
from gateway.crypto.signed_note import SignedNote
from gateway.crypto.witness import advance
from gateway.crypto.witness_policy import WitnessPolicy, open_witnessed

VECTORS = json.loads((Path(__file__).parent / "c2sp_cosignatures.json").read_text(encoding="utf-8"))
LIVE, SPEC = VECTORS["live"], VECTORS["spec"]
RAW = LIVE["note"].encode()
NOTE = SignedNote.parse(RAW)
LOG = VerifierKey.parse(LIVE["log"])
WITNESSES = tuple(map(VerifierKey.parse, LIVE["witnesses"]))


@pytest.mark.parametrize("vkey", LIVE["witnesses"] + VECTORS["other_witnesses"])
def test_published_keys_round_trip(vkey: str) -> None:
    key = VerifierKey.parse(vkey)
    assert key.signature_type is SignatureType.COSIGNATURE
    assert key.encode() == vkey


@pytest.mark.parametrize("witness", WITNESSES, ids=[key.name for key in WITNESSES])
def test_a_running_witness(witness: VerifierKey) -> None:
    assert verify_cosignature(NOTE, witness) == LIVE["time"]


@pytest.mark.parametrize("witness", WITNESSES, ids=[key.name for key in WITNESSES])
def test_a_running_witness_vouches_for_no_other_size(witness: VerifierKey) -> None:
    other = SignedNote(NOTE.text.replace(str(LIVE["size"]), "42"), NOTE.signatures)
    with pytest.raises(SignatureError):
        verify_cosignature(other, witness)


def test_a_checkpoint_that_four_witnesses_cosigned() -> None:
    checkpoint = open_witnessed(RAW, LOG, WitnessPolicy(WITNESSES, 4))
    assert (checkpoint.origin, checkpoint.size) == (LOG.name, LIVE["size"])
    assert advance(checkpoint, RAW, LOG, ()) == checkpoint


def test_the_example_of_the_specification() -> None:
    note = SignedNote.parse(SPEC["note"].encode())
    assert note.encode() == SPEC["note"].encode()
    assert Checkpoint.parse(note.text).size == SPEC["size"]
    (cosignature,) = (s for s in note.signatures if s.name == SPEC["witness"])
    assert cosignature.key_id.hex() == SPEC["key_id"]
    assert len(cosignature.signature) == COSIGNATURE_SIZE
    assert int.from_bytes(cosignature.signature[:8]) == SPEC["time"]
