"""The examples that standards and offices publish, and the check characters of all else."""

import random

import pytest

from gateway.detection.recognisers.check_digits import (
    has_credit_code_check,
    has_luhn_check,
    has_mod_11_2_check,
    has_mod_11_10_check,
    has_organisation_check,
    has_vin_check,
)
from support.chinese_numbers import (
    business_licence,
    credit_code,
    organisation_code,
    resident_id,
    vin,
)

from .conftest import Find

_CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    ("number", "entity"),
    [
        ("11010519491231002X", "CN_RESIDENT_ID"),  # GB 11643-1999, 4.2.4
        ("440524188001010014", "CN_RESIDENT_ID"),  # GB 11643-1999, 4.2.4
        ("91350100M000100Y43", "CN_UNIFIED_SOCIAL_CREDIT_CODE"),  # GB 32100-2015, annex A
        ("LSVAA49J132047371", "CN_VIN"),  # GB 16735: a check computed by hand
    ],
)
def test_published_numbers_are_found_without_a_word(find: Find, number: str, entity: str) -> None:
    assert [(one.start, one.end, one.entity) for one in find(f"其为{number}。")] == [
        (2, 2 + len(number), entity)
    ]


@pytest.mark.parametrize(
    ("label", "number", "entity"),
    [
        ("组织机构代码", "D2143569-X", "CN_ORGANIZATION_CODE"),  # GB 11714-1997, 3.4
        ("注册号", "110108000000016", "CN_BUSINESS_LICENSE"),  # GS 15-2006, 6
        ("车架号", "1M8GDM9AXKP042788", "CN_VIN"),  # 49 CFR 565.15's table, usual example
    ],
)
def test_published_numbers_with_a_word_are_proved(
    find: Find, label: str, number: str, entity: str
) -> None:
    assert [(one.entity, one.score) for one in find(f"{label}：{number}")] == [(entity, 0.99)]


def test_one_check_character_of_each_number_holds() -> None:
    rng = random.Random(11)
    for _ in range(200):
        body = resident_id(rng)[:17]
        assert sum(has_mod_11_2_check(body + last) for last in "0123456789X") == 1
        body = business_licence(rng)[:14]
        assert sum(has_mod_11_10_check(body + last) for last in "0123456789") == 1
        assert sum(has_luhn_check(body + last) for last in "0123456789") == 1
        body = credit_code(rng)[:17]
        assert sum(has_credit_code_check(body + last) for last in _CREDIT_SIGNS) == 1
        body = organisation_code(rng)[:8]
        assert sum(has_organisation_check(body + last) for last in "0123456789X") == 1


def test_the_generated_numbers_hold() -> None:
    rng = random.Random(12)
    for _ in range(200):
        assert has_mod_11_2_check(resident_id(rng))
        assert has_credit_code_check(credit_code(rng))
        assert has_organisation_check(organisation_code(rng).replace("-", ""))
        assert has_mod_11_10_check(business_licence(rng))
        number = vin(rng)
        assert has_vin_check(number)
        other = "0" if number[8] != "0" else "1"
        assert not has_vin_check(number[:8] + other + number[9:])


def test_what_is_no_number_at_all_fails_the_check() -> None:
    assert not has_credit_code_check("91350100M000100I43")
    assert not has_credit_code_check("91350100M000100Y4")
    assert not has_organisation_check("D2143-69X")
    assert not has_organisation_check("D214356")
    assert not has_vin_check("1M8GDM9AXKPO42788")
    assert not has_vin_check("1M8GDM9AXKP04278")
