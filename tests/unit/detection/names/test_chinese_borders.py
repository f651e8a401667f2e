"""Where a name that the model found begins and ends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.names.chinese.borders import within


def cut(text: str, span: str) -> str:
    start = text.index(span)
    first, last = within(text, start, start + len(span))
    return text[first:last]


@pytest.mark.parametrize(
    ("text", "span", "name"),
    [
        ("裘博士一直点头", "裘博士", "裘"),
        ("请欧阳书记讲话", "欧阳书记", "欧阳"),
        ("仇副主任向获奖者颁奖", "仇副主任", "仇"),
        ("牛总，工人都等着", "牛总", "牛"),
        ("张某与李某系同村邻居", "李某系", "李某"),
        ("姚某某在逃", "姚某某在", "姚某某"),
        ("亢凤兄妹名下", "亢凤兄妹", "亢凤"),
        ("致孙静先生", "致孙静", "孙静"),
        ("王健三人承担责任", "王健三", "王健"),
    ],
)
def test_what_is_none_of_the_name_is_left_out(text: str, span: str, name: str) -> None:
    assert cut(text, span) == name


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("王小明来电", "王小明"),
        ("张某明已到案", "张某明"),
        ("强哥在群里说", "强哥"),
        ("老王昨天还款", "老王"),
        ("贾三", "贾三"),
        ("总是", "总"),
        ("王", "王"),
    ],
)
def test_a_name_stays_whole(text: str, span: str) -> None:
    assert cut(text, span) == span


@given(st.text(st.sampled_from("王李欧阳某致总书记副博士三人系小明，\ud800"), min_size=1))
def test_what_is_left_is_inside_the_span_and_never_empty(text: str) -> None:
    first, last = within(text, 0, len(text))
    assert 0 <= first < last <= len(text)
