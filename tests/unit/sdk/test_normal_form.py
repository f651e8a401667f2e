"""The SDK's normal form of an identifier is the gateway's, spelling by spelling."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clients.sdk import RequestError
from clients.sdk.normal_form import encoded_identifier, normal_form
from clients.sdk.vocabulary import IdentifierType
from gateway.domain.subject import InvalidIdentifier, normalise
from gateway.domain.vocabulary import IdentifierType as GatewayType
from support.identifiers import digits, resident_ids, with_resident_check

SEPARATORS = st.sampled_from(["", "", " ", "-", ".", "·", "–", "—", "\u3000", "\t", "−", "/", "_"])
WIDE = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """An identifier, good or nearly so, in some spelling."""
    plain = draw(
        resident_ids()
        | digits(9)
        | digits(17).map(with_resident_check)
        | digits(18)
        | digits(8, 10)
    )
    spelled = "".join(
        (one.translate(WIDE) if draw(st.booleans()) else one) + draw(SEPARATORS) for one in plain
    )
    return draw(SEPARATORS) + spelled


def of_the_gateway(kind: IdentifierType, raw: str) -> bytes | None:
    try:
        return normalise(GatewayType(kind.value), raw).encoded()
    except InvalidIdentifier:
        return None


def of_the_sdk(kind: IdentifierType, raw: str) -> bytes | None:
    try:
        return encoded_identifier(kind, raw)
    except RequestError:
        return None


@given(st.sampled_from(IdentifierType), spellings() | st.text(max_size=70))
@example(IdentifierType.CN_RESIDENT_ID, "11010519491231002x")
@example(IdentifierType.US_SSN, "000-12-3456")
@example(IdentifierType.US_SSN, "1" * 9 + " " * 56)
@example(IdentifierType.CN_RESIDENT_ID, "1101051949123100２Ｘ")
@example(IdentifierType.US_SSN, "１２３４５６７８９")
@example(IdentifierType.US_SSN, "١٢٣٤٥٦٧٨٩")
def test_the_two_agree(kind: IdentifierType, raw: str) -> None:
    assert of_the_sdk(kind, raw) == of_the_gateway(kind, raw)


def test_every_type_has_a_normal_form() -> None:
    assert {one.value for one in IdentifierType} == {one.value for one in GatewayType}
    assert normal_form(IdentifierType.CN_RESIDENT_ID, " 110105-19491231-002x") == (
        "11010519491231002X"
    )
    assert normal_form(IdentifierType.US_SSN, "１２３-45-6789") == "123456789"


@pytest.mark.parametrize("raw", ["110105194912310021", "", "9" * 80, "\ud800"])
def test_what_is_no_identifier_is_refused_without_being_shown(raw: str) -> None:
    with pytest.raises(RequestError) as caught:
        normal_form(IdentifierType.CN_RESIDENT_ID, raw)
    assert not raw or raw not in str(caught.value) + caught.value.next_step
