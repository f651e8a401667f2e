"""Frames of the stream between processes: whole however they arrive, and bounded."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.processes.batch_channel import MAX_FRAME_BYTES, Frames, framed


@given(st.lists(st.binary(max_size=300), max_size=8), st.data())
def test_frames_come_out_whole_however_they_arrive(
    payloads: list[bytes], data: st.DataObject
) -> None:
    stream = b"".join(map(framed, payloads))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=20).map(sorted))
    frames, found = Frames(), []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        whole = frames.feed(stream[start:end])
        found += whole
        assert b"".join(map(framed, found)) == stream[: sum(4 + len(one) for one in found)]
    assert found == payloads


@given(st.integers(MAX_FRAME_BYTES + 1, 2**32 - 1), st.binary(max_size=20))
def test_a_frame_over_the_limit_is_refused_by_its_length(length: int, more: bytes) -> None:
    with pytest.raises(ConnectionError):
        Frames().feed(framed(b"good") + struct.pack(">I", length) + more)


def test_a_frame_of_the_limit_is_waited_for() -> None:
    assert Frames().feed(struct.pack(">I", MAX_FRAME_BYTES) + b"x") == []
