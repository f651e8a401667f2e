"""Making a model: labels, corpora, exchange of names, and a small fit that learns."""

from pathlib import Path

import numpy as np
import pytest

from gateway.detection.names.crf.tagger import Tagger
from gateway.detection.names.training.chinese_names import Draw
from gateway.detection.names.training.crf_training import Settings, bioes, train
from gateway.detection.names.training.labelled import (
    Extent,
    Labelled,
    exchanged,
    filled,
    pronouns_named,
    read_iob2,
    tags,
)


def test_bio_becomes_bioes_and_bioes_stays() -> None:
    bio = ["O", "B-PER", "I-PER", "I-PER", "B-PER", "B-LOC", "I-LOC", "O"]
    closed = ["O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "E-LOC", "O"]
    assert bioes(bio) == closed
    assert bioes(closed) == closed


def test_a_small_fit_learns_and_gives_the_same_file_each_time(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    keys, labels = [], []
    for _ in range(60):
        values = random.integers(1, 20, 6).astype(np.uint32)
        keys.append(values[:, None])
        labels.append(["B-PER" if value == 7 else "O" for value in values])
    settings = Settings(bits=6, iterations=20)
    train(keys, labels, tmp_path / "one.npz", {"PER": 0.4}, settings)
    train(keys, labels, tmp_path / "two.npz", {"PER": 0.4}, settings)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    [spans] = Tagger.load(tmp_path / "one.npz").spans([np.array([[3], [7], [4]], np.uint32)])
    assert [span[:3] for span in spans if span.score >= 0.5] == [(1, 2, "PER")]


def test_a_corpus_is_read_with_its_extents(tmp_path: Path) -> None:
    rows = "1\t张\tB-PER\n2\t三\tI-PER\n3\t在\tO\n4\tNew\tB-LOC\n5\tYork\tI-LOC\n\n"
    (tmp_path / "a.iob2").write_text("# text = x\n" + rows, "utf-8")
    [one] = read_iob2(tmp_path / "a.iob2")
    assert one == Labelled("张三在New York", (Extent(0, 2, "PER"), Extent(3, 11, "LOC")))
    assert tags(one)[:4] == ["B-PER", "I-PER", "O", "B-LOC"]
    (tmp_path / "b.iob2").write_text("1\t张\tE-PER\n", "utf-8")
    with pytest.raises(ValueError, match="IOB2"):
        read_iob2(tmp_path / "b.iob2")


def test_names_are_exchanged_where_they_stand() -> None:
    one = Labelled("张三和李四说", (Extent(0, 2, "PER"), Extent(3, 5, "PER")))
    swapped = exchanged(one, lambda name, _: name + "某")
    assert swapped.text == "张三某和李四某说"
    assert [swapped.text[start:end] for start, end, _ in swapped.extents] == ["张三某", "李四某"]


def test_a_template_labels_its_names_and_pronouns_give_way_to_names() -> None:
    draw = Draw(3)
    one = filled("借款人{han}，电话{phone}", draw)
    [extent] = one.extents
    assert one.text[extent.start - 3 : extent.start] == "借款人"
    assert one.text[extent.end] == "，"
    named = pronouns_named(Labelled("他们说他来了", ()), draw)
    [extent] = named.extents
    assert named.text[: extent.start] == "他们说"
    assert named.text[extent.end :] == "来了"


def test_the_same_seed_draws_the_same() -> None:
    slots = ["per", "nick", "org", "loc", "handle", "money", "mask", "alias"] * 5
    one, same, other = ([draw(slot) for slot in slots] for draw in (Draw(9), Draw(9), Draw(8)))
    assert one == same
    assert one != other
