"""What the keys of text masking are bound to, behind the application's ports."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.keys.keyed_tokens import KeyedTokens
from gateway.adapters.keys.keyring import Keyring
from gateway.adapters.keys.shown_tags import KeyedValueTags
from gateway.application.ports.tokens import TokenRefusal, TokenRefused
from gateway.crypto.pseudonym import PseudonymScope
from gateway.domain.deid.errors import Unparsable
from gateway.domain.subject import Subject

KEYRING = Keyring.derive(bytes(range(32)), Ed25519PrivateKey.from_private_bytes(bytes(32)))
TOKENS = KeyedTokens(KEYRING)
A, B = ("lender-a", "credit.underwriting"), ("lender-b", "credit.underwriting")
COLLECTION = ("lender-a", "credit.collection")
SUBJECT, OTHER = b"s" * 32, b"t" * 32
MOBILE = "CN_MOBILE_NUMBER"
subjects = st.binary(min_size=32, max_size=32)


def test_a_token_reveals_type_and_value_to_whom_and_for_what_it_was_made() -> None:
    token = TOKENS.bound(*A, None).token(MOBILE, "138 0013 8000")
    revealed = TOKENS.reveal(token, *A)
    assert revealed == (MOBILE, "138 0013 8000")
    assert "138" not in repr(revealed)
    assert TOKENS.bound(*A, SUBJECT).token(MOBILE, "138 0013 8000") == token


@pytest.mark.parametrize("context", [B, COLLECTION])
def test_another_recipient_or_purpose_is_refused(context: tuple[str, str]) -> None:
    token = TOKENS.bound(*A, None).token(MOBILE, "13800138000")
    with pytest.raises(TokenRefused) as caught:
        TOKENS.reveal(token, *context)
    assert caught.value.reason is TokenRefusal.NOT_OPENED
    assert TOKENS.bound(*context, None).token(MOBILE, "13800138000") != token


@pytest.mark.parametrize("token", ["", "tok1_x", "13800138000", "tok1_PERSON_" + "a" * 9000])
def test_what_is_no_token_is_malformed(token: str) -> None:
    with pytest.raises(TokenRefused) as caught:
        TOKENS.reveal(token, *A)
    assert caught.value.reason is TokenRefusal.MALFORMED
    assert not token or token not in str(caught.value)


def test_a_token_without_recipient_or_purpose_is_refused() -> None:
    token = TOKENS.bound(*A, None).token(MOBILE, "13800138000")
    with pytest.raises(TokenRefused):
        TOKENS.reveal(token, "", "credit.underwriting")


def test_another_gateways_key_reveals_nothing() -> None:
    token = TOKENS.bound(*A, None).token(MOBILE, "13800138000")
    key = Ed25519PrivateKey.from_private_bytes(bytes(32))
    for other in (Keyring.derive(bytes(32), key), Keyring.derive(bytes(range(32)), key, "2")):
        with pytest.raises(TokenRefused):
            KeyedTokens(other).reveal(token, *A)


def test_a_pseudonym_is_stable_for_recipient_purpose_and_type() -> None:
    one = TOKENS.bound(*A, SUBJECT).pseudonym("PERSON", "ann")
    assert re.fullmatch("person_[0-9a-f]{32}", one)
    assert TOKENS.bound(*A, OTHER).pseudonym("PERSON", "ann") == one
    others = {
        TOKENS.bound(*B, SUBJECT).pseudonym("PERSON", "ann"),
        TOKENS.bound(*COLLECTION, SUBJECT).pseudonym("PERSON", "ann"),
        TOKENS.bound(*A, SUBJECT).pseudonym("ORGANIZATION", "ann"),
        TOKENS.bound(*A, SUBJECT).pseudonym("PERSON", "anne"),
        KEYRING.pseudonymiser.bind("person", PseudonymScope(*A, "person"))(b"ann"),
        one,
    }
    assert len(others) == 6


def test_digits_are_permuted_for_recipient_purpose_and_type() -> None:
    one = TOKENS.bound(*A, None).digits(MOBILE, "13800138000")
    assert re.fullmatch("[0-9]{11}", one)
    others = {
        TOKENS.bound(*B, None).digits(MOBILE, "13800138000"),
        TOKENS.bound(*COLLECTION, None).digits(MOBILE, "13800138000"),
        TOKENS.bound(*A, None).digits("PHONE_NUMBER", "13800138000"),
        one,
        "13800138000",
    }
    assert len(others) == 5


def test_what_cannot_be_done_is_unparsable_and_not_repeated() -> None:
    keys = TOKENS.bound(*A, None)
    for call, value in ((keys.digits, "12345"), (keys.token, "\ud800"), (keys.token, "x" * 5000)):
        with pytest.raises(Unparsable) as caught:
            call(MOBILE, value)
        assert value not in str(caught.value)


@given(subjects, st.integers(1, 3650))
def test_a_shift_is_never_none_and_never_more_than_the_most(subject: bytes, most: int) -> None:
    shift = TOKENS.bound(*A, subject).shift_days
    assert shift is not None
    assert 1 <= abs(shift(most)) <= most
    assert TOKENS.bound(*COLLECTION, subject).shift_days(most) == shift(most)  # type: ignore[misc]


def test_shifts_take_every_value_and_differ_by_subject_and_recipient() -> None:
    def shifts(recipient: str) -> list[int]:
        found = []
        for number in range(300):
            shift = TOKENS.bound(recipient, "p", number.to_bytes(32, "big")).shift_days
            assert shift is not None
            found.append(shift(3))
        return found

    assert set(shifts("lender-a")) == {-3, -2, -1, 1, 2, 3}
    assert shifts("lender-a") != shifts("lender-b")


def test_without_a_subject_no_date_moves() -> None:
    assert TOKENS.bound(*A, None).shift_days is None


def test_the_keyring_shows_none_of_its_keys() -> None:
    shown = repr(KEYRING)
    for key in (KEYRING.digits, KEYRING.shift, KEYRING.tokeniser._key):
        assert repr(key) not in shown


def test_tags_of_shown_values_are_for_one_recipient_and_subject() -> None:
    tags = KeyedValueTags()
    ann, bob = Subject(b"a" * 32, SUBJECT), Subject(b"b" * 32, OTHER)
    one = tags.bound("lender-a", ann)("13800138000")
    assert len(one) == 16
    assert tags.bound("lender-a", ann)("13800138000") == one
    others = {
        tags.bound("lender-a", bob)("13800138000"),
        tags.bound("lender-b", ann)("13800138000"),
        tags.bound("lender-a", ann)("13800138001"),
        # The secret alone keys it: without it the identity says nothing.
        tags.bound("lender-a", Subject(b"a" * 32, OTHER))("13800138000"),
        one,
    }
    assert len(others) == 4
