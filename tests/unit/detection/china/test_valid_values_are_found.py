import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.recognisers.base import POSSIBLE
from support.chinese_numbers import GENERATORS, LABELS, bank_card, in_fours, labelled, resident_id

from .conftest import Find

CARRIERS = (
    "{}", "客户{}已核实", "请联系{}，谢谢。", "张三 {} 李四", "remark: {} ok", "（{}）", "[{}]",
    "\t{}\n", "借款人提供的是{}；已登记", "备注{}\n下一行", "Customer gave {}, verified.",
    "一、{}。", "姓名：张三，{}，地址：北京市朝阳区", '{{"note": "{}"}}',
)  # fmt: skip
SEEDS = st.integers(0, 2**32)


@pytest.mark.parametrize("entity", GENERATORS)
@settings(max_examples=60)
@given(seed=SEEDS, carrier=st.sampled_from(CARRIERS))
def test_a_valid_value_is_found_whole(find: Find, entity: str, seed: int, carrier: str) -> None:
    label, value = labelled(entity, random.Random(seed))
    text = carrier.format(label + value)
    start = text.index(label + value) + len(label)
    extents = [(one.start, one.end) for one in find(text) if one.entity == entity]
    assert (start, start + len(value)) in extents


@settings(max_examples=60)
@given(seed=SEEDS)
def test_resident_numbers_and_cards_need_no_word_and_are_proved(find: Find, seed: int) -> None:
    rng = random.Random(seed)
    for entity, value in (
        ("CN_RESIDENT_ID", resident_id(rng)),
        ("CN_BANK_CARD", bank_card(rng)),
        ("CN_BANK_CARD", in_fours(bank_card(rng), rng.choice(" -"))),
    ):
        best = max(find(f"张三{value}李四"), key=lambda one: one.score)
        assert (best.entity, best.score, best.checked) == (entity, 0.99, True)


@settings(max_examples=60)
@given(seed=SEEDS)
def test_groups_of_a_resident_number(find: Find, seed: int) -> None:
    value = resident_id(random.Random(seed))
    gap = random.Random(seed).choice((" ", "-", "  "))
    written = gap.join((value[:6], value[6:14], value[14:]))
    assert [
        (one.start, one.end) for one in find(f"证件{written}，") if one.entity == "CN_RESIDENT_ID"
    ] == [(2, 2 + len(written))]


@pytest.mark.parametrize("entity", LABELS)
@settings(max_examples=20)
@given(seed=SEEDS)
def test_a_value_inside_a_longer_token_is_not_cut_out(find: Find, entity: str, seed: int) -> None:
    value = GENERATORS[entity](random.Random(seed))
    ends_in_sign = not (value[0].isascii() and value[-1].isascii() and value[-1].isalnum())
    if ends_in_sign or not value[0].isalnum():
        return
    text = f"key9{value}7z"
    assert not [
        one for one in find(text) if one.entity == entity and one.start == 4
        and one.end == 4 + len(value)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("手机13812345678Tom说", "13812345678"),
        ("110105200001010008card", "110105200001010008"),
        ("转账13812345678USD", ""),
        ("id 13812345678abcdef", ""),
        ("20261122T101010Z", ""),
    ],
)
def test_a_word_behind_a_number_is_not_the_rest_of_a_code(
    find: Find, text: str, value: str
) -> None:
    found = [text[one.start : one.end] for one in find(text) if one.score >= POSSIBLE]
    assert found == ([value] if value else [])
