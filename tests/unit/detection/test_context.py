"""The index of context words: what counts as one, and which is nearest."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.detection.context import EVERY, ContextWords

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
