"""Cosignatures: their bytes, the keys that make them, and what none is taken for."""

import base64

import pytest

from gateway.crypto.checkpoint import CheckpointError, open_checkpoint
from gateway.crypto.cosignature import CosignatureError, Cosigner, cosign, verify_cosignature
from gateway.crypto.errors import KeyMaterialError, SignatureError
from gateway.crypto.note_key import NoteSigner, SignatureType, VerifierKey
from gateway.crypto.signed_note import NoteSignature, SignedNote, sign_note
from support.crypto_log import SIGNER
from support.crypto_witness import COSIGNERS, WITNESSES, Log

COSIGNER, WITNESS = COSIGNERS[0], WITNESSES[0]
NOTE = Log(7).note(7)
NOW = 1_679_315_147
COSIGNATURE = cosign(NOTE, COSIGNER, NOW)
COSIGNED = NOTE.with_signature(COSIGNATURE)


def with_cosignature(timestamped: bytes, *more: NoteSignature) -> SignedNote:
    line = NoteSignature(WITNESS.name, WITNESS.key_id, timestamped)
    return SignedNote(NOTE.text, (*NOTE.signatures, line, *more))


def test_the_bytes_that_are_signed() -> None:
    assert len(COSIGNATURE.signature) == 72
    assert COSIGNATURE.signature[:8] == b"\0\0\0\0\x64\x18\x50\xcb"
    message = f"cosignature/v1\ntime 1679315147\n{NOTE.text}".encode()
    WITNESS.public_key.verify(COSIGNATURE.signature[8:], message)


def test_a_cosignature_gives_its_time() -> None:
    assert verify_cosignature(COSIGNED, WITNESS) == NOW
    assert verify_cosignature(SignedNote.parse(COSIGNED.encode()), WITNESS) == NOW


def test_of_several_the_latest_counts_and_none_may_be_bad() -> None:
    later, earlier = (cosign(NOTE, COSIGNER, NOW + n) for n in (9, -9))
    assert verify_cosignature(with_cosignature(later.signature, COSIGNATURE), WITNESS) == NOW + 9
    assert verify_cosignature(with_cosignature(earlier.signature, COSIGNATURE), WITNESS) == NOW
    with pytest.raises(SignatureError):
        verify_cosignature(with_cosignature(bytes(72), COSIGNATURE), WITNESS)


def test_the_time_is_signed() -> None:
    later = (NOW + 1).to_bytes(8, "big") + COSIGNATURE.signature[8:]
    with pytest.raises(SignatureError):
        verify_cosignature(with_cosignature(later), WITNESS)


@pytest.mark.parametrize("length", [1, 8, 64, 71, 73])
def test_other_lengths_are_refused(length: int) -> None:
    timestamped = (COSIGNATURE.signature + b"\0")[:length]
    with pytest.raises(SignatureError, match="72 bytes"):
        verify_cosignature(with_cosignature(timestamped), WITNESS)


def test_times_have_bounds() -> None:
    for time in (0, 2**63 - 1):
        cosigned = NOTE.with_signature(cosign(NOTE, COSIGNER, time))
        assert verify_cosignature(cosigned, WITNESS) == time
    for time in (-1, 2**63):
        with pytest.raises(CosignatureError):
            cosign(NOTE, COSIGNER, time)
    message = f"cosignature/v1\ntime {2**63}\n{NOTE.text}".encode()
    beyond = (2**63).to_bytes(8, "big") + COSIGNER.signing_key.sign(message)
    with pytest.raises(SignatureError, match="at most"):
        verify_cosignature(with_cosignature(beyond), WITNESS)


def test_extension_lines_are_signed_too() -> None:
    note = sign_note(NOTE.text + "an extension\n", SIGNER)
    cosigned = note.with_signature(cosign(note, COSIGNER, NOW))
    assert verify_cosignature(cosigned, WITNESS) == NOW
    with pytest.raises(SignatureError):
        verify_cosignature(SignedNote(NOTE.text, cosigned.signatures), WITNESS)


def test_only_checkpoints_are_cosigned() -> None:
    with pytest.raises(CheckpointError):
        cosign(sign_note("a note\nthat is\nno checkpoint\n", SIGNER), COSIGNER, NOW)


def test_who_has_not_cosigned_is_told_apart_from_who_has() -> None:
    for note, key in ((NOTE, WITNESS), (COSIGNED, WITNESSES[1])):
        with pytest.raises(SignatureError, match="has not cosigned"):
            verify_cosignature(note, key)


def test_a_log_key_is_no_witness_and_a_witness_no_log() -> None:
    with pytest.raises(SignatureError, match="not a witness"):
        verify_cosignature(COSIGNED, SIGNER.verifier_key)
    with pytest.raises(SignatureError, match="cosigns a note"):
        COSIGNED.verify([SIGNER.verifier_key, WITNESS])
    with pytest.raises(SignatureError, match="cosigns a note"):
        open_checkpoint(COSIGNED.encode(), WITNESS, "log.example/audit")


def test_a_signature_of_the_text_alone_is_no_cosignature_by_the_same_key() -> None:
    plain = NoteSigner(COSIGNER.name, COSIGNER.signing_key)
    timestamped = NOW.to_bytes(8, "big") + plain.sign(NOTE.text)
    with pytest.raises(SignatureError):
        verify_cosignature(with_cosignature(timestamped), WITNESS)
    signed = SignedNote(
        NOTE.text,
        (NoteSignature(plain.name, plain.verifier_key.key_id, COSIGNATURE.signature[8:]),),
    )
    with pytest.raises(SignatureError):
        signed.verify([plain.verifier_key])


def test_one_public_key_under_two_types_is_two_keys() -> None:
    other = VerifierKey(WITNESS.name, WITNESS.public_key)
    assert other != WITNESS
    assert other.key_id != WITNESS.key_id
    with pytest.raises(SignatureError, match="no signature by a known key"):
        COSIGNED.verify([other])


def test_witness_keys_have_one_spelling() -> None:
    text = WITNESS.encode()
    name, key_id, encoded = text.split("+", 2)
    assert VerifierKey.parse(text) == WITNESS
    assert base64.b64decode(encoded) == b"\x04" + WITNESS.public_key.raw
    assert VerifierKey.parse(text).signature_type is SignatureType.COSIGNATURE
    for type_byte in (b"", b"\x00", b"\x01", b"\x02", b"\x06", b"\xff"):
        retyped = base64.b64encode(type_byte + WITNESS.public_key.raw).decode()
        with pytest.raises(KeyMaterialError):
            VerifierKey.parse(f"{name}+{key_id}+{retyped}")


def test_witnesses_have_names_and_print_no_keys() -> None:
    for name in ("", "a b", "a+b"):
        with pytest.raises(KeyMaterialError):
            Cosigner(name, COSIGNER.signing_key)
    assert COSIGNER.signing_key.seed().hex() not in repr(COSIGNER)


def test_a_new_cosignature_replaces_the_older_one_only() -> None:
    renewed = cosign(NOTE, COSIGNER, NOW + 60)
    other = cosign(NOTE, COSIGNERS[1], NOW)
    note = COSIGNED.with_signature(other).with_signature(renewed)
    assert note.signatures == (*NOTE.signatures, other, renewed)
    assert open_checkpoint(note.encode(), SIGNER.verifier_key).size == 7
