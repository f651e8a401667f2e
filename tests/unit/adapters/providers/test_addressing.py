"""How a subject is named to a provider: by identifier or by scoped reference, never by mistake."""

import pytest

from gateway.adapters.providers.addressing import REFERENCE, Address, by_identifier, by_reference
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import SubjectIdentifier, SubjectKey, SubjectReference
from gateway.domain.vocabulary import IdentifierType

NUMBER = "001010001"
IDENTIFIER = SubjectIdentifier(IdentifierType.US_SSN, NUMBER)
BY_REFERENCE = SubjectReference("1", bytes(64))


def test_an_identifier_is_named_as_it_is() -> None:
    assert by_identifier(IDENTIFIER) == Address("US_SSN", NUMBER)


def test_a_reference_does_not_stand_for_an_identifier() -> None:
    with pytest.raises(Refused) as caught:
        by_identifier(BY_REFERENCE)
    assert caught.value.reason is ErrorReason.IDENTIFIER_NEEDED


@pytest.mark.parametrize("subject", [IDENTIFIER, BY_REFERENCE])
def test_a_reference_is_named_in_hexadecimal(subject: SubjectKey) -> None:
    asked: list[SubjectKey] = []

    def scoped(one: SubjectKey) -> bytes:
        asked.append(one)
        return b"\xab" * 32

    assert by_reference(scoped)(subject) == Address(REFERENCE, "ab" * 32)
    assert asked == [subject]


def test_what_cannot_be_referred_to_is_refused() -> None:
    def scoped(_: SubjectKey) -> bytes:
        raise refuse(ErrorReason.REFERENCE_KEY_UNKNOWN)

    with pytest.raises(Refused) as caught:
        by_reference(scoped)(BY_REFERENCE)
    assert caught.value.reason is ErrorReason.REFERENCE_KEY_UNKNOWN


def test_no_repr_shows_a_number() -> None:
    assert NUMBER not in repr(by_identifier(IDENTIFIER))
