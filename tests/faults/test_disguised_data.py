"""Disguised numbers and addresses are found where they stand, and harmless text is left alone.

Line 13 of the fault plan: every way in `support.disguises`, for every type that it can hide.
"""

import random
from collections.abc import Callable

import pytest

from gateway.detection.engine import TextEngine
from gateway.detection.recognisers.base import BatchRecogniser
from gateway.detection.recognisers.registry import recogniser_classes
from support.disguise_values import TYPES
from support.disguises import DISGUISES, Disguise, disguised

VALUES_EACH = 20
LEAST_RECALL, LEAST_ENCODED_RECALL, MOST_FALSE = 0.98, 0.95, 0.02


@pytest.fixture(scope="module")
def engine() -> TextEngine:
    # The rules alone: what a model of names sees in a disguise is no part of this.
    rules = [one() for one in recogniser_classes() if not issubclass(one, BatchRecogniser)]
    return TextEngine(recognisers=rules)


def _covers(engine: TextEngine, text: str, start: int, end: int) -> bool:
    found = {at for one in engine.analyse(text) for at in range(one.start, one.end)}
    return found.issuperset(range(start, end))


def test_the_plan_is_covered() -> None:
    assert len({one.name for one in DISGUISES}) == len(DISGUISES) >= 25
    assert {kind for one in DISGUISES for kind in one.types} == set(TYPES)
    assert len(TYPES) == 10
    for one in DISGUISES:
        if one.name != "as it is":
            texts = [text for kind in one.types for text, _, _ in disguised(one, kind, VALUES_EACH)]
            plain = [
                text
                for kind in one.types
                for text, _, _ in disguised(Disguise(one.name, lambda v, _: v), kind, VALUES_EACH)
            ]
            changed = sum(a != b for a, b in zip(texts, plain, strict=True))
            assert changed > len(texts) * 0.6, one.name


@pytest.mark.parametrize("disguise", DISGUISES, ids=lambda one: one.name)
def test_covering_recall(engine: TextEngine, disguise: Disguise) -> None:
    missed: dict[str, int] = {}
    for kind in disguise.types:
        for text, start, end in disguised(disguise, kind, VALUES_EACH):
            if not _covers(engine, text, start, end):
                missed[kind] = missed.get(kind, 0) + 1
    total = len(disguise.types) * VALUES_EACH
    recall = 1 - sum(missed.values()) / total
    assert recall >= (LEAST_ENCODED_RECALL if disguise.encoded else LEAST_RECALL), missed


LAW_AND_NEWS = """
第十三条 征信机构采集个人信息应当经信息主体本人同意，未经本人同意不得采集。
第一百二十三条 本法自2021年11月1日起施行，共八章七十四条。
一、二、三、四、五、六、七、八、九、十项所列事项，由国务院规定。
根据（2023）京0105民初12345号判决书，被告应于十日内支付原告1,234,567.89元。
一个月内三次申请，两次被拒，一次通过，金额分别为5000、12000、30000元。
全国一至十月份规模以上工业增加值同比增长5.8%，环比增长0.41%。
会议于2026年11月22日9时30分在三楼301会议室召开，二十一人参加。
第1、2、3、4、5、6、7、8、9、10条适用于本合同，第11条除外。
比分是3：1、2：0、4：2、1：1、0：0，积分榜前三名不变。
利率由4.35下调至3.85，期限12个月、24个月、36个月、48个月任选。
The Bank shall retain records for 5 years, 7 years or 10 years as set out in sections 1 to 9.
In 2019, 2020, 2021, 2022 and 2023 the ratio was 0.12, 0.15, 0.11, 0.18 and 0.21.
Look at the table: one or two of the three, four at most, five in all, then six or seven.
Version 1.2.3.4 replaced 1.2.3.3 on 2026-11-22 10:15:30, 48 files, 1024 lines.
Chapter 3 1 4 describes it; see also 2.7.1.8 and 2.8.1.
Meet us at the office at noon, then point the dot at the screen.
The score was 3 1 2 4 1 5 over seven games.
Totals: 1500 2300 4100 880 12 7
Total 12,345,678 of 98,765,432 units; 55% & 45%; a &amp; b; 100%25.
GET /api/v1/items/48?page=2&size=20 HTTP/1.1 200 1234 0.015
""".strip().splitlines()

CODE = """
for i in range(0, 100, 5): total += values[i] * 2 - 1
x = a + b * c - d / e + 3 * f ** 2
const internationalizationConfiguration = require('./config');
0x00 0x01 0x02 0x03 0x04 0x05 0x06 0x07 0x08
sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
uuid = "123e4567-e89b-12d3-a456-426614174000"
print("\\u4f60\\u597d %d%%" % 50)
assert len(results) == 1024 and results[0] != results[-1]
SELECT id, name FROM loans WHERE amount > 10000 AND term IN (12, 24, 36)
2026-11-22T08:15:30.123Z INFO worker[12] batch 48 of 96 took 0.015 s
import numpy as np; arr = np.zeros((3, 4, 5, 6, 7, 8, 9))
<td>12</td><td>34</td><td>56</td><td>78</td><td>90</td>
color: #ff8800; margin: 0 1 2 3 4 5 6 7 8 px;
ISBN 978-7-111-54742-6, ISO 9001:2015, GB/T 35273-2020, JR/T 0171-2020
git commit 1a2b3c4d5e6f708192a3b4c5d6e7f80912345678
""".strip().splitlines()


def _row(chance: random.Random) -> str:
    return " ".join(str(chance.randint(1, 10 ** chance.randint(1, 6))) for _ in range(6))


def _decimals(chance: random.Random) -> str:
    return " ".join(f"{chance.uniform(0, 1000):.3f}" for _ in range(7))


def _table(chance: random.Random) -> str:
    return "\n".join(" ".join(str(chance.randint(1, 99999)) for _ in range(5)) for _ in range(4))


def _tabbed(chance: random.Random) -> str:
    return "\t".join(str(chance.randint(1, 10**6)) for _ in range(6))


def _amounts(chance: random.Random) -> str:
    return "、".join(f"{chance.randint(1000, 10**7):,}元" for _ in range(5))


def _dated(chance: random.Random) -> str:
    day = f"20{chance.randint(10, 30)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return f"{day} {chance.randint(1, 99)} {chance.randint(1000, 99999)} {chance.random():.2f}"


TABLES: tuple[Callable[[random.Random], str], ...] = (
    _row,
    _decimals,
    _table,
    _tabbed,
    _amounts,
    _dated,
)


def test_harmless_text(engine: TextEngine) -> None:
    chance = random.Random(13)
    sentences = LAW_AND_NEWS + CODE + [one(chance) for one in TABLES for _ in range(100)]
    false = [one for one in sentences if engine.analyse(one)]
    assert len(false) <= MOST_FALSE * len(sentences), false
