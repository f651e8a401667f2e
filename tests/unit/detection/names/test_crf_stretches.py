"""Where a span may be: nothing likely is outside, nothing goes over two sequences."""

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detection.names.crf.decoding import LONGEST, StretchDecoder
from gateway.detection.names.crf.model import Model
from gateway.detection.names.crf.stretches import Bounds, Stretch, decoded, groups
from gateway.detection.names.crf.tagger import Tagger

LABELS = ("O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC")
FLOOR = 0.05
ZERO = {"PER": 0.0, "LOC": 0.0}


def model(seed: int) -> Model:
    random = np.random.default_rng(seed)
    weights = np.zeros((2, len(LABELS)), np.float32)
    # A span next to another costs what it costs next to no name: then the bound is exact.
    transitions = random.normal(0, 1, (len(LABELS), len(LABELS)))
    for end in (0, 3, 4, 7, 8):
        transitions[end] = transitions[0]
    return Model(1, LABELS, weights, transitions, {"PER": 0.5, "LOC": 0.5})


def emissions(seed: int, size: int) -> np.ndarray:
    found = np.random.default_rng(seed).normal(0, 2, (size, len(LABELS)))
    found[:, 0] += 3.0
    return found


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_what_is_as_likely_as_the_floor_is_inside(seed: int, sizes: list[int]) -> None:
    one = model(seed)
    lengths = np.array(sizes)
    firsts = np.cumsum(lengths) - lengths
    rows = emissions(seed + 1, int(lengths.sum()))
    stretches = list(Bounds(one, dict.fromkeys(ZERO, FLOOR), ZERO).stretches(rows, firsts))
    everything = Tagger(one, dict.fromkeys(ZERO, FLOOR))
    # The scores are of spans and of what they stand for: one alone may be just below the floor.
    for which, start, end, _, score in everything.decoded(rows, lengths):
        if score >= 0.5:
            first = int(firsts[which])
            assert any(
                one.owner == which and one.start < first + end and first + start < one.end
                for one in stretches
            )


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(1, 90), min_size=1, max_size=6))
def test_stretches_are_in_order_short_and_each_in_its_sequence(seed: int, sizes: list[int]) -> None:
    lengths = np.array(sizes)
    firsts = np.cumsum(lengths) - lengths
    rows = emissions(seed, int(lengths.sum()))
    rows[:, 1:] += 2.0
    stretches = list(Bounds(model(seed), dict.fromkeys(ZERO, 1e-3), ZERO).stretches(rows, firsts))
    last = 0
    for start, end, owner in stretches:
        assert last <= start < end <= start + LONGEST
        assert firsts[owner] <= start
        assert end <= firsts[owner] + lengths[owner]
        last = end


def test_without_a_limit_all_is_weighed() -> None:
    rows = emissions(1, 30)
    infinite = dict.fromkeys(ZERO, np.inf)
    firsts = np.array([0, 10])
    found = list(Bounds(model(1), dict.fromkeys(ZERO, FLOOR), infinite).stretches(rows, firsts))
    assert found == [Stretch(0, 10, 0), Stretch(10, 30, 1)]


@given(st.lists(st.integers(1, LONGEST), max_size=300))
def test_groups_hold_every_stretch_once_and_the_longest_first(sizes: list[int]) -> None:
    stretches = [Stretch(at, at + size, at) for at, size in enumerate(sizes)]
    found = list(groups(stretches))
    assert sorted(one for group in found for one in group) == sorted(stretches)
    for group in found:
        lengths = [end - start for start, end, _ in group]
        assert lengths == sorted(lengths, reverse=True)
        assert len(group) <= 128


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 4), min_size=257, max_size=300))
def test_stretches_that_are_the_same_are_decoded_once_and_all_have_their_spans(
    seed: int, which: list[int]
) -> None:
    kinds = [emissions(seed + at, at + 2) for at in range(5)]
    rows = np.concatenate([kinds[at] for at in which])
    ends = list(accumulate(at + 2 for at in which))
    stretches = [Stretch(end - at - 2, end, 0) for at, end in zip(which, ends, strict=True)]
    decoder = StretchDecoder(model(seed))
    floors = decoder.floors(dict.fromkeys(ZERO, FLOOR))
    found = dict(decoded(decoder, rows, stretches, floors))
    assert sorted(found) == stretches
    for one, spans in found.items():
        [alone] = decoder.spans(rows, [one], floors)
        assert [span[:3] for span in alone] == [span[:3] for span in spans]
        assert [span[3] for span in alone] == pytest.approx([span[3] for span in spans])


def silent(size: int) -> np.ndarray:
    rows = np.zeros((size, len(LABELS)))
    rows[:, 0] = 50.0
    return rows


def plain() -> Model:
    """Into a span and out of it costs three nats each."""
    transitions = np.full((len(LABELS), len(LABELS)), -3.0)
    transitions[0, 0] = 0.0
    transitions[1:3, 2:4] = transitions[5:7, 6:8] = 0.0
    return Model(
        1, LABELS, np.zeros((2, len(LABELS)), np.float32), transitions, {"PER": 0.5, "LOC": 0.5}
    )


def may_be(rows: np.ndarray, firsts: list[int]) -> list[tuple[int, int]]:
    bounds = Bounds(plain(), dict.fromkeys(ZERO, 0.5), ZERO)
    return [one[:2] for one in bounds.stretches(rows, np.array(firsts))]


@pytest.mark.parametrize(("gain", "inside", "at_an_edge"), [(3.0, 0, 1), (-2.0, 0, 0), (7.0, 1, 1)])
def test_a_name_of_one_position_costs_less_at_the_edge(
    gain: float, inside: int, at_an_edge: int
) -> None:
    for at, wanted in ((0, at_an_edge), (3, inside), (6, at_an_edge)):
        rows = silent(7)
        rows[at, LABELS.index("S-PER")] = 50.0 + gain
        assert len(may_be(rows, [0])) == wanted


def test_a_longer_name_costs_less_at_the_edge() -> None:
    for at, found in ((0, [(0, 3)]), (3, []), (5, [(4, 7)])):
        rows = silent(7)
        rows[at, LABELS.index("B-PER")] = rows[at + 1, LABELS.index("E-PER")] = 52.0
        assert may_be(rows, [0]) == found


def test_two_halves_in_two_sequences_are_no_whole() -> None:
    rows = silent(12)
    rows[4:8, LABELS.index("I-LOC")] = 52.0
    assert may_be(rows, [0]) == [(3, 9)]
    assert may_be(rows, [0, 6]) == [(3, 6), (6, 9)]
    rows[4:8, LABELS.index("I-LOC")] = 51.1
    assert may_be(rows, [0, 6]) == []


@pytest.mark.parametrize("far", [30.0, 300.0])
def test_a_name_at_the_edge_of_a_sequence_is_seen(far: float) -> None:
    rows = np.zeros((6, len(LABELS)))
    rows[:, 0] = far
    rows[0, 4] = rows[5, 4] = far + 6.0
    bounds = Bounds(model(3), dict.fromkeys(ZERO, FLOOR), ZERO)
    found = list(bounds.stretches(rows, np.array([0])))
    assert [(one.start, one.end) for one in found] == [(0, 2), (4, 6)]
