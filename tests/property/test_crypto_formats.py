"""Parsers of untrusted text: they return what encodes to the same bytes, or raise a CryptoError."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto import base64_strict
from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.dsse import DsseEnvelope, DsseSignature
from gateway.crypto.dsse_json import decode_envelope, encode_envelope
from gateway.crypto.errors import CryptoError
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import SignedNote
from gateway.crypto.tiles import encode_bundle, iter_bundle
from support.crypto_log import SIGNER

quick = settings(max_examples=200, deadline=None)
NOTE = sign_checkpoint(Checkpoint("log.example/a", 7, bytes(32)), SIGNER).encode()
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
SEALED = encode_envelope(DsseEnvelope("application/x", b"payload", (DsseSignature("k", b"sig"),)))


@st.composite
def edited(draw: st.DrawFn, original: bytes) -> bytes:
    begin = draw(st.integers(0, len(original)))
    end = draw(st.integers(begin, min(len(original), begin + 4)))
    insert = draw(st.binary(max_size=3) | st.sampled_from([b"\n", b"\n\n", b" ", b"0", b"="]))
    return original[:begin] + insert + original[end:]


@given(edited(NOTE) | st.binary(max_size=80))
@quick
def test_notes(raw: bytes) -> None:
    try:
        note = SignedNote.parse(raw)
    except CryptoError:
        return
    assert note.encode() == raw


@given(edited(NOTE.partition(b"\n\n")[0] + b"\n"))
@quick
def test_checkpoints(raw: bytes) -> None:
    text = raw.decode(errors="replace")
    try:
        checkpoint = Checkpoint.parse(text)
    except CryptoError:
        return
    assert checkpoint.encode() == text


@given(LINE, st.integers(1, 2**63 - 1), st.binary(min_size=32, max_size=32), st.lists(LINE))
@quick
def test_checkpoints_round_trip(origin: str, size: int, root: bytes, more: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, root, tuple(more))
    assert Checkpoint.parse(checkpoint.encode()) == checkpoint
    note = SignedNote.parse(sign_checkpoint(checkpoint, SIGNER).encode())
    assert note.verify([SIGNER.verifier_key]) == (SIGNER.verifier_key,)
    assert Checkpoint.parse(note.text) == checkpoint


@given(edited(SIGNER.verifier_key.encode().encode()))
@quick
def test_verifier_keys(raw: bytes) -> None:
    text = raw.decode(errors="replace")
    try:
        key = VerifierKey.parse(text)
    except CryptoError:
        return
    assert key.encode() == text


@given(edited(SEALED) | st.binary(max_size=60))
@quick
def test_envelopes(raw: bytes) -> None:
    try:
        envelope = decode_envelope(raw)
    except CryptoError:
        return
    assert decode_envelope(encode_envelope(envelope)) == envelope


@given(st.binary())
@quick
def test_base64_round_trips_in_both_alphabets(value: bytes) -> None:
    text = base64_strict.encode(value)
    assert base64_strict.decode(text) == value
    assert base64_strict.decode_either(text.replace("+", "-").replace("/", "_")) == value


@given(st.text("ABCDwxyz0189+/=- \n", max_size=12))
@quick
def test_base64_has_one_spelling(text: str) -> None:
    try:
        value = base64_strict.decode(text)
    except CryptoError:
        return
    assert base64_strict.encode(value) == text


@given(st.lists(st.binary(max_size=300), max_size=8))
@quick
def test_bundles_round_trip(entries: list[bytes]) -> None:
    assert list(iter_bundle(encode_bundle(entries))) == entries


@given(st.binary(max_size=40))
@quick
def test_bundles_parse_to_themselves_or_raise(raw: bytes) -> None:
    try:
        entries = list(iter_bundle(raw))
    except CryptoError:
        return
    assert encode_bundle(entries) == raw
