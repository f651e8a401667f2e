"""The engine of the name models: against every path written out, and against broken files."""

import itertools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.names.crf.hashing import mixed
from gateway.detection.names.crf.model import Model, read_model, write_model
from gateway.detection.names.crf.tagger import Tagger

LABELS = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC")
BITS = 6


def model(seed: int, middle: float = 0.5) -> Model:
    random = np.random.default_rng(seed)
    weights = random.normal(0, 1.2, (1 << BITS, len(LABELS))).astype(np.float32)
    weights[0] = 0
    transitions = random.normal(0, 1, (len(LABELS), len(LABELS)))
    return Model(BITS, LABELS, weights, transitions, {"PER": middle, "LOC": middle})


def sequence(seed: int, length: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 1 << 32, (length, 3), np.uint32)


def allowed(path: tuple[int, ...]) -> bool:
    tags = ["O", *(LABELS[at] for at in path), "O"]
    return all(
        (next_[0] in "IE" and next_[2:] == one[2:]) if one[0] in "BI" else next_[0] in "OBS"
        for one, next_ in itertools.pairwise(tags)
    )


def by_hand(one: Model, keys: np.ndarray) -> dict[tuple[int, int, str], float]:
    """The probability of every span, by summing over every path."""
    steps = np.abs(one.weights).max() / 127
    emissions = (np.rint(one.weights / steps) * steps)[keys & ((1 << one.bits) - 1)].sum(axis=1)
    spans: dict[tuple[int, int, str], float] = {}
    total = 0.0
    for path in itertools.product(range(len(LABELS)), repeat=len(keys)):
        if not allowed(path):
            continue
        score = sum(emissions[at, label] for at, label in enumerate(path))
        score += sum(one.transitions[pair] for pair in itertools.pairwise(path))
        chance = math.exp(score)
        total += chance
        start = 0
        for at, label in enumerate(path):
            if LABELS[label][0] in "BS":
                start = at
            if LABELS[label][0] in "ES":
                key = start, at + 1, LABELS[label][2:]
                spans[key] = spans.get(key, 0.0) + chance
    return {key: chance / total for key, chance in spans.items()}


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_score_is_the_probability_of_the_span_and_of_those_it_stands_for(
    seed: int, length: int
) -> None:
    keys = sequence(seed, length)
    truth = by_hand(model(seed), keys)
    [found] = Tagger(model(seed), {"PER": 1e-6, "LOC": 1e-6}).spans([keys])
    for span in found:
        exact = truth[span.start, span.end, span.label]
        overlapping = sum(
            chance
            for (start, end, label), chance in truth.items()
            if label == span.label and start < span.end and span.start < end
        )
        assert exact - 1e-4 <= span.score <= overlapping + 1e-4
    best = max(truth, key=truth.__getitem__)
    assert best in {span[:3] for span in found}


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 70), max_size=12), st.integers(0, 1000))
def test_a_batch_gives_what_each_sequence_alone_gives(lengths: list[int], seed: int) -> None:
    tagger = Tagger(model(seed))
    keys = [sequence(seed + at, length) for at, length in enumerate(lengths)]
    together = tagger.spans(keys)
    for one, spans in zip(keys, together, strict=True):
        [alone] = tagger.spans([one])
        assert [span[:3] for span in alone] == [span[:3] for span in spans]
        assert [span.score for span in alone] == pytest.approx([span.score for span in spans])


def test_a_long_sequence_stays_finite() -> None:
    [spans] = Tagger(model(3)).spans([sequence(1, 5000)])
    assert spans
    assert all(0.0 < span.score <= 1.0 for span in spans)


def test_the_threshold_of_the_model_is_the_score_one_half() -> None:
    keys = sequence(5, 12)
    [plain] = Tagger(model(5, 0.5)).spans([keys])
    [moved] = Tagger(model(5, 0.2)).spans([keys])
    for one, other in zip(plain, moved, strict=True):
        assert (other.score >= 0.5) == (one.score >= 0.2)


def test_spans_of_one_label_do_not_overlap() -> None:
    for seed in range(20):
        [spans] = Tagger(model(seed), {"PER": 0.01, "LOC": 0.01}).spans([sequence(seed, 40)])
        for one, other in itertools.combinations(spans, 2):
            apart = one.end <= other.start or other.end <= one.start
            assert apart or one.label != other.label


def test_a_model_comes_back_from_its_file_and_the_file_is_the_same_each_time(
    tmp_path: Path,
) -> None:
    write_model(tmp_path / "one.npz", model(1, 0.3))
    write_model(tmp_path / "two.npz", model(1, 0.3))
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
    back = read_model(tmp_path / "one.npz")
    assert back.labels == LABELS
    assert back.thresholds == {"PER": 0.3, "LOC": 0.3}
    step = np.abs(model(1).weights).max() / 127
    buckets, weights = back.used()
    assert buckets.tolist() == list(range(1, 1 << BITS))
    assert np.abs(weights - model(1).weights[1:]).max() <= step / 2 + 1e-6
    assert np.array_equal(back.transitions, model(1).transitions)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.npz").write_text("no zip file")
    np.savez(tmp_path / "other.npz", other=np.zeros(3))
    np.savez(tmp_path / "objects.npz", version=np.array([{}], dtype=object))
    for name in ("text.npz", "other.npz", "objects.npz"):
        with pytest.raises(ValueError, match=r"model|version|array|pickled"):
            read_model(tmp_path / name)


@pytest.mark.parametrize(
    "change",
    [
        {"labels": ("O", "B-PER")},
        {"thresholds": {"PER": 0.5}},
        {"thresholds": {"PER": 0.5, "LOC": 1.0}},
        {"weights": np.full((1 << BITS, len(LABELS)), np.nan, np.float32)},
        {"weights": np.ones((1 << BITS, len(LABELS)), np.float32)},
        {"buckets": np.arange(3)},
        {"buckets": np.arange(1 << BITS)},
        {"buckets": np.arange(1, (1 << BITS) + 1)},
        {"buckets": np.array([*range(1, 1 << BITS), 1])},
        {"transitions": np.zeros((2, 2))},
        {"bits": 40},
    ],
)
def test_parts_that_do_not_fit_are_refused(change: dict[str, object]) -> None:
    parts = {name: getattr(model(0), name) for name in Model.__dataclass_fields__} | change
    with pytest.raises(ValueError, match=r"label|weight|threshold|bucket"):
        Model(**parts)


def test_rows_of_some_buckets_are_the_same_model_as_rows_of_all() -> None:
    whole = model(7)
    weights = whole.weights.copy()
    weights[::3] = 0
    some = np.flatnonzero(weights.any(axis=1))
    parts = {name: getattr(whole, name) for name in Model.__dataclass_fields__}
    every = Tagger(Model(**parts | {"weights": weights}))
    few = Tagger(Model(**parts | {"weights": weights[some], "buckets": some}))
    keys = [sequence(seed, 9) for seed in range(20)]
    assert every.spans(keys) == few.spans(keys)
    assert any(every.spans(keys))


def test_keys_do_not_change_between_versions() -> None:
    values = np.array([1, 2, 3, 1 << 40], np.uint64)
    assert mixed(values).tolist() == mixed(values.copy()).tolist()
    assert len(set(mixed(np.arange(10_000, dtype=np.uint64)).tolist())) == 10_000
