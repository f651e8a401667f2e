"""Signed notes and their keys: what is malformed, unknown, ambiguous or added later."""

import base64

import pytest

from gateway.crypto.ed25519 import PublicKey, SigningKey
from gateway.crypto.errors import CryptoError, KeyMaterialError, SignatureError
from gateway.crypto.note_key import NoteSigner, VerifierKey
from gateway.crypto.signed_note import NoteError, NoteSignature, SignedNote, sign_note

LOG = NoteSigner("log.example", SigningKey.from_seed(b"\x01" * 32))
WITNESS = NoteSigner("witness.example", SigningKey.from_seed(b"\x02" * 32))
TEXT = "first line\n\nlast line\n"
NOTE = sign_note(TEXT, LOG)
RAW = NOTE.encode()
LINE = NOTE.signatures[0].encode()


def test_the_text_may_hold_blank_lines() -> None:
    assert SignedNote.parse(RAW) == NOTE
    assert SignedNote.parse(RAW).text == TEXT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\n",
        TEXT.encode(),
        TEXT.encode() + b"\n",
        RAW[:-1],
        RAW + b"\n",
        RAW + b"unexpected\n",
        b"\x01" + RAW,
        b"\xff" + RAW,
        RAW.replace(b"first", b"fir\tst"),
        RAW.replace(b"\n", b"\r\n"),
        RAW.replace("\u2014 ".encode(), b"- "),
        RAW.replace(b"log.example ", b"log.example  "),
        RAW.replace(b"log.example ", b"log+example "),
        RAW.replace(b"log.example ", b" "),
        f"{TEXT}\n\u2014 log.example AAAA\n".encode(),
        f"{TEXT}\n\u2014 log.example AAAAAAA\n".encode(),
        f"{TEXT}\n".encode() + LINE.encode() * 101,
        b"x" * (1 << 18) + b"\n\n" + LINE.encode(),
    ],
)
def test_malformed_notes_are_refused(raw: bytes) -> None:
    with pytest.raises(CryptoError):
        SignedNote.parse(raw)


@pytest.mark.parametrize("text", ["", "no newline", "bell\x07\n", "\ud800\n"])
def test_texts_that_cannot_be_signed(text: str) -> None:
    with pytest.raises(NoteError):
        sign_note(text, LOG)


def test_a_note_without_signer_is_none() -> None:
    with pytest.raises(NoteError):
        sign_note(TEXT)


def test_a_known_key_must_have_signed() -> None:
    assert NOTE.verify([WITNESS.verifier_key, LOG.verifier_key]) == (LOG.verifier_key,)
    for keys in ([], [WITNESS.verifier_key]):
        with pytest.raises(SignatureError):
            NOTE.verify(keys)


def test_one_bad_signature_of_a_known_key_spoils_the_note() -> None:
    bad = NoteSignature("log.example", LOG.verifier_key.key_id, bytes(64))
    note = SignedNote(TEXT, (*NOTE.signatures, bad))
    with pytest.raises(SignatureError):
        note.verify([LOG.verifier_key])


def test_signatures_of_unknown_keys_and_types_are_kept_and_ignored() -> None:
    same_name = NoteSignature("log.example", b"\x00" * 4, b"of another type")
    same_id = NoteSignature("other.example", LOG.verifier_key.key_id, bytes(64))
    note = SignedNote(TEXT, (same_name, same_id, *NOTE.signatures))
    assert SignedNote.parse(note.encode()) == note
    assert note.verify([LOG.verifier_key]) == (LOG.verifier_key,)


def test_a_witness_adds_its_signature_and_replaces_its_own() -> None:
    key = WITNESS.verifier_key
    cosignature = NoteSignature(key.name, key.key_id, WITNESS.sign(TEXT))
    note = NOTE.with_signature(NoteSignature(key.name, key.key_id, bytes(64)))
    note = note.with_signature(cosignature)
    assert note.signatures == (*NOTE.signatures, cosignature)
    assert note.verify([key, LOG.verifier_key]) == (LOG.verifier_key, key)


def test_a_key_that_signed_twice_counts_once() -> None:
    twice = SignedNote(TEXT, NOTE.signatures * 2)
    assert twice.verify([LOG.verifier_key, LOG.verifier_key]) == (LOG.verifier_key,)


def test_two_keys_of_one_name_and_id_are_ambiguous() -> None:
    """These two numbers, found by search, make keys whose 4-byte ids are the same."""
    one, two = (VerifierKey("log.example", PublicKey(n.to_bytes(32))) for n in (19719, 33356))
    assert one.key_id == two.key_id
    with pytest.raises(SignatureError, match="share"):
        NOTE.verify([one, two])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "a\x1fb", "\ud800"])
def test_names_that_no_key_has(name: str) -> None:
    with pytest.raises(KeyMaterialError):
        VerifierKey(name, LOG.verifier_key.public_key)
    with pytest.raises(KeyMaterialError):
        NoteSigner(name, LOG.signing_key)


def test_a_verifier_key_has_one_spelling() -> None:
    text = LOG.verifier_key.encode()
    assert VerifierKey.parse(text) == LOG.verifier_key
    name, key_id, encoded = text.split("+", 2)
    wrong_type = base64.b64encode(b"\x04" + LOG.verifier_key.public_key.raw).decode()
    for other in (
        f"{name}+{key_id.upper()}+{encoded}",
        f"{name}+00000000+{encoded}",
        f"other+{key_id}+{encoded}",
        f"{name}+{key_id}+{wrong_type}",
        f"{name}+{key_id}",
        text + "\n",
        "",
    ):
        with pytest.raises(KeyMaterialError):
            VerifierKey.parse(other)


def test_a_signer_does_not_print_its_key() -> None:
    assert LOG.signing_key.seed().hex() not in repr(LOG)
