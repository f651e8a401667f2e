import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.chinese_checks import credit_code_check, luhn_check, organisation_check
from support.chinese_numbers import (
    bank_card,
    business_licence,
    credit_code,
    digits,
    organisation_code,
    resident_id,
    resident_id_old,
    vin,
)

from .conftest import Find

SEEDS = st.integers(0, 2**32)


def _changed(value: str, at: int, signs: str = "0123456789") -> str:
    other = next(sign for sign in signs if sign != value[at])
    end = at + 1 or len(value)
    return value[:at] + other + value[end:]


@settings(max_examples=100, deadline=None)
@given(seed=SEEDS)
def test_a_changed_check_character_is_never_near_certain(find: Find, seed: int) -> None:
    rng = random.Random(seed)
    for entity, label, value, at in (
        ("CN_RESIDENT_ID", "身份证", resident_id(rng), -1),
        ("CN_BANK_CARD", "卡号", bank_card(rng), -1),
        ("CN_UNIFIED_SOCIAL_CREDIT_CODE", "信用代码", credit_code(rng), -1),
        ("CN_ORGANIZATION_CODE", "组织机构代码", organisation_code(rng), -1),
        ("CN_BUSINESS_LICENSE", "注册号", business_licence(rng), -1),
        ("CN_VIN", "车架号", vin(rng), 8),
    ):
        wrong = _changed(value, at)
        named = [one for one in find(f"{label}：{wrong}", 0.0) if one.entity == entity]
        alone = [one for one in find(f"无关{wrong}") if one.entity == entity]
        assert [(one.score, one.checked) for one in named] == [(0.6, False)]
        assert alone == []


def test_the_old_resident_number_needs_a_word(find: Find) -> None:
    rng = random.Random(7)
    for _ in range(50):
        value = resident_id_old(rng)
        assert [one.score for one in find(f"身份证{value}") if one.end == 3 + 15] == [0.6]
        assert [one for one in find(f"记录{value}") if one.entity == "CN_RESIDENT_ID"] == []


@pytest.mark.parametrize(
    "number",
    [
        "110105194913310029",  # no thirteenth month
        "110105194902300027",  # no 30 February
        "990105194912310026",  # no such province
        "110105184912310024",  # before 1850
    ],
)
def test_an_impossible_region_or_date_is_not_found_alone(find: Find, number: str) -> None:
    assert find(f"无关{number}") == []


def test_permits_of_hong_kong_macau_and_taiwan_are_resident_numbers(find: Find) -> None:
    rng = random.Random(8)
    seen = 0
    while seen < 30:
        value = resident_id(rng)
        if value[0] == "8":
            seen += 1
            assert [(one.entity, one.score) for one in find(value)] == [("CN_RESIDENT_ID", 0.99)]


def test_a_card_of_an_unknown_issuer_needs_a_word(find: Find) -> None:
    card = "7992739871012340"  # Luhn holds, and nobody issues under 79
    assert find(f"无关{card}") == []
    assert [one.entity for one in find(f"卡号{card}")] == ["CN_BANK_CARD"]


def test_cards_of_the_international_schemes_are_left_to_their_own_recogniser(find: Find) -> None:
    assert find("paid with 4111111111111111 today", 0.0) == []
    assert [one.score for one in find("信用卡号4111111111111111")] == [0.99]


# Published by the payment schemes for trying out: nobody has them.
@pytest.mark.parametrize(
    "card",
    ["6011111111111117", "5555555555554444", "378282246310005", "3530111333300000",
     "30569309025904", "38520000023237", "4222222222222", "2223003122003222"],
)  # fmt: skip
def test_no_scheme_is_a_card_of_the_mainland_without_a_word(find: Find, card: str) -> None:
    assert find(f"paid with {card} today", 0.0) == []


@pytest.mark.parametrize(
    "issuer", ["601382", "603367", "685800", "690755", "900010", "9111", "940", "95510", "9558",
               "966666", "984301", "998801", "999999", "620", "629"]
)  # fmt: skip
def test_the_issuers_of_before_unionpays_range_are_known(find: Find, issuer: str) -> None:
    body = (issuer + "7035196428135790")[:18]
    card = body + luhn_check(body)
    assert [(one.entity, one.score) for one in find(f"无关{card}")] == [("CN_BANK_CARD", 0.99)]


def test_a_resident_number_that_passes_luhn_is_no_card(find: Find) -> None:
    assert [one.entity for one in find("ID card 411628198405312946")] == ["CN_RESIDENT_ID"]


def test_a_mobile_number_says_why(find: Find) -> None:
    alone, named = find("请打13812345678"), find("手机：13812345678")
    assert (alone[0].score, alone[0].why) == (0.6, "range in use")
    assert (named[0].score, named[0].why) == (0.8, "range in use; near 手机")
    assert find("订单号13812345678") == []
    assert find("无关12012345678") == []


def test_a_credit_code_of_digits_only_needs_both_of_its_checks(find: Find) -> None:
    rng = random.Random(10)
    seen = 0
    while seen < 20:
        inner = digits(rng, 8)
        body = f"91330106{inner}{(int(organisation_check(inner), 36) + 1) % 10}"
        code = body + credit_code_check(body)
        if not code.isdigit():
            continue
        seen += 1
        entities = [one.entity for one in find(f"无关{code}")]
        assert "CN_UNIFIED_SOCIAL_CREDIT_CODE" not in entities
        assert "CN_UNIFIED_SOCIAL_CREDIT_CODE" in [one.entity for one in find(f"信用代码{code}")]


@settings(max_examples=60)
@given(seed=SEEDS)
def test_no_reason_repeats_a_value(find: Find, seed: int) -> None:
    rng = random.Random(seed)
    value = rng.choice((resident_id, bank_card, credit_code, vin))(rng)
    for one in find(f"证件{value}", 0.0):
        assert not any(value[at : at + 5] in one.why + one.pattern for at in range(len(value) - 4))
