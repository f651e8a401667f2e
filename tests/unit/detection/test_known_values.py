import pytest

from gateway.application.ports.detection import KnownValue
from gateway.detection.known_values import KnownValueSearch

FOUND = [
    ("张伟", "客户张伟来电", ["张伟"]),
    ("张伟", "张 伟与张伟", ["张 伟", "张伟"]),
    ("Zhang Wei", "mr zhang wei, ZHANGWEI, Zhang-Wei", ["zhang wei", "ZHANGWEI", "Zhang-Wei"]),
    ("zhangwei", "Ｚｈａｎｇ Ｗｅｉ来电", ["Ｚｈａｎｇ Ｗｅｉ"]),
    ("İnci Yıldız", "with İNCİ YILDIZ not, İnci Yıldız", ["İnci Yıldız"]),
    ("Li Na", "with Li Na, 李Li  Na李", ["Li Na", "Li  Na"]),
    ("6222020200112230", "6222 0202-0011 2230", ["6222 0202-0011 2230"]),
    (
        "6222-0202-0011-2230",
        "卡６２２２０２０２００１１２２３０",
        ["６２２２０２０２００１１２２３０"],
    ),
    ("11010519491231002X", "110105 19491231 002x", ["110105 19491231 002x"]),
    ("+8613800138000", "电话138 0013 8000", ["138 0013 8000"]),
    ("1990-01-01", "生于19900101或1990/01/01", ["19900101", "1990/01/01"]),
    ("2233", "代码2233, 22 33, 12233", ["2233"]),
    ("zhang@example.com", "ZHANG@EXAMPLE.COM", ["ZHANG@EXAMPLE.COM"]),
]
ABSENT = [
    ("Li", "credit limit, Lisbon, Ali"),
    ("48", "148 months, 4 8"),
    ("张伟", "张先生，伟大"),
    ("6222020200112230", "6222020200112231"),
]
TAILS = [
    ("尾号0005", ["0005"]),
    ("卡尾号为 0005 已停", ["0005"]),
    ("后四位是：0005", ["0005"]),
    ("尾号００05", ["００05"]),
    ("card ending in 0005.", ["0005"]),
    ("ends with 0005", ["0005"]),
    ("last four digits: 0005", ["0005"]),
    ("last 4 of 0005", ["0005"]),
    ("尾号0006", []),
    ("尾号00051", []),
    ("期数0005", []),
]


def _found(value: str, text: str) -> list[str]:
    spans = KnownValueSearch((KnownValue("NAME", value),)).spans(text)
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(("value", "text", "expected"), FOUND)
def test_a_known_value_is_found_however_it_is_spaced(
    value: str, text: str, expected: list[str]
) -> None:
    assert _found(value, text) == expected


@pytest.mark.parametrize(("value", "text"), ABSENT)
def test_a_short_value_has_to_stand_alone(value: str, text: str) -> None:
    assert _found(value, text) == []


@pytest.mark.parametrize(("text", "expected"), TAILS)
def test_the_last_four_are_found_after_words_that_announce_them(
    text: str, expected: list[str]
) -> None:
    assert _found("6222020200112230005", text) == expected


def test_spans_carry_the_type_of_their_value() -> None:
    known = (KnownValue("NAME", "张伟"), KnownValue("CN_RESIDENT_ID", "11010519491231002X"))
    spans = KnownValueSearch(known).spans("张伟，尾号002x")
    assert [(span.type, span.start, span.end) for span in spans] == [
        ("NAME", 0, 2),
        ("CN_RESIDENT_ID", 5, 9),
    ]
