from collections.abc import Sequence

import pytest

from gateway.detection.context import ContextWords
from gateway.detection.recognisers.china.labels import OTHER, Labels, label
from gateway.detection.text.view import View, ViewKind

from .conftest import Find


def _types(find: Find, text: str) -> list[tuple[str, str]]:
    return [(text[one.start : one.end], one.entity) for one in find(text)]


@pytest.mark.parametrize(
    "text",
    [
        "QQ：12345678", "QQ号码是12345678", "qq 12345678", "扣扣12345678", "QQ号（本人）：12345678",
        "QQ：12345678、87654321", "QQ：87654321或12345678",
    ],
)  # fmt: skip
def test_a_label_names_what_follows_and_all_of_a_list(find: Find, text: str) -> None:
    assert ("12345678", "QQ_NUMBER") in _types(find, text)


@pytest.mark.parametrize(
    "text",
    [
        "QQ：无。12345678", "QQ：无，备注12345678", "QQ，订单号12345678", "QQ音乐播放量12345678",
        "QQ群人数：12345678", "QQ号12345678元", "12345678 QQ：", "QQ：12345，备注：12345678",
        "QQ12345678@qq.com", "x12345678",
    ],
)  # fmt: skip
def test_a_label_does_not_reach_over_a_stop_a_sentence_or_another_label(
    find: Find, text: str
) -> None:
    assert ("12345678", "QQ_NUMBER") not in _types(find, text)


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("社保号：无 公积金账号123456789012", "CN_HOUSING_FUND_NUMBER"),
        ("支付宝账号2088123412341234", "ALIPAY_ID"),
        ("贷款账号：110060149018", "CN_LOAN_NUMBER"),
        ("账号：110060149018", "CN_BANK_ACCOUNT"),
        ("驾驶证档案编号110012345678", "CN_DRIVER_LICENSE"),
        ("微信/QQ：12345678", "QQ_NUMBER"),
    ],
)
def test_the_nearest_and_longest_word_takes_the_number(find: Find, text: str, entity: str) -> None:
    best = max(find(text), key=lambda one: one.score)
    assert best.entity == entity
    assert {one.entity for one in find(text) if one.score == best.score} == {entity}


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("Tel13812345678", "13812345678", "CN_MOBILE_NUMBER"),
        ("ID11010519491231002X", "11010519491231002X", "CN_RESIDENT_ID"),
        ("wx:abc-1234", "abc-1234", "WECHAT_ID"),
        ("QQ12345678微信zhangsan_88", "zhangsan_88", "WECHAT_ID"),
        ("QQ12345678微信zhangsan_88", "12345678", "QQ_NUMBER"),
        ("微信号：zhangsanfeng", "zhangsanfeng", "WECHAT_ID"),
        ("持E12345678号护照入境", "E12345678", "CN_PASSPORT"),
        ("台胞证号1234567890(B)", "1234567890(B)", "CN_TAIWAN_PERMIT"),
        ("+86(138)12345678", "+86(138)12345678", "CN_MOBILE_NUMBER"),
        ("(0755)26001234转8001", "(0755)26001234转8001", "CN_LANDLINE_NUMBER"),
        ("单位电话62345678-801", "62345678-801", "CN_LANDLINE_NUMBER"),
        ("+86 10 6234 5678", "+86 10 6234 5678", "CN_LANDLINE_NUMBER"),
        ("粤BD12345", "粤BD12345", "CN_VEHICLE_PLATE"),
        ("WJ京1234A", "WJ京1234A", "CN_VEHICLE_PLATE"),
        ("车牌：使123456", "使123456", "CN_VEHICLE_PLATE"),
        ("合同编号：（2023）沪银借字第0012号", "（2023）沪银借字第0012号", "CN_CONTRACT_NUMBER"),
        ("phone=13812345678&x=1", "13812345678", "CN_MOBILE_NUMBER"),
        ("13812345678/13987654321", "13987654321", "CN_MOBILE_NUMBER"),
    ],
)
def test_forms_that_people_write(find: Find, text: str, value: str, entity: str) -> None:
    assert (value, entity) in _types(find, text)


@pytest.mark.parametrize(
    "text",
    [
        "x13812345678", "13812345678z", "0.13812345678", "13812345678.5", "￥13812345678",
        "13812345678元", "no_13812345678_no", "910-468-3798", "phone 410-468-3798", "400-812-3456",
        "微信 Moments", "护照：ABEA1234567", "0301-6234567", "证件号码：12345678",
        "渝文字第12345号",
        "微信 Payment", "微信：www.example.com", "微信iPhone15Pro", "公积金20231122", "最新A12345",
        "合同编号：2023-11-22", "京公网安备11010802012345号",
    ],
)  # fmt: skip
def test_forms_that_are_something_else(find: Find, text: str) -> None:
    assert find(text) == []


def _view(
    text: str, starts: Sequence[int] | None = None, ends: Sequence[int] | None = None
) -> View:
    words = ContextWords([("MINE", ("甲", "甲号", "乙")), (OTHER, ("丙", "订单甲"))])
    index = words.index(text, list(starts) if starts else None, list(ends) if ends else None)
    return View(text, ViewKind.DECODED, index, starts, ends)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("甲123", "甲"), ("甲号123", "甲号"), ("甲乙123", "乙"), ("甲丙123", None),
        ("丙甲123", "甲"),
        ("订单甲123", None), ("甲" + " " * 12 + "123", "甲"), ("甲" + " " * 13 + "123", None),
        ("甲，123", "甲"), ("甲三四五六七123", None), ("甲三四五六七：123", "甲"), ("123甲", None),
    ],
)  # fmt: skip
def test_which_word_names_a_number(text: str, named: str | None) -> None:
    start = text.index("123")
    assert label(_view(text), "MINE", start, start + 3) == named


def test_a_word_behind_names_a_number_only_where_it_may() -> None:
    view = _view("123 甲")
    assert label(view, "MINE", 0, 3, 12, 2) == "甲"
    assert label(view, "MINE", 0, 3, 12, 1) is None


def test_in_one_encoded_token_everything_stands_in_one_place() -> None:
    view = _view("甲123", [5] * 4, [17] * 4)
    assert label(view, "MINE", 1, 4) == "甲"


def test_a_list_goes_on_over_signs_and_not_over_words() -> None:
    labels = Labels(_view("甲12、34或56", None), "MINE", before=3)
    assert [labels.of(1, 3), labels.of(4, 6), labels.of(7, 9)] == ["甲", "甲", "甲"]
    labels = Labels(_view("甲12、34五56", None), "MINE", before=3)
    assert [labels.of(1, 3), labels.of(4, 6), labels.of(7, 9)] == ["甲", "甲", None]
