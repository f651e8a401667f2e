"""The forms that give a name away, and the second look for a name."""

import pytest

from gateway.detection.names.chinese.rules import account, by_form, doubtful, repeated


def forms(text: str) -> list[str]:
    return [text[one.start : one.end] for one in by_form(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("王先生", ["王"]),
        ("尊敬的欧阳女士", ["欧阳"]),
        ("请张小姐接听", ["张"]),
        ("王太太", ["王"]),
        ("张某", ["张某"]),
        ("李某某与王某甲", ["李某某", "王某甲"]),
        ("王**", ["王**"]),
        ("刘×× 逾期", ["刘××"]),
        ("陈XX", ["陈XX"]),
        ("陈xX", ["陈xX"]),
        ("李✕", ["李✕"]),
        ("x，李*", ["李*"]),
        ("丙方（保证人）：栗战", ["栗战"]),
        ("联系人：郗梦，电话", ["郗梦"]),
        ("车向前，男，1963年出生", ["车向前"]),
        ("平安，男，1968年出生", ["平安"]),
        ("宁波先生：中国国籍", ["宁波"]),
        ("和静静去吃饭", ["静静"]),
    ],
)
def test_a_form_is_found(text: str, found: list[str]) -> None:
    assert forms(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "任先生",
        "老先生",
        "张某些",
        "**王***",
        "陈XXL",
        "国王先生",
        "某某",
        "某单位",
        "黄×2",
        "曾任某部队副团长",
        "，男，汉族，1968年出生",
        "申请人：单位",
        "联系人：王小明明明",
        "静静地等",
        "",
    ],
)
def test_what_only_looks_like_it_is_not(text: str) -> None:
    expected = {"任先生": ["任"], "黄×2": ["黄×"]}
    assert forms(text) == expected.get(text, [])


def test_a_name_is_found_wherever_it_stands_again() -> None:
    found = repeated("张伟和李娜，张伟", [(0, 2)])
    assert [(one.start, one.end) for one in found] == [(0, 2), (6, 8)]


@pytest.mark.parametrize(
    ("text", "name", "doubt"),
    [
        ("小麦价格平稳", "小麦", True),
        ("客户小麦说", "小麦", False),
        ("高峰先生来电", "高峰", False),
        ("金额不符", "金额", True),
        ("张伟明来电", "张伟明", False),
        ("小王不来", "小王", False),
        ("王来了", "王", True),
        ("王先生来了", "王", False),
        ("柴排长发火了", "柴", False),
        ("谭县长的车", "谭", False),
        ("宋副乡长向获奖者", "宋", False),
    ],
)
def test_a_word_of_the_dictionary_is_doubtful_unless_something_near_is_of_people(
    text: str, name: str, doubt: bool
) -> None:
    start = text.index(name)
    assert doubtful(text, start, start + len(name)) is doubt


def test_a_name_that_opens_an_account_name_takes_all_of_it() -> None:
    text = "回复@王小明QX_88：好"
    assert text[3 : account(text, 3, 6)] == "王小明QX_88"
    assert account("王小明QX", 0, 3) == 3
    assert account("王小明v：好", 0, 4) == 3
    assert account("陈XX", 0, 3) == 3
    assert account("John", 0, 4) == 4
