"""Citations in both languages, and the numerals of Chinese articles."""

import pytest

from gateway.domain.citations import Localized, chinese_numeral, cite


@pytest.mark.parametrize(
    ("citation", "en", "zh"),
    [
        ("PIPL 23", "Personal Information Protection Law, article 23", "个人信息保护法第二十三条"),
        (
            "PIPL 13(2)",
            "Personal Information Protection Law, article 13(2)",
            "个人信息保护法第十三条第二项",
        ),
        (
            "Credit Industry Regulation 18",
            "Credit Industry Regulation, article 18",
            "征信业管理条例第十八条",
        ),
    ],
)
def test_a_known_law_is_named_in_full(citation: str, en: str, zh: str) -> None:
    assert cite(citation) == Localized(en, zh)


@pytest.mark.parametrize(
    "citation", ["GDPR 6", "PIPL", "PIPL twenty-three", "PIPL 0", "PIPL 1000", "JR/T 0171-2020", ""]
)
def test_another_form_is_shown_as_it_stands(citation: str) -> None:
    assert cite(citation) == Localized(citation, citation)


@pytest.mark.parametrize(
    ("number", "numeral"),
    [
        (1, "一"),
        (10, "十"),
        (11, "十一"),
        (20, "二十"),
        (23, "二十三"),
        (74, "七十四"),
        (100, "一百"),
        (101, "一百零一"),
        (110, "一百一十"),
        (999, "九百九十九"),
    ],
)
def test_numerals(number: int, numeral: str) -> None:
    assert chinese_numeral(number) == numeral


def test_no_two_numbers_share_a_numeral() -> None:
    assert len({chinese_numeral(number) for number in range(1, 1000)}) == 999


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 999"):
        chinese_numeral(number)
