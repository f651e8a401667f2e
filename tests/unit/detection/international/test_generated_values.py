"""Every generated valid value is found whole, in both languages and glued to Chinese."""

import re
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.international_findings import found, named
from support.international_numbers import GENERATORS, LABELS

CARRIERS = (
    "{}",
    "{}.",
    "Borrower wrote: {} thanks",
    "note ({}) on file\nnext line",
    "客户{}已核实",
    "资料：{}，请尽快回复。",
    "见“{}”；另附两页",
)
CASES = tuple((entity, label) for entity in GENERATORS for label in LABELS.get(entity, ("",)))


@pytest.mark.parametrize(("entity", "label"), CASES)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), carrier=st.sampled_from(CARRIERS))
def test_a_valid_value_is_found_whole(entity: str, label: str, seed: int, carrier: str) -> None:
    value = GENERATORS[entity](Random(seed))
    # Eight digits that are a day are taken for one, whatever they were drawn for.
    assume(not (entity == "US_BANK_NUMBER" and re.fullmatch("(?:19|20)[0-9]{6}", value)))
    assert value in named(carrier.format(label + value), entity)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    case=st.sampled_from(CASES),
    carrier=st.sampled_from(CARRIERS),
)
def test_a_gate_hides_nothing(seed: int, case: tuple[str, str], carrier: str) -> None:
    entity, label = case
    text = carrier.format(label + GENERATORS[entity](Random(seed)))
    assert found(text) == found(text, gated=False)


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(codec="utf-8"), max_size=80))
def test_any_text_has_findings_within_it_and_a_reason_for_each(text: str) -> None:
    for one in found(text, 0.0, gated=False):
        assert one.text
        assert one.text in text
        assert 0.0 < one.score <= 1.0
        assert one.why


WITHOUT_LABEL = (
    "US_EIN",
    "US_DRIVER_LICENSE",
    "US_PASSPORT",
    "UK_PASSPORT",
    "US_BANK_NUMBER",
    "ABA_ROUTING_NUMBER",
    "CREDIT_CARD_CVV",
    "US_ZIP_CODE",
    "IMEI",
    "CA_SIN",
    "AU_TFN",
    "AU_ABN",
    "IN_AADHAAR",
    "LOAN_NUMBER",
    "ACCOUNT_ID",
    "SECRET",
    "USER_NAME",
)


@pytest.mark.parametrize("entity", WITHOUT_LABEL)
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_without_its_label_it_is_not_found(entity: str, seed: int) -> None:
    value = GENERATORS[entity](Random(seed))
    assert named(f"we saw {value} there", entity) == []
