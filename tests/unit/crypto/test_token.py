"""Tokens come back in their own context and in no other."""

from base64 import b32decode, b32encode
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.token import (
    MAX_VALUE_BYTES,
    MalformedToken,
    TokenContext,
    TokenError,
    Tokeniser,
    TokenNotOpened,
)

MASTER = bytes(range(32))
TOKENISER = Tokeniser.derive(MASTER, "1")
CONTEXT = TokenContext("1", "lender-a", "credit.underwriting")
words = st.text(min_size=1, max_size=20).filter(lambda one: one.isprintable())
types = st.from_regex(r"[A-Z][A-Z0-9_]{0,63}", fullmatch=True)
values = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(words, words, types, values)
@example("a", "b", "A_", "ends in zeros\0\0")
@example("a", "b", "A", "\x80")
def test_what_is_sealed_opens(recipient: str, purpose: str, type_: str, value: str) -> None:
    context = TokenContext("1", recipient, purpose)
    token = TOKENISER.seal(context, type_, value)
    assert TOKENISER.seal(context, type_, value) == token
    assert TOKENISER.open(context, token) == (type_, value)
    assert token.startswith(f"tok1_{type_}_")
    assert len(value) < 4 or value not in token


@pytest.mark.parametrize(
    "other",
    [
        TokenContext("2", "lender-a", "credit.underwriting"),
        TokenContext("1", "lender-b", "credit.underwriting"),
        TokenContext("1", "lender-a", "credit.collection"),
        # The parts are kept apart: moving a letter over a boundary is another context.
        TokenContext("1l", "ender-a", "credit.underwriting"),
        TokenContext("1", "lender-acredit", ".underwriting"),
    ],
)
def test_another_context_opens_nothing_and_seals_otherwise(other: TokenContext) -> None:
    token = TOKENISER.seal(CONTEXT, "PERSON", "Ann Lee")
    assert TOKENISER.seal(other, "PERSON", "Ann Lee") != token
    with pytest.raises(TokenNotOpened):
        TOKENISER.open(other, token)


def test_another_key_or_type_opens_nothing() -> None:
    token = TOKENISER.seal(CONTEXT, "PERSON", "Ann Lee")
    for other in (Tokeniser.derive(MASTER, "2"), Tokeniser.derive(MASTER[::-1], "1")):
        with pytest.raises(TokenNotOpened):
            other.open(CONTEXT, token)
    with pytest.raises(TokenNotOpened):
        TOKENISER.open(CONTEXT, token.replace("PERSON", "PERSONS"))


@given(st.data())
def test_no_other_text_opens(data: st.DataObject) -> None:
    token = TOKENISER.seal(CONTEXT, "PERSON", "Ann Lee")
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567A=_ é"))
    changed = token[:at] + letter + token[at + 1 :]
    if changed != token:
        with pytest.raises((MalformedToken, TokenNotOpened)):
            TOKENISER.open(CONTEXT, changed)


@given(st.text(max_size=60))
@example("")
@example("tok1_PERSON_")
@example("tok1_PERSON_" + "a" * 8000)
@example("tok1_PERSON_" + "a" * 100_000)
@example("tok2_PERSON_" + "a" * 52)
@example("tok1_PERSON_" + "a" * 52 + "\n")
def test_what_is_no_token_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises((MalformedToken, TokenNotOpened)) as caught:
        TOKENISER.open(CONTEXT, text)
    assert len(text) < 6 or text not in str(caught.value)


def test_a_token_is_aes_siv_over_the_context() -> None:
    """Taken apart by hand, with the key read from the object."""
    token = TOKENISER.seal(CONTEXT, "CN_MOBILE_NUMBER", "13800138000")
    body = token.removeprefix("tok1_CN_MOBILE_NUMBER_").upper()
    sealed = b32decode(body + "=" * (-len(body) % 8))
    associated = [
        *(b"veilgate token v1", b"1", b"lender-a", b"credit.underwriting", b"CN_MOBILE_NUMBER")
    ]
    plain = AESSIV(TOKENISER._key).decrypt(sealed, associated)
    assert plain == b"13800138000\x80\0\0\0\0"


def test_lengths_within_a_block_look_alike() -> None:
    lengths = [len(TOKENISER.seal(CONTEXT, "PERSON", "x" * size)) for size in range(40)]
    assert len(set(lengths)) == 3
    assert all(one <= other for one, other in pairwise(lengths))


def test_a_second_spelling_is_refused() -> None:
    """Base32 leaves bits unused at the end: only one way to set them is a token."""
    token = TOKENISER.seal(CONTEXT, "PERSON", "Ann Lee")
    head, body = token[: len("tok1_PERSON_")], token[len("tok1_PERSON_") :]
    sealed = b32decode(body.upper() + "=" * (-len(body) % 8))
    assert b32encode(sealed).decode().rstrip("=").lower() == body
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    other = body[:-1] + alphabet[alphabet.index(body[-1]) | 1]
    assert other != body
    assert b32decode(other.upper() + "=" * (-len(other) % 8)) == sealed
    for spelling in (other, body.upper(), body + "="):
        with pytest.raises(MalformedToken):
            TOKENISER.open(CONTEXT, head + spelling)


@pytest.mark.parametrize("type_", ["", "person", "1A", "A-B", "A" * 65, "A\n"])
def test_other_types_are_refused(type_: str) -> None:
    with pytest.raises(TokenError):
        TOKENISER.seal(CONTEXT, type_, "x")


def test_values_that_cannot_be_sealed_are_refused_without_being_repeated() -> None:
    for value in ("secret\ud800", "s" * (MAX_VALUE_BYTES + 1)):
        with pytest.raises(TokenError) as caught:
            TOKENISER.seal(CONTEXT, "PERSON", value)
        assert "s" * 20 not in repr(caught.value)
        assert "secret" not in repr(caught.value)
        assert caught.value.__cause__ is None
    longest = "é" * (MAX_VALUE_BYTES // 2)
    sealed = TOKENISER.seal(CONTEXT, "P" * 64, longest)
    assert TOKENISER.open(CONTEXT, sealed) == ("P" * 64, longest)


@pytest.mark.parametrize("parts", [("", "a", "b"), ("1", "", "b"), ("1", "a", "")])
def test_a_context_is_whole(parts: tuple[str, str, str]) -> None:
    with pytest.raises(TokenError):
        TokenContext(*parts)


def test_keys_are_of_their_size_and_not_shown() -> None:
    for key in (b"", bytes(32), bytes(63), bytes(65)):
        with pytest.raises(KeyMaterialError):
            Tokeniser(key)
    with pytest.raises(KeyMaterialError):
        Tokeniser.derive(MASTER, "")
    assert repr(TOKENISER._key) not in repr(TOKENISER)
