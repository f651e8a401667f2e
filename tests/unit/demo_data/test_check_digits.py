"""The check characters agree with other ways of computing them and with published examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.cli.local.demo_data.check_digits import luhn_digit, mod_11_2_character
from clients.cli.local.demo_data.errors import DemoDataError
from support.published_checks import gb_11643_character, passes_luhn


@given(st.text("0123456789", min_size=17, max_size=17))
def test_mod_11_2_agrees_with_the_weights_of_the_standard(body: str) -> None:
    assert mod_11_2_character(body) == gb_11643_character(body)


def test_mod_11_2_of_the_published_example() -> None:
    # The example number of GB 11643-1999: 11010519491231002X.
    assert mod_11_2_character("11010519491231002") == "X"


@given(st.text("0123456789", min_size=1, max_size=25))
def test_luhn_digit_completes_any_number(body: str) -> None:
    assert passes_luhn(body + luhn_digit(body))


@pytest.mark.parametrize("malformed", ["", "12a", "\uff11\uff12", "\u00b2"])
def test_check_characters_refuse_what_is_not_digits(malformed: str) -> None:
    for compute in (mod_11_2_character, luhn_digit):
        with pytest.raises(DemoDataError):
            compute(malformed)


def test_luhn_of_a_published_test_card() -> None:
    # Stripe's UnionPay test card, 6200 0000 0000 0005.
    assert luhn_digit("620000000000000") == "5"
