import pytest

from gateway.detection.recognisers.check_digits import has_luhn_check, has_mod_11_2_check

# The first two are the examples of GB 11643-1999, the others of python-stdnum's stdnum.cn.ric.
RESIDENT_IDS = (
    "11010519491231002X",
    "440524188001010014",
    "360426199101010071",
    "120103198806018241",
)
# Test numbers that card schemes publish, and the worked example of ISO/IEC 7812-1's algorithm.
CARDS = ("4111111111111111", "5555555555554444", "378282246310005", "79927398713")


@pytest.mark.parametrize("number", RESIDENT_IDS)
def test_resident_vectors_hold_and_every_other_check_character_fails(number: str) -> None:
    right = [last for last in "0123456789X" if has_mod_11_2_check(number[:-1] + last)]
    assert right == [number[-1]]


@pytest.mark.parametrize("number", CARDS)
def test_luhn_vectors_hold_and_every_other_check_digit_fails(number: str) -> None:
    assert [last for last in "0123456789" if has_luhn_check(number[:-1] + last)] == [number[-1]]


def test_lower_case_x_is_the_same_check() -> None:
    assert has_mod_11_2_check("11010519491231002x")
