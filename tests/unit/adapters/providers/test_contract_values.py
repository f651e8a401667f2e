"""A provider's values against the contract: sources with types, and with text alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.policy_files.yaml_policies import read_policies
from gateway.adapters.providers.contract_values import Contract
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Value
from support.process import PROJECT

(DOCUMENT,) = read_policies(PROJECT / "policies").documents.datasets
TYPED, TEXTS = Contract(DOCUMENT, False), Contract(DOCUMENT, True)
FIELDS = ("name", "credit_amount", "date_of_birth", "remark")


def refused(contract: Contract, fields: tuple[str, ...], values: tuple[Value, ...]) -> str:
    with pytest.raises(Refused) as caught:
        contract.record(fields, values)
    assert caught.value.reason is ErrorReason.PROVIDER_ANSWER_INVALID
    return caught.value.findings[0].element


@given(st.integers(-(10**18) + 1, 10**18 - 1))
def test_integers_come_as_such_or_as_their_digits(number: int) -> None:
    assert TYPED.record(("credit_amount",), (number,)) == {"credit_amount": number}
    assert TEXTS.record(("credit_amount",), (str(number),)) == {"credit_amount": number}
    assert refused(TYPED, ("credit_amount",), (str(number),)) == "credit_amount"
    assert refused(TEXTS, ("credit_amount",), (number,)) == "credit_amount"


@given(st.text().filter(lambda text: not (text.isascii() and text.lstrip("-").isdigit())))
def test_a_text_that_is_no_integer_is_refused_for_one(text: str) -> None:
    assert refused(TEXTS, ("credit_amount",), (text,)) == "credit_amount"


@pytest.mark.parametrize("text", ["007", "-0", "00", "--1", "-", "1" * 19, "1\n", "１"])
def test_an_integer_has_one_form(text: str) -> None:
    assert refused(TEXTS, ("credit_amount",), (text,)) == "credit_amount"


@given(st.text())
def test_every_other_type_is_text(text: str) -> None:
    for field in ("name", "date_of_birth", "remark"):
        for contract in (TYPED, TEXTS):
            assert contract.record((field,), (text,)) == {field: text}
            assert refused(contract, (field,), (7,)) == field


@pytest.mark.parametrize("contract", [TYPED, TEXTS])
def test_nothing_is_a_value_of_every_type(contract: Contract) -> None:
    assert contract.record(FIELDS, (None,) * 4) == dict.fromkeys(FIELDS)


@pytest.mark.parametrize("contract", [TYPED, TEXTS])
def test_another_number_of_values_or_an_unknown_field_is_refused(contract: Contract) -> None:
    assert refused(contract, FIELDS, ("Ann",)) == ""
    assert refused(contract, ("name",), ("Ann", "Bob")) == ""
    assert refused(contract, ("absent",), ("Ann",)) == "absent"
