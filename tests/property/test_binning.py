"""Binning for all values: merging, weights, alignment, sums and the sealed channel."""

from decimal import Decimal
from math import isfinite

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clients.agent.binning.sums import Offset, all_sums
from gateway.crypto.alignment import AlignmentKey, match
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.elgamal.row_work import labels_of, points_of
from gateway.crypto.sealed_channel import MAX_CONTENT, ChannelError, ChannelKey
from gateway.crypto.workers import Workers
from gateway.domain.aggregate.binning import MergedBin, merged, require_merged, weigh
from gateway.domain.aggregate.binning_talk import CONTENT, Incoming, Kind, TalkRefused, parts_of
from gateway.domain.aggregate.contract import BinnedFeature
from gateway.domain.policy.document_base import Bilingual

SECRET = SecretKey.generate()
KEY = SECRET.public_key()
KEY.prepare()
COUNTS = st.lists(st.integers(-60, 200), min_size=2, max_size=20)


@given(COUNTS, st.integers(1, 100))
def test_merged_bins_are_large_enough_in_order_and_lose_no_row_of_a_whole_answer(
    counts: list[int], k: int
) -> None:
    bins = merged(counts, k)
    ordinary = len(counts) - 1
    feature = BinnedFeature(
        name="x", title=Bilingual("x", "x"), groups=tuple((str(at),) for at in range(ordinary))
    )
    require_merged(bins, feature, k)
    inner = [one for one in bins if one.first < ordinary]
    if inner:
        assert sum(one.rows for one in inner) == sum(counts[:-1])
    elif all(count >= 0 for count in counts):
        # Nothing is answered only where all together are too few.
        assert sum(counts[:-1]) < k


@given(st.lists(st.tuples(st.integers(-50, 500), st.integers(-50, 500)), min_size=1, max_size=12))
def test_weights_are_finite_whatever_the_noise(pairs: list[tuple[int, int]]) -> None:
    bins = tuple(MergedBin(at, at, rows) for at, (rows, _) in enumerate(pairs))
    figures = weigh("x", bins, [events for _, events in pairs], Decimal("0.5"))
    assert isfinite(figures.information_value)
    # A sum of terms that are never below zero.
    assert figures.information_value >= 0
    for one in figures.bins:
        assert isfinite(one.woe)
        assert 0 <= one.events <= max(one.rows, 0)


@given(st.sets(st.binary(min_size=1, max_size=40), max_size=12), st.data())
@settings(max_examples=40)
def test_alignment_finds_exactly_the_common_identifiers(
    names: set[bytes], data: st.DataObject
) -> None:
    ours = data.draw(st.permutations(sorted(names)))
    theirs = data.draw(st.lists(st.sampled_from(sorted(names)), unique=True)) if names else []
    theirs = [*theirs, b"\x00nobody else"]
    a, b = AlignmentKey.generate(), AlignmentKey.generate()
    pairs = match(b.raise_all(a.blind("x", ours)), a.raise_all(b.blind("x", theirs)))
    found = {(theirs[place], ours[row]) for place, row in pairs.items()}
    assert found == {(name, name) for name in set(ours) & set(theirs)}


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_sums_by_joint_bins_equal_the_clear_text(data: st.DataObject) -> None:
    rows = data.draw(st.integers(1, 40))
    widths = data.draw(st.lists(st.integers(2, 6), min_size=1, max_size=6))
    labels = bytes(data.draw(st.lists(st.integers(0, 1), min_size=rows, max_size=rows)))
    codes = np.array(
        [data.draw(st.lists(st.integers(0, w - 1), min_size=rows, max_size=rows)) for w in widths],
        dtype=np.uint8,
    )
    with Workers(1) as workers:
        sent = labels_of(KEY.to_bytes(), b"", labels, proven=False, workers=workers)
        points = points_of(KEY.to_bytes(), b"", sent, proven=False, workers=workers)
    offset = Offset()
    for one, width, line in zip(
        all_sums(points, lambda at: codes[at], widths, offset.point, 1), widths, codes, strict=True
    ):
        for code in range(width):
            inside = [one.sums[code]] if code in one.sums else []
            events = SECRET.decrypt(offset.finish(inside, KEY.encrypt(0)), 0, rows)
            assert events == sum(labels[row] for row in range(rows) if line[row] == code)


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=8), st.data())
def test_a_channel_opens_what_was_sealed_and_nothing_else(
    contents: list[bytes], data: st.DataObject
) -> None:
    lender, bureau = ChannelKey.generate(), ChannelKey.generate()
    sealer = lender.open(bureau.public_key(), bytes(32), first=True).sealer
    opener = bureau.open(lender.public_key(), bytes(32), first=False).opener
    parts = [sealer.seal(one) for one in contents]
    spoiled = data.draw(st.integers(0, len(parts) - 1))
    at = data.draw(st.integers(0, len(parts[spoiled]) - 1))
    bit = data.draw(st.integers(0, 7))
    changed = bytearray(parts[spoiled])
    changed[at] ^= 1 << bit
    for number, part in enumerate(parts[:spoiled]):
        assert opener.open(part) == contents[number]
    try:
        opener.open(bytes(changed))
    except ChannelError:
        return
    raise AssertionError("a changed part was opened")


@given(st.binary(min_size=1, max_size=3 * CONTENT), st.integers(0, 3))
@settings(max_examples=30)
def test_a_list_comes_in_whole_or_is_refused(content: bytes, excess: int) -> None:
    coming = Incoming(Kind.ROWS, len(content))
    parts = list(parts_of(Kind.ROWS, content + bytes(excess)))
    assert all(len(part) <= MAX_CONTENT for part in parts)
    try:
        whole = [coming.add(part) for part in parts]
    except TalkRefused:
        assert excess
        return
    assert whole == [False] * (len(parts) - 1) + [True]
    assert not excess
    assert coming.take() == content
