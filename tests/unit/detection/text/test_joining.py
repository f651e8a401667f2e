"""The joined views: what is read as one number, and what is not."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.detection.text import joining
from gateway.detection.text.folding import fold
from gateway.detection.text.gates import worth
from gateway.detection.text.view import View, ViewKind

Views = Callable[[str, ViewKind], list[View]]
NUMBER = "13812345678"

ONE_NUMBER = [
    ("1 3 8 1 2 3 4 5 6 7 8", NUMBER),
    ("1-3-8-1-2-3-4-5-6-7-8", NUMBER),
    ("1.3.8.1.2.3.4.5.6.7.8", NUMBER),
    ("1\n3\n8\n1\n2\n3\n4\n5\n6\n7\n8", NUMBER),
    ("1 3 8 - 1 2 3 4 . 5 6 7 8", NUMBER),
    ("1*3*8*1*2*3*4*5*6*7*8", NUMBER),
    ("1·3·8·1·2·3·4·5·6·7·8", NUMBER),
    ("1★3★8★1★2★3★4★5★6★7★8", NUMBER),
    ("1😀3😀8😀1😀2😀3😀4😀5😀6😀7😀8", NUMBER),
    ("1,3,8,1,2,3,4,5,6,7,8", NUMBER),
    ("1381234★5678", NUMBER),
    ("(1)(3)(8)(1)(2)(3)(4)(5)(6)(7)(8)", "13812345678)"),
    ("1381234 5678", NUMBER),
    ("138-1234 5678", NUMBER),
    ("138.1234.5678", NUMBER),
    ("138\n1234\n5678", NUMBER),
    ("138\n    1234 5678", NUMBER),
    ("13 81 23 45 67 8", NUMBER),
    ("13-812-34567-8", NUMBER),
    ("13 812 34567 8", NUMBER),
    ("6222 0212 3456\n7890 123", "6222021234567890123"),
    ("110101.19900307.4477", "110101199003074477"),
    ("110101 1990 03 07 4477", "110101199003074477"),
    ("1 1 0 1 0 1 1 9 9 0 0 3 0 7 4 4 7 X", "11010119900307447X"),
    ("一三八一二三四五六七八", NUMBER),
    ("壹叁捌 壹贰叁肆 伍陆柒捌", NUMBER),
    ("幺三八幺两三四五六拐八", NUMBER),
    ("一三八点一二三四点五六七八", NUMBER),
    ("138一二三四5678", NUMBER),
    ("〇一〇 六二三四 五六七八", "01062345678"),
    ("one three eight one two three four five six seven eight", NUMBER),
    ("One-Three-Eight-One-Two-Three-Four-Five-Six-Seven-Eight", NUMBER),
    ("onethreeeightonetwothreefourfivesixseveneight", NUMBER),
    ("one 3 eight 1 two 3 four 5 six 7 eight", NUMBER),
    ("one three eight double one two three four five six seven", "13811234567"),
    ("oh one oh six two three four five six seven eight", "01062345678"),
    ("yao san ba yao er san si wu liu qi ba", NUMBER),
    ("one three eight dash one two three four dash five six seven eight", NUMBER),
    ("138OO1234l5", "13800123415"),
    ("l38 OOl2 3445", "13800123445"),
    ("I38I234S678", NUMBER),
    ("138<b>1234</b>5678", NUMBER),
    ("86 1 3 8 1 2 3 4 5 6 7 8", "86 " + NUMBER),
    ("2026-11-22 1 3 8 1 2 3 4 5 6 7 8", "2026-11-22 " + NUMBER),
    ("I 1 3 8 1 2 3 4 5 6 7 8 O", None),
    ("E 1 2 3 4 5 6 7 8", "E12345678"),
    ("E 一二三四五六七八", "E12345678"),
    ("I 1 3 8 1 2 3 4 5 6 7 8", "I " + NUMBER),
    ("48-1169 138.1234.5678", "48-1169 " + NUMBER),
]


@pytest.mark.parametrize(("written", "number"), ONE_NUMBER)
def test_one_number(views: Views, written: str, number: str | None) -> None:
    texts = [view.text for view in views(f"电话：{written}，谢谢", ViewKind.JOINED)]
    assert any((number or NUMBER) in text for text in texts), texts


@pytest.mark.parametrize("written", [written for written, _ in ONE_NUMBER])
def test_the_number_stands_where_it_was_written(views: Views, written: str) -> None:
    original = f"电话：{written}，谢谢"
    whole = set(range(3, 3 + len(written)))
    for view in views(original, ViewKind.JOINED):
        before, after = view.text.index(":") + 1, view.text.rindex(",")
        start, end = view.extent(before, after)
        assert set(range(start, end)) == whole
        assert view.extent(0, 2) == (0, 2)
        assert view.extent(after + 1, after + 3) == (len(original) - 2, len(original))
        assert view.has_context("PHONE", before, after)


SEVERAL = [
    "12 34 56 78",
    "2026-11-22 48",
    "2026-11-22, 1169",
    "2026.11.22",
    "20 11 2026 48",
    "192.168.10.255",
    "1,234,567.89",
    "1,234,567 2,345,678",
    "3.14 2.71 1.41 1.73",
    "1\t3\t8\t12\t5\t7\t80",
    "1, 2, 3, 4, 5, 6, 7",
    "1、2、3、4、5、6、7、8、9",
    "一、二、三、四、五、六、七、八",
    "1 2 3 4 5 6 7 8 9 10 11 12 13",
    "12345-6789",
    "2026-11-22-48-1",
    "15 203 448 12 9\n13 99 21 778 56",
    "10:15:30 48 1024",
    "15 203 44 8\n13 99 21 7\n18 4 77 812",
    "一百二十三万四千五百六十七",
    "13812345678",
    "138 1234 5678",
    "6222-0212-3456-7890",
    "Bill Oslo 12 Oil",
]


@pytest.mark.parametrize("written", SEVERAL)
def test_no_number_is_made_of_several(views: Views, written: str) -> None:
    assert views(f"见 {written} 等", ViewKind.JOINED) == []


def test_numbers_in_rows_stay_apart(views: Views) -> None:
    row = "1 3 8 1 2 3 4 5 6 7 8"
    for gap in ("\n", ", ", "、", "\t", "  "):
        (view,) = views(gap.join([row] * 3), ViewKind.JOINED)
        assert view.text.split(gap) == [NUMBER] * 3


@pytest.mark.parametrize(
    "text",
    ["①13812345678 ②13912345678", "电话13812345678²，", "⒈13812345678", "❶１３８１２３４５６７８"],
)
def test_markers_are_no_part_of_a_number(views: Views, text: str) -> None:
    read = [view.text for view in views(text, ViewKind.JOINED)]
    assert any(re.search(rf"(?<![0-9]){NUMBER}(?![0-9])", one) for one in read), read


def test_a_run_without_end_is_refused(views: Views) -> None:
    assert views("1 " * 500, ViewKind.JOINED) == []
    assert views("1 " * 250 + "\t" + " ".join(NUMBER), ViewKind.JOINED) == []


_LISTS = st.lists(
    st.sampled_from(
        [*"1,，、:-.甲a一X \n\t\ue000", ", ", " ,", "13800138000", "6222", "138", "12"]
    ),
    max_size=24,
).map("".join)


@given(_LISTS)
@example("1380013,\n8000")
@example("1,3,8,0,0,1,3,8,0,0,0")
def test_a_list_that_is_passed_over_holds_nothing_to_join(text: str) -> None:
    base = fold(text)
    look = worth(base.text, base.text.encode("ascii", "replace"))
    short = joining.joined(base, look)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(joining, "_SET_APART", re.compile(""))
        assert joining.joined(base, look) == short
