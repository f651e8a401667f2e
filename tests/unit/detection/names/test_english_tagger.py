"""The tagger gives what the trained rows say, alone and in batches, whatever it has seen before."""

import random
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.detection.names.english.tagger as module
from gateway.detection.names.crf.model import read_model
from gateway.detection.names.english.features import word
from gateway.detection.names.english.lexicon import Lexicon, fold_word
from gateway.detection.names.english.recogniser import english_tagger
from gateway.detection.names.english.sequences import rows
from gateway.detection.names.english.tagger import EnglishTagger
from gateway.detection.names.english.tokens import tokens

DATA = Path(module.__file__).parent.parent / "data"
WORDS = (
    "John Smith's O'Brien mr. Dear , : ; ( ) - \n @joe #tag 1990 $450 a.b@c.org Wei-Ling McDonald "
    "JONES borrower 联系人 电话 de la III x=1; foo_bar é Łukasz the of Bank"
)
PIECES = st.sampled_from(WORDS.split(" "))
TEXTS = st.lists(PIECES, max_size=14).map(" ".join)


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.load(DATA / "english_lexicon.npz")


@settings(max_examples=60, deadline=None)
@given(text=TEXTS)
def test_the_sums_are_those_of_the_rows_that_were_trained_on(text: str, lexicon: Lexicon) -> None:
    model = read_model(DATA / "english_names.npz")
    found = tokens(text)
    if not found.forms:
        return

    def see(form: str, cased: bool) -> object:
        folded = fold_word(form)
        return word(form, folded, lexicon.flags_of([folded])[0], cased=cased)

    keys = rows(found, see) & np.uint32((1 << model.bits) - 1)  # type: ignore[arg-type]
    buckets, some = model.used()
    weights = np.zeros((1 << model.bits, len(model.labels)), np.float32)
    weights[buckets] = some
    wanted = weights[keys].sum(axis=1)
    assert np.allclose(english_tagger().emissions(text), wanted, atol=1e-3)


@settings(max_examples=40, deadline=None)
@given(st.lists(TEXTS, max_size=8))
def test_many_texts_at_once_give_what_each_gives_alone(texts: list[str]) -> None:
    tagger = english_tagger()
    together = tagger.spans(texts)
    for text, spans in zip(texts, together, strict=True):
        alone = tagger.spans([text])[0]
        assert [one[:3] for one in spans] == [one[:3] for one in alone]
        assert np.allclose([one.score for one in spans], [one.score for one in alone], atol=1e-4)


def test_long_and_short_texts_come_back_in_their_order() -> None:
    short, long = "Call Peter Lindqvist today.", "Nothing happens here. " * 900
    texts = [short, long, *[short] * 70, long, long, short]
    found = english_tagger().spans(texts)
    assert [bool(spans) for spans in found] == [text == short for text in texts]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_spans_lie_in_the_text_and_scores_between_0_and_1(text: str) -> None:
    for span in english_tagger().spans([text])[0]:
        assert 0 <= span.start < span.end <= len(text)
        assert 0.0 <= span.score <= 1.0
        assert span.label in {"PER", "LOC", "ORG"}


def test_forms_are_forgotten_and_what_is_found_stays_the_same() -> None:
    tagger = EnglishTagger.load(DATA / "english_names.npz", DATA / "english_lexicon.npz")
    text = "My name is Priya Raghunathan and I live in Leeds."
    before = tagger.spans([text])
    chance = random.Random(4)
    letters = "abcdefghijklmnopqrstuvwxyz"
    for _ in range(5):
        tagger.spans([" ".join("".join(chance.choices(letters, k=6)) for _ in range(4000))])
    assert len(tagger._forms) < 13000
    assert tagger.spans([text]) == before


@pytest.mark.parametrize("part", ["Ab ", "John Smith ", "a,", "A\n", "x y ", "A. ", "é "])
def test_64_kib_of_one_pattern_takes_no_long_time(part: str) -> None:
    text = (part * 65536)[:65536]
    tagger = english_tagger()
    start = perf_counter()
    tagger.spans([text])
    assert perf_counter() - start < 3.0


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "m.npz").write_bytes(b"nothing")
    with pytest.raises(ValueError, match=r"pickled|no name model"):
        EnglishTagger.load(tmp_path / "m.npz", DATA / "english_lexicon.npz")


def test_a_lexicon_of_two_lengths_is_refused() -> None:
    with pytest.raises(ValueError, match="two columns"):
        Lexicon(np.zeros(3, np.uint32), np.zeros(2, np.uint8))


@pytest.mark.parametrize(
    ("one", "folded"), [("García", "garcia"), ("O’Brien", "o'brien"), ("Łukasz", "lukasz")]
)
def test_words_are_looked_up_without_accents(one: str, folded: str) -> None:
    assert fold_word(one) == folded
