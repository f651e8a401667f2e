"""The columns of numbers against the same written out for one character after the other."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.names.chinese import characters
from gateway.detection.names.chinese.columns import Columns, place
from gateway.detection.names.chinese.lexicon import Lexicon
from gateway.detection.names.chinese.matching import codes_of
from gateway.detection.names.chinese.plan import AT
from gateway.detection.names.chinese.segments import segments
from gateway.detection.names.chinese.triggers import WORDS as TRIGGER_WORDS
from gateway.detection.names.chinese.triggers import read_sections

COLUMNS = Columns(Lexicon())
ODDS = {name: odds.astype(np.float64) for name, odds in characters.log_odds().items()}
HAN = characters.classes() == characters.HAN
TEXTS = st.text(
    st.sampled_from("王李张伟明丽克里斯顿的说总经理先生董事长副北京，。 a9\n\U00020bb7"),
    max_size=40,
)


def chance(total: float) -> tuple[int, int]:
    """Return what the number may be: one where it is far from a border, else two."""
    exact = min(max(total / 1.25 + 9.0, 1.0), 16.0)
    return int(exact - 1e-4), int(exact + 1e-4)


@settings(max_examples=150, deadline=None)
@given(TEXTS)
def test_the_likeness_of_two_and_three_characters(middle: str) -> None:
    text = f"\n{middle}\n\n"
    columns, codes = COLUMNS.of(text)
    for at in range(1, len(middle) + 1):
        one, two, three = codes[at : at + 3]
        surname = ODDS["surname"][one]
        pair = HAN[one] and HAN[two]
        wanted = chance(surname + ODDS["single"][two]) if pair else (0, 0)
        assert columns[AT["z"], at] in wanted
        wanted = (0, 0)
        if pair and HAN[three]:
            wanted = chance(surname + ODDS["first"][two] + ODDS["last"][three])
        assert columns[AT["y"], at] in wanted
        around = ODDS["foreign"][codes[at - 1 : at + 2]].sum()
        assert columns[AT["t"], at] in (chance(around) if HAN[one] else (0, 0))


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_runs_of_characters_of_foreign_names(middle: str) -> None:
    text = f"\n{middle}\n"
    columns, codes = COLUMNS.of(text)
    foreign = [bool(HAN[one] and np.floor(ODDS["foreign"][one] + 5.0) >= 4) for one in codes]
    for at, inside in enumerate(foreign):
        before = after = 0
        while inside and foreign[at - before]:
            before += 1
        while inside and foreign[at + after]:
            after += 1
        assert columns[AT["r"], at] == 6 * min(before, 5) + min(after, 5)


@settings(max_examples=100, deadline=None)
@given(TEXTS.filter(bool))
def test_segments_cover_the_text_with_their_neighbours(text: str) -> None:
    found = segments(text, codes_of(text))
    begins = [at for at, mark in enumerate(found.starts.tolist()) if mark == 2]
    assert begins[0] == 0
    ends = [*begins[1:], len(text)]
    words = [int(found.about[0, begin]) for begin in begins]
    for which, (begin, end) in enumerate(zip(begins, ends, strict=True)):
        assert set(found.about[0, begin:end].tolist()) == {words[which]}
        before = words[which - 1] if which else 0
        behind = words[which + 1] if which + 1 < len(words) else 0
        assert set(found.about[1, begin:end].tolist()) == {before}
        assert set(found.about[2, begin:end].tolist()) == {behind}
        for at in range(begin, end):
            part = min(at - begin, 2) + 3 * min(end - at, 3) - 2
            assert int(found.kind[at]) % 10 == part % 10


def test_a_place_in_a_piece_and_what_stands_beyond() -> None:
    columns = np.zeros((len(AT), 20), np.uint32)
    codes = np.arange(100, 120, dtype=np.uint32)
    wanted = place(columns, codes, np.array([2, 10]), np.array([6, 1]))
    assert wanted.tolist() == [2, 3, 4, 5, 6, 7, 10]
    assert columns[AT["i"], wanted].tolist() == [1, 2, 3, 4, 5, 5, 1]
    assert columns[AT["j"], wanted].tolist() == [5, 5, 4, 3, 2, 1, 1]
    assert columns[AT["d"], wanted].tolist() == [101] * 6 + [109]
    assert columns[AT["g"], wanted].tolist() == [108] * 6 + [111]


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_triggers_are_the_longest_that_begin_and_end(middle: str) -> None:
    text = f"\n{middle}\n"
    numbers = {
        word: number
        for number, (name, words) in enumerate(read_sections(TRIGGER_WORDS).items(), start=1)
        if name != "after surname"
        for word in words
    }
    columns, _ = COLUMNS.of(text)
    for at in range(len(text)):
        begin = max((one for one in numbers if text.startswith(one, at)), key=len, default="")
        end = max((one for one in numbers if text.endswith(one, 0, at + 1)), key=len, default="")
        assert columns[AT["b"], at] == numbers.get(begin, 0)
        assert columns[AT["e"], at] == numbers.get(end, 0)


def test_the_longest_word_at_an_end_counts() -> None:
    columns, _ = COLUMNS.of("\n客户经理\n经理\n")
    begins, ends = columns[AT["b"]].tolist(), columns[AT["e"]].tolist()
    # 客户经理 holds an office; 经理 alone is of business.
    assert ends[4] == begins[1] != 0
    assert ends[7] == begins[6] == begins[3] != ends[4]
