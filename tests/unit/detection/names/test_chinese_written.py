"""The sentences written by hand for training, and the exchange of the names in them."""

import pytest

from gateway.detection.names.training import chinese_parts as parts
from gateway.detection.names.training.chinese_exchange import make, swapper
from gateway.detection.names.training.chinese_fresh import fresh_sets, second_blind_sets
from gateway.detection.names.training.chinese_names import Draw
from gateway.detection.names.training.chinese_templates import held_out
from gateway.detection.names.training.chinese_written import (
    NAMELESS,
    STYLES,
    bracketed,
    nameless,
    written,
)
from gateway.detection.names.training.labelled import exchanged

DRAW = Draw(5)
SURNAMES = frozenset((*DRAW.surnames, *parts.MORE_SURNAMES))


def test_names_stand_between_brackets() -> None:
    one = bracketed("[王]总和[让-皮埃尔·杜邦]谈")
    assert one.text == "王总和让-皮埃尔·杜邦谈"
    assert [one.text[a:b] for a, b, _ in one.extents] == ["王", "让-皮埃尔·杜邦"]
    assert all(label == "PER" for *_, label in one.extents)


def test_a_surname_before_some_is_marked_with_it() -> None:
    one = bracketed("[张]某与[李]某某")
    assert [one.text[a:b] for a, b, _ in one.extents] == ["张某", "李某某"]


@pytest.mark.parametrize("line", ["[王伟", "王伟]来了", "[[王伟]]", "[]"])
def test_a_stray_bracket_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="bracket"):
        bracketed(line)


def test_every_written_file_is_read_whole() -> None:
    for style in STYLES:
        sentences = written(f"written_{style}")
        assert len(sentences) >= 1000
        without = sum(not one.extents for one in sentences)
        assert len(sentences) / 5 < without < len(sentences) * 2 / 3


def test_a_fifth_of_the_nameless_is_kept_for_measuring() -> None:
    kept, trained = nameless(held_out=True), nameless(held_out=False)
    assert len(kept) + len(trained) == sum(len(written(f"written_{one}")) for one in NAMELESS)
    assert 0.19 < len(kept) / len(trained + kept) < 0.21
    assert {one.text for one in kept}.isdisjoint(one.text for one in trained)
    assert not any(one.extents for one in kept + trained)


def test_no_sentence_to_train_on_is_one_to_measure_by() -> None:
    trained = {one.text for style in STYLES for one in written(f"written_{style}")}
    trained |= {one.text for one in nameless(held_out=False)}
    sets = {**fresh_sets(), **second_blind_sets()}
    measured = {one.text for texts in sets.values() for one in texts}
    assert len(measured) > 1500
    # Not the sentences themselves: who made the model has not read the second blind set.
    assert len(trained & measured) == 0


@pytest.mark.parametrize(
    ("name", "slot"),
    [
        ("王小明", "han"),
        ("欧阳文博", "han"),
        ("老王", "familiar"),
        ("豆豆", "doubled"),
        ("弗拉基米尔·普京", "full"),
        ("克林顿", "foreign"),
        ("山本一郎", "japanese"),
        ("王", "sur"),
        ("李某某", "mask"),
        ("Elena", ""),
    ],
)
def test_a_name_is_exchanged_for_one_of_its_make(name: str, slot: str) -> None:
    assert make(name, SURNAMES) == slot


def test_what_stands_around_a_name_stays() -> None:
    one = bracketed("昨天[王小明]给[老李]打了电话")
    other = exchanged(one, swapper(DRAW, 1.0))
    assert other.text.startswith("昨天")
    assert other.text.endswith("打了电话")
    assert len(other.extents) == 2
    assert other.text != one.text


def test_names_of_every_make_are_drawn_for_training() -> None:
    # A rule by sums once held out every name that is one character twice.
    for slot in ("doubled", "familiar", "han", "given"):
        drawn = {DRAW(slot) for _ in range(200)}
        kept = sum(not held_out(name) for name in drawn) / len(drawn)
        assert 0.3 < kept < 0.7
