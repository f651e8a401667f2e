"""Clauses: every Chinese character is in one, no mark between names is, numbers are all alike."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.names.chinese.characters import marks_between_names
from gateway.detection.names.chinese.clauses import AROUND, clauses_of

CHARACTERS = "王伟的，,。:：\n a9@·-#%/—\U00020bb7\ud800"
TEXTS = st.lists(st.text(CHARACTERS, max_size=30), min_size=1, max_size=5)


def is_chinese(one: str) -> bool:
    return "㐀" <= one <= "鿿" or one > "\uffff"


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_a_clause_is_all_between_two_marks_that_has_a_chinese_character(texts: list[str]) -> None:
    joined, clauses = clauses_of(texts)
    hard = set(marks_between_names()) - set("#+&%")
    held = [bytearray(len(text)) for text in texts]
    for text, offset, start, end in clauses:
        assert any(map(is_chinese, joined[start:end]))
        assert not hard & set(joined[start:end])
        assert {joined[start - 1], joined[end]} <= hard
        for at in range(start - offset, end - offset):
            assert not held[text][at]
            held[text][at] = 1
    for words, marks in zip(texts, held, strict=True):
        for one, inside in zip(words, marks, strict=True):
            assert inside or not is_chinese(one)


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_offsets_stay_and_what_stands_around_is_never_another_text(texts: list[str]) -> None:
    joined, clauses = clauses_of(texts)
    assert len(joined) == sum(map(len, texts)) + AROUND * (len(texts) + 1)
    for text, offset, start, end in clauses:
        for at in range(start - AROUND, end + AROUND):
            inside = 0 <= at - offset < len(texts[text])
            assert inside or joined[at] == "\n"


def test_a_long_number_is_like_every_other_and_a_year_stays() -> None:
    one, other = (clauses_of([text]) for text in ("电话13800138000王", "电话15912345678王"))
    assert one == other
    assert clauses_of(["在2012年"]) != clauses_of(["在2013年"])
    assert clauses_of(["王+86-138-0013"]) == clauses_of(["王+12-345-6789"])


def test_wide_marks_and_narrow_ones_are_the_same() -> None:
    assert clauses_of(["（王）伟：好，吗？--是！"]) == clauses_of(["(王)伟:好,吗?——是!"])
