import pytest

from gateway.application.ports.detection import KnownValue
from gateway.detection.context import ContextWords
from gateway.detection.subject_values.search import SubjectValues
from gateway.detection.text.document import Document

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


NO_WORDS = ContextWords(())


def _parts(type_: str, value: str, text: str) -> list[str]:
    found = SubjectValues([KnownValue(type_, value)]).find(Document(text, NO_WORDS))
    spans = sorted({(one.start, one.end) for one in found})
    whole = [one for one in spans if not any(_inside(one, other) for other in spans)]
    return [text[start:end] for start, end in whole]


def _inside(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other and other[0] <= one[0] and one[1] <= other[1]


def _found(value: str, text: str) -> list[str]:
    return _parts("ID", value, text)


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


PARTIAL = [
    (
        "PERSON",
        "张伟",
        "张先生说小张与张总、老张及张某来过",
        ["张先生", "小张", "张总", "老张", "张某"],
    ),
    ("PERSON", "张伟", "国王总是主张先行，紧张总统", []),
    ("PERSON", "王晓明", "晓明来电", ["晓明"]),
    ("PERSON", "欧阳修文", "欧阳女士，修文", ["欧阳女士", "修文"]),
    ("PERSON", "张伟", "Zhang Wei, WEI ZHANG, zhangwei, Mr. Zhang", None),
    ("PERSON", "单雄信", "Shan Xiongxin", ["Shan Xiongxin"]),
    ("PERSON", "吕布", "Lv Bu or Lu Bu", ["Lv Bu", "Lu Bu"]),
    ("PERSON", "阿不都热依木·买买提", "阿不都热依木·买买提，阿不都热依木", None),
    ("PERSON", "John Robert Smith", "Smith, John; J. Smith; Mr Smith; John Smith", None),
    ("PERSON", "John Smith", "the blacksmith, johnny, Johns", []),
    ("PERSON", "Mary O'Brien", "MARY OBRIEN and Ms O'Brien", ["MARY OBRIEN", "Ms O'Brien"]),
    ("CN_ADDRESS", "北京市朝阳区建国路88号院2号楼501室", "住建国路88号院 2号楼501室", None),
    (
        "ADDRESS",
        "12 Main Street, Springfield, IL 62704",
        "lives at 12 Main Street.",
        ["12 Main Street"],
    ),
    ("ADDRESS", "12 Main Street, Springfield, IL 62704", "112 Main Street", []),
    ("ORGANIZATION", "杭州市云帆科技有限公司", "在云帆上班，云帆科技", ["云帆", "云帆科技"]),
    ("ORGANIZATION", "Northwind Traders Inc.", "works at northwind traders", ["northwind traders"]),
    ("DATE_OF_BIRTH", "1990-03-07", "1990年3月7日、90年3月7日、一九九〇年三月七日", None),
    ("DATE_OF_BIRTH", "1990-03-07", "March 7, 1990; 7 Mar 1990; 03/07/1990; 1990.3.7", None),
    ("DATE_OF_BIRTH", "1990-03-17", "1990-03-18, 21990031789", []),
    (
        "PHONE_NUMBER",
        "13812345678",
        "138****5678，尾号5678，5678结尾",
        ["138****5678", "5678", "5678"],
    ),
    ("PHONE_NUMBER", "13812345678", "139****5678", []),
    ("PHONE_NUMBER", "+1 415 555 2671", "(415) 555-2671", ["(415) 555-2671"]),
    ("EMAIL_ADDRESS", "zhang.wei@example.com", "login zhang.wei ok", ["zhang.wei"]),
]


@pytest.mark.parametrize(("type_", "value", "text", "expected"), PARTIAL)
def test_usual_partial_forms_are_found(
    type_: str, value: str, text: str, expected: list[str] | None
) -> None:
    parts = _parts(type_, value, text)
    if expected is not None:
        assert parts == expected
        return
    # Everything but the words between is the subject's.
    left = text
    for part in sorted(parts, key=len, reverse=True):
        left = left.replace(part, "")
    assert not any(character.isalnum() for character in left.replace("住", "")), (parts, left)


def test_findings_carry_the_type_of_their_value() -> None:
    known = [KnownValue("PERSON", "张伟"), KnownValue("CN_RESIDENT_ID", "11010519491231002X")]
    found = SubjectValues(known).find(Document("张伟，尾号002x", NO_WORDS))
    assert [(one.type, one.start, one.end) for one in found] == [
        ("PERSON", 0, 2),
        ("CN_RESIDENT_ID", 5, 9),
    ]


def test_a_value_in_two_roles_is_found_under_the_surer_one() -> None:
    known = [KnownValue("PERSON", "John Smith"), KnownValue("EMPLOYER", "Smith")]
    found = SubjectValues(known).find(Document("Smith", NO_WORDS))
    assert [(one.type, one.score) for one in found] == [("EMPLOYER", 1.0)]
