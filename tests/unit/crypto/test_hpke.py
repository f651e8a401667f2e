from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.hpke import OVERHEAD, BoxError, box_public_key, new_box_key, open_box, seal_box

PRIVATE = new_box_key()
PUBLIC = box_public_key(PRIVATE)


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_a_box_opens_for_its_key_and_context(content: bytes, context: bytes) -> None:
    box = seal_box(content, PUBLIC, context)
    assert open_box(box, PRIVATE, context) == content
    assert len(box) == len(content) + OVERHEAD


@given(st.data())
def test_an_altered_box_does_not_open(data: st.DataObject) -> None:
    box = bytearray(seal_box(b"tag", PUBLIC, b"round"))
    at = data.draw(st.integers(0, len(box) - 1))
    # The highest bit of an X25519 key is not looked at (RFC 7748, section 5), but HPKE hashes it.
    box[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(BoxError):
        open_box(bytes(box), PRIVATE, b"round")


def test_it_opens_for_nobody_else_and_nowhere_else() -> None:
    box = seal_box(b"tag", PUBLIC, b"round")
    with pytest.raises(BoxError):
        open_box(box, new_box_key(), b"round")
    with pytest.raises(BoxError):
        open_box(box, PRIVATE, b"another round")
    with pytest.raises(BoxError):
        open_box(b"", PRIVATE, b"round")


def test_two_boxes_of_one_content_differ() -> None:
    assert seal_box(b"tag", PUBLIC, b"") != seal_box(b"tag", PUBLIC, b"")


@pytest.mark.parametrize("public", [b"", bytes(31), bytes(32), b"\x01" + bytes(31)])
def test_keys_that_nobody_holds_are_refused(public: bytes) -> None:
    with pytest.raises(BoxError):
        seal_box(b"tag", public, b"")


def test_a_private_key_is_32_bytes() -> None:
    with pytest.raises(KeyMaterialError):
        open_box(bytes(60), bytes(31), b"")
