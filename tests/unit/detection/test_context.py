"""The index of context words: what counts as one, and which is nearest."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.context import EVERY, ContextWords, ended

_WORDS = ContextWords([("A", ("card", "卡", "卡号", "id")), ("B", ("id", "card no"))])


def test_words_in_latin_letters_are_whole_and_chinese_ones_need_no_boundary() -> None:
    index = _WORDS.index("my card1 cards 银行卡号 idle id")
    assert [(one.start, one.word) for one in index.all("A")] == [
        (3, "card"),
        (17, "卡"),
        (17, "卡号"),
        (25, "id"),
    ]
    assert [one.word for one in index.all("B")] == ["id"]


def test_a_letter_more_at_either_end_of_the_text_is_another_word() -> None:
    assert [one.start for one in _WORDS.index("card").all("A")] == [0]
    for text in ("cards", "xcard", "卡cardx", "xcard卡"):
        assert "card" not in [one.word for one in _WORDS.index(text).all("A")]


def test_every_word_stands_once_with_all_its_topics() -> None:
    index = _WORDS.index("id: card no")
    assert [(one.word, one.topics) for one in index.all(EVERY)] == [
        ("id", ("A", "B")),
        ("card", ("A",)),
        ("card no", ("B",)),
    ]


def test_offsets_are_those_of_the_original() -> None:
    starts, ends = [0, 0, 2, 5], [1, 2, 5, 9]
    (word,) = _WORDS.index("xx卡y", starts, ends).all("A")
    assert (word.start, word.end) == (2, 5)


@given(
    st.lists(st.sampled_from(["卡", "卡号", " ", "x", "card ", "12"]), max_size=20).map("".join),
    st.integers(0, 40),
    st.integers(1, 6),
    st.integers(0, 12),
    st.integers(0, 12),
)
def test_the_nearest_word_is_the_nearest_of_all(
    text: str, start: int, size: int, before: int, after: int
) -> None:
    index = _WORDS.index(text)
    end = start + size
    gaps = []
    for one in index.all("A"):
        behind, ahead = one.start - end, start - one.end
        if (behind <= after) if one.end > start else (ahead <= before):
            gaps.append((max(0, behind, ahead), one.word))
    nearest = index.nearest("A", start, end, before, after)
    assert (nearest is None) == (not gaps)
    if nearest is not None:
        assert nearest in [word for gap, word in gaps if gap == min(gaps)[0]]


_MIXED = ("card", "卡", "卡号", "ﬁ", "𝒙卡", "no card", "é")
_ANY = ContextWords([("T", _MIXED)])


@given(
    st.lists(
        st.sampled_from([*_MIXED, " ", "x", "𝒙", "\ud800", "中", "\u00e9"]) | st.characters(),
        max_size=30,
    ).map("".join)
)
def test_words_stand_where_they_are_written_whatever_stands_before(text: str) -> None:
    found = {(one.start, one.end, one.word) for one in _ANY.index(text).all("T")}
    latin = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    expected = set()
    for word in _MIXED:
        for start in range(len(text)):
            end = start + len(word)
            glued = (word[0] in latin and start > 0 and text[start - 1] in latin) or (
                word[-1] in latin and text[end : end + 1] in [*latin]
            )
            if text.startswith(word, start) and not glued:
                expected.add((start, end, word))
    assert found == expected


def test_many_words_are_bisected_to_the_same_end() -> None:
    words = _WORDS.index("卡 " * 40).all("A")
    assert len(words) == 40
    for at in range(-1, 90):
        assert ended(words, at) == sum(word.end <= at for word in words)
        assert ended(words[:5], at) == sum(word.end <= at for word in words[:5])
