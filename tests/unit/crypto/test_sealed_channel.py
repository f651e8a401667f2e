"""The sealed channel: what a relay in between cannot do."""

from collections.abc import Callable

import pytest

from gateway.crypto.sealed_channel import MAX_CONTENT, Channel, ChannelError, ChannelKey

CONTEXT = b"\x01" * 32


def _pair(context: bytes = CONTEXT, other: bytes = CONTEXT) -> tuple[Channel, Channel]:
    first, second = ChannelKey.generate(), ChannelKey.generate()
    return (
        first.open(second.public_key(), context, first=True),
        second.open(first.public_key(), other, first=False),
    )


def test_both_directions_carry_parts_in_order() -> None:
    lender, bureau = _pair()
    for number in range(20):
        content = b"part %d" % number
        assert bureau.opener.open(lender.sealer.seal(content)) == content
        assert lender.opener.open(bureau.sealer.seal(content)) == content
    assert bureau.opener.open(lender.sealer.seal(b"end", last=True)) == b"end"
    bureau.opener.require_ended()
    with pytest.raises(ChannelError):
        lender.opener.require_ended()


def _flip(at: int) -> Callable[[bytes], bytes]:
    return lambda part: part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]


@pytest.mark.parametrize(
    "change",
    [_flip(0), _flip(1), _flip(-1 + 30), lambda part: part[:-1], lambda part: part + b"\x00"],
    ids=["last mark", "content", "tag", "shorter", "longer"],
)
def test_an_altered_part_ends_the_channel(change: Callable[[bytes], bytes]) -> None:
    lender, bureau = _pair()
    part = lender.sealer.seal(b"some content here")
    with pytest.raises(ChannelError):
        bureau.opener.open(change(part))
    with pytest.raises(ChannelError):
        # Also what would have been right: nothing goes on after a forgery.
        bureau.opener.open(part)


def test_parts_cannot_be_repeated_left_out_or_reordered() -> None:
    for fine, wrong in (((0,), 0), ((), 1), ((0,), 2), ((0, 1), 0)):
        lender, bureau = _pair()
        parts = [lender.sealer.seal(b"%d" % number) for number in range(3)]
        for at in fine:
            bureau.opener.open(parts[at])
        with pytest.raises(ChannelError):
            bureau.opener.open(parts[wrong])


def test_a_direction_cannot_be_cut_off_or_gone_on_with() -> None:
    lender, bureau = _pair()
    bureau.opener.open(lender.sealer.seal(b"1"))
    with pytest.raises(ChannelError):
        bureau.opener.require_ended()
    last = lender.sealer.seal(b"2", last=True)
    bureau.opener.open(last)
    with pytest.raises(ChannelError):
        lender.sealer.seal(b"3")
    with pytest.raises(ChannelError):
        bureau.opener.open(last)


def test_a_part_does_not_open_in_the_other_direction_or_under_another_context() -> None:
    lender, bureau = _pair()
    with pytest.raises(ChannelError):
        lender.opener.open(lender.sealer.seal(b"back to its sender"))
    lender, bureau = _pair(CONTEXT, b"\x02" * 32)
    with pytest.raises(ChannelError):
        bureau.opener.open(lender.sealer.seal(b"of another job"))


def test_a_relay_with_keys_of_its_own_does_not_get_in_between() -> None:
    lender, bureau, relay = (ChannelKey.generate() for _ in range(3))
    theirs = relay.open(lender.public_key(), CONTEXT, first=False)
    sealed = lender.open(bureau.public_key(), CONTEXT, first=True).sealer.seal(b"labels")
    with pytest.raises(ChannelError):
        theirs.opener.open(sealed)


@pytest.mark.parametrize(
    "key",
    [bytes(32), b"\x01" + bytes(31), b"\xec" + b"\xff" * 30 + b"\x7f", b"short", bytes(33)],
    ids=["zero", "one", "minus one", "short", "long"],
)
def test_keys_of_low_order_or_another_length_are_refused(key: bytes) -> None:
    with pytest.raises(ChannelError):
        ChannelKey.generate().open(key, CONTEXT, first=True)


def test_the_own_key_and_contexts_of_another_length_are_refused() -> None:
    own, other = ChannelKey.generate(), ChannelKey.generate()
    with pytest.raises(ChannelError):
        own.open(own.public_key(), CONTEXT, first=True)
    with pytest.raises(ChannelError):
        own.open(other.public_key(), b"short", first=True)


def test_parts_have_a_bound() -> None:
    lender, bureau = _pair()
    assert len(bureau.opener.open(lender.sealer.seal(bytes(MAX_CONTENT)))) == MAX_CONTENT
    with pytest.raises(ChannelError):
        lender.sealer.seal(bytes(MAX_CONTENT + 1))
    with pytest.raises(ChannelError):
        bureau.opener.open(bytes(49_153))
    with pytest.raises(ChannelError):
        _pair()[0].opener.open(b"")
