"""Sealing binds to its context, keyed tags are injective, and pseudonyms do not join."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.crypto.envelope import DataKey, KeyEncryptionKey, SealError, WrappedKey, open_, seal
from gateway.crypto.keyed import commitment, derive_key, length_prefixed, tag
from gateway.crypto.pseudonym import Pseudonymiser, PseudonymScope

quick = settings(max_examples=200, deadline=None)
MASTER = b"\x07" * 32
PSEUDONYMISER = Pseudonymiser.derive(MASTER, "v1")
NAME = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
PARTS = st.lists(st.binary(max_size=6), max_size=4)
KEY = DataKey(b"\x05" * 32)


@given(PARTS, PARTS)
@quick
def test_encodings_are_injective(first: list[bytes], second: list[bytes]) -> None:
    same = length_prefixed(*first) == length_prefixed(*second)
    assert same == (first == second)
    assert (tag(MASTER, *first) == tag(MASTER, *second)) == same


@given(st.binary(max_size=9), st.data())
@quick
def test_moving_bytes_between_parts_changes_everything(whole: bytes, data: st.DataObject) -> None:
    cuts = st.integers(0, len(whole))
    a, b = data.draw(cuts), data.draw(cuts)
    salt = bytes(32)
    tags = tag(MASTER, whole[:a], whole[a:]) == tag(MASTER, whole[:b], whole[b:])
    commitments = commitment(whole[:a], salt, whole[a:]) == commitment(whole[:b], salt, whole[b:])
    assert tags == commitments == (a == b)


@given(st.tuples(NAME, NAME, NAME), st.tuples(NAME, NAME, NAME), st.binary(), st.binary())
@quick
def test_pseudonyms_agree_only_on_all_of_scope_and_value(
    first: tuple[str, str, str], second: tuple[str, str, str], value: bytes, other: bytes
) -> None:
    one = PSEUDONYMISER.pseudonym("phone", PseudonymScope(*first), value)
    two = PSEUDONYMISER.pseudonym("phone", PseudonymScope(*second), other)
    assert (one == two) == ((first, value) == (second, other))
    assert re.fullmatch(r"phone_[0-9a-f]{32}", one)


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=20, unique=True))
@quick
def test_two_recipients_or_two_purposes_have_no_pseudonym_in_common(values: list[bytes]) -> None:
    scopes = [
        PseudonymScope("bank-a", "underwriting", "mobile"),
        PseudonymScope("bank-b", "underwriting", "mobile"),
        PseudonymScope("bank-a", "collection", "mobile"),
        PseudonymScope("bank-a", "underwriting", "email"),
    ]
    tables = [{PSEUDONYMISER.pseudonym("id", s, value) for value in values} for s in scopes]
    assert len(set.union(*tables)) == len(scopes) * len(values)


@given(NAME, NAME)
@quick
def test_labels_give_keys_of_their_own(first: str, second: str) -> None:
    assert (derive_key(MASTER, first) == derive_key(MASTER, second)) == (first == second)


@given(st.binary(max_size=100), st.binary(max_size=20), st.binary(max_size=20))
@quick
def test_a_sealed_value_opens_in_its_context_only(plain: bytes, at: bytes, other: bytes) -> None:
    sealed = seal(KEY, plain, at)
    assert open_(KEY, sealed, at) == plain
    if other != at:
        with pytest.raises(SealError):
            open_(KEY, sealed, other)


@given(st.binary(max_size=40), st.data())
@quick
def test_any_change_to_a_sealed_value_is_found(plain: bytes, data: st.DataObject) -> None:
    sealed = seal(KEY, plain, b"row 1")
    at = data.draw(st.integers(0, len(sealed) - 1))
    flipped = sealed[:at] + bytes([sealed[at] ^ data.draw(st.integers(1, 255))]) + sealed[at + 1 :]
    for changed in (flipped, sealed[:at], sealed + b"\0"):
        with pytest.raises(SealError):
            open_(KEY, changed, b"row 1")


@given(st.binary(max_size=20), st.binary(max_size=20))
@quick
def test_a_wrapped_key_opens_for_its_subject_only(subject: bytes, other: bytes) -> None:
    kek = KeyEncryptionKey("kek-1", b"\x09" * 32)
    wrapped = kek.wrap(KEY, subject)
    assert open_(kek.unwrap(wrapped, subject), seal(KEY, b"value", b""), b"") == b"value"
    strangers = [
        (kek, wrapped, other),
        (KeyEncryptionKey("kek-1", b"\x0a" * 32), wrapped, subject),
        (KeyEncryptionKey("kek-2", b"\x09" * 32), wrapped, subject),
        (KeyEncryptionKey("kek-2", b"\x09" * 32), WrappedKey("kek-2", wrapped.sealed), subject),
    ]
    for key, value, whose in strangers if other != subject else strangers[1:]:
        with pytest.raises(SealError):
            key.unwrap(value, whose)
