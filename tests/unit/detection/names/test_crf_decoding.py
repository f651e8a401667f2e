"""Probabilities of spans against the sum over all label sequences, which small models allow."""

from collections.abc import Sequence
from itertools import accumulate, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.names.crf.decoding import LONGEST, RawSpan, StretchDecoder
from gateway.detection.names.crf.model import Model

LABELS = ("O", "B-PER", "I-PER", "E-PER", "S-PER")


def model(seed: int, labels: tuple[str, ...] = LABELS) -> Model:
    chance = np.random.default_rng(seed)
    types = {label[2:] for label in labels if label != "O"}
    return Model(
        1,
        labels,
        np.zeros((2, len(labels)), np.float32),
        chance.normal(0, 2, (len(labels), len(labels))),
        dict.fromkeys(types, 0.5),
    )


def decoded(one: Model, stretches: Sequence[np.ndarray], floor: float) -> list[list[RawSpan]]:
    decoder = StretchDecoder(one)
    ends = list(accumulate(len(rows) for rows in stretches))
    extents = [(end - len(rows), end, 0) for end, rows in zip(ends, stretches, strict=True)]
    floors = decoder.floors(dict.fromkeys(one.types, floor))
    return decoder.spans(np.concatenate(stretches), extents, floors)


def may(one: str, then: str) -> bool:
    return then[0] in "IE" if one[0] in "BI" else then[0] in "OBS"


def sequences(size: int) -> list[tuple[int, ...]]:
    return [
        path
        for path in product(range(5), repeat=size)
        if LABELS[path[0]][0] in "OBS"
        and LABELS[path[-1]][0] in "OES"
        and all(may(LABELS[a], LABELS[b]) for a, b in pairwise(path))
    ]


def by_hand(one: Model, emissions: np.ndarray) -> dict[tuple[int, int], float]:
    weights = {}
    for path in sequences(len(emissions)):
        weight = sum(emissions[at, label] for at, label in enumerate(path))
        weight += sum(one.transitions[a, b] for a, b in pairwise(path))
        weights[path] = np.exp(weight)
    total = sum(weights.values())
    found: dict[tuple[int, int], float] = {}
    for path, weight in weights.items():
        start = 0
        for at, label in enumerate(path):
            kind = LABELS[label][0]
            start = at if kind in "BS" else start
            if kind in "ES":
                found[start, at + 1] = found.get((start, at + 1), 0.0) + weight / total
    return found


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 5), min_size=1, max_size=14))
def test_the_likeliest_span_has_the_probability_of_all_that_overlap_it(
    seed: int, sizes: list[int]
) -> None:
    one = model(seed)
    chance = np.random.default_rng(seed + 1)
    stretches = [chance.normal(0, 2, (size, 5)).astype(np.float32) for size in sizes]
    for emissions, spans in zip(stretches, decoded(one, stretches, 1e-9), strict=True):
        left = by_hand(one, emissions)
        for span in sorted(spans, key=lambda span: -max_of(left, span.start, span.end)):
            overlapping = {s: p for s, p in left.items() if s[0] < span.end and span.start < s[1]}
            assert max(overlapping, key=overlapping.__getitem__) == (span.start, span.end)
            assert span.probability == pytest.approx(min(sum(overlapping.values()), 1), abs=1e-6)
            left = {s: p for s, p in left.items() if s not in overlapping}
        assert sum(left.values()) < 1e-6


def max_of(left: dict[tuple[int, int], float], start: int, end: int) -> float:
    return left.get((start, end), 0.0)


def total(one: Model, emissions: np.ndarray) -> float:
    """Return the logarithm of the weight of all label sequences, by a plain forward pass."""
    labels = one.labels
    allowed = np.array([[may_typed(a, b) for b in labels] for a in labels])
    steps = np.where(allowed, one.transitions, -np.inf)
    state = emissions[0] + np.array([0.0 if label[0] in "OBS" else -np.inf for label in labels])
    for row in emissions[1:]:
        state = np.logaddexp.reduce(state[:, None] + steps, axis=0) + row
    ends = np.array([label[0] in "OES" for label in labels])
    return float(np.logaddexp.reduce(state[ends]))


def may_typed(one: str, then: str) -> bool:
    return may(one, then) and (one[0] not in "BI" or one[2:] == then[2:])


def chance_of(one: Model, emissions: np.ndarray, start: int, end: int, type_: str) -> float:
    kinds = "S" if end - start == 1 else "B" + "I" * (end - start - 2) + "E"
    forced = emissions.copy()
    for at, kind in enumerate(kinds, start):
        keep = one.labels.index(f"{kind}-{type_}")
        forced[at] = np.where(np.arange(len(one.labels)) == keep, forced[at], -np.inf)
    return float(np.exp(total(one, forced) - total(one, emissions)))


def test_a_stretch_of_full_length_and_three_types() -> None:
    labels = ("O", *(f"{kind}-{type_}" for type_ in ("LOC", "ORG", "PER") for kind in "BIES"))
    one = model(5, labels)
    chance = np.random.default_rng(6)
    emissions = chance.normal(0, 3, (LONGEST, 13))
    short = chance.normal(0, 3, (3, 13)).astype(np.float32)
    found = decoded(one, [emissions.astype(np.float32), short], 0.05)[0]
    reported = {(span.start, span.end, span.label): span.probability for span in found}
    exact = {
        (start, end, type_): chance_of(one, emissions, start, end, type_)
        for start in range(LONGEST)
        for end in range(start + 1, min(start + 5, LONGEST + 1))
        for type_ in ("LOC", "ORG", "PER")
    }
    likely = {span for span, probability in exact.items() if probability > 0.5}
    assert len(likely) > 3
    assert likely <= set(reported)
    for span in reported.keys() & exact.keys():
        assert reported[span] >= exact[span] - 1e-4


def test_a_stretch_over_the_bound_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than"):
        decoded(model(1), [np.zeros((LONGEST + 1, 5), np.float32)], 0.1)
