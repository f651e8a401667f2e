"""A sealed channel between two parties that talk through a relay.

Owns the ephemeral X25519 keys, the two directions' keys (HKDF-SHA256, RFC 5869, over the shared
secret, salted with the hash of what the talk is about; info: a label, the direction, both public
keys), and the parts: AES-256-GCM with a counter as nonce. Every part says, authenticated, whether
it is the last of its direction. So a relay can neither read, alter, repeat, reorder nor leave out
parts, nor end a direction early without the receiver's noticing, nor move a part to another job.

Each party signs its public key outside of this module, and checks the other's signature before it
opens a channel: without that, the relay could stand in between.

Assumption: computational Diffie-Hellman on Curve25519 with HKDF as a random oracle, AES-256-GCM:
some 128 bits. Keys are for one channel, so that a recording stays closed later; a party that wants
to go on with a talk after a crash stores its own until the talk is over, and then deletes it. It
then sends the very parts again that it has sent: sealing other content in their places would spend
a nonce twice, so whoever goes on skips them.
Refuses shared secrets of zero, parts above 48 KiB or beyond 2^32 in a direction, and everything
after a part that did not open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.crypto.errors import CryptoError
from gateway.crypto.keyed import length_prefixed

PUBLIC_KEY_SIZE = 32
CONTEXT_SIZE = 32
MAX_PART = 48 * 1024
OVERHEAD = 17
"""Bytes that sealing adds: whether it is the last, and the tag."""
MAX_CONTENT = MAX_PART - OVERHEAD
MAX_PARTS = 1 << 32
_LABEL = b"veilgate/sealed-channel/v1"
_MORE, _LAST = b"\x00", b"\x01"


class ChannelError(CryptoError):
    """A key or a part is not one that the channel lets pass; the channel is over."""


@dataclass(frozen=True, eq=False)
class ChannelKey:
    """One party's ephemeral key, for one channel."""

    _private: X25519PrivateKey = field(repr=False)

    @classmethod
    def generate(cls) -> ChannelKey:
        """A fresh key."""
        return cls(X25519PrivateKey.generate())

    def public_key(self) -> bytes:
        """The 32 bytes that its owner signs."""
        return self._private.public_key().public_bytes_raw()

    def open(self, other: bytes, context: bytes, *, first: bool) -> Channel:
        """The channel to the owner of another key.

        Args:
            other: the other party's public key, its signature checked.
            context: the hash of what both speak about, 32 bytes.
            first: whether this party is the first of the two (the lender).

        Raises:
            ChannelError: a length is wrong, the keys are equal, or the shared secret is zero.
        """
        if len(other) != PUBLIC_KEY_SIZE or len(context) != CONTEXT_SIZE:
            raise ChannelError("a channel's keys and its context are 32 bytes")
        own = self.public_key()
        if own == other:
            raise ChannelError("a party does not talk to itself")
        try:
            secret = self._private.exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError:
            raise ChannelError("the shared secret is zero") from None
        pair = (own, other) if first else (other, own)
        there, back = (_direction(secret, context, name, pair) for name in (b"1>2", b"2>1"))
        return (
            Channel(Sealer(there), Opener(back)) if first else Channel(Sealer(back), Opener(there))
        )


def _direction(secret: bytes, context: bytes, name: bytes, pair: tuple[bytes, bytes]) -> bytes:
    info = length_prefixed(_LABEL, name, *pair)
    return HKDF(algorithm=SHA256(), length=32, salt=context, info=info).derive(secret)


class Sealer:
    """Seals the parts of one direction, in order."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._number = 0
        self._over = False

    def seal(self, content: bytes, *, last: bool = False) -> bytes:
        """The next part, of at most `MAX_CONTENT` bytes of content.

        Raises:
            ChannelError: it is too large, or follows the last.
        """
        if self._over or self._number >= MAX_PARTS:
            raise ChannelError("the direction is over")
        if len(content) > MAX_CONTENT:
            raise ChannelError("a part is at most 48 KiB")
        mark = _LAST if last else _MORE
        sealed = mark + self._cipher.encrypt(_nonce(self._number), content, mark)
        self._number += 1
        self._over = last
        return sealed

    def skip(self, parts: int) -> None:
        """Go on behind parts that this direction has sealed before, in the same channel."""
        self._number += parts


class Opener:
    """Opens the parts of one direction, in order."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._number = 0
        self._broken = False
        self.ended = False
        """Whether the last part has been opened."""

    def open(self, part: bytes) -> bytes:
        """The content of the next part.

        Raises:
            ChannelError: it is not the next part of this direction as it was sealed.
        """
        if self._broken or self.ended or not OVERHEAD <= len(part) <= MAX_PART:
            self._broken = True
            raise ChannelError("no such part is expected")
        mark, sealed = part[:1], part[1:]
        try:
            content = self._cipher.decrypt(_nonce(self._number), sealed, mark)
        except InvalidTag:
            self._broken = True
            raise ChannelError("a part does not open") from None
        self._number += 1
        self.ended = mark == _LAST
        return content

    def skip(self, parts: int) -> None:
        """Go on behind parts that were opened before, in the same channel."""
        self._number += parts

    def require_ended(self) -> None:
        """Check that nothing was cut off.

        Raises:
            ChannelError: the last part has not come, or one did not open.
        """
        if self._broken or not self.ended:
            raise ChannelError("the direction was cut off")


@dataclass(frozen=True, eq=False)
class Channel:
    """Both directions, as one party has them."""

    sealer: Sealer
    opener: Opener


def _nonce(number: int) -> bytes:
    # The key is for one direction of one channel, so the counter may start at zero.
    return number.to_bytes(12, "big")
