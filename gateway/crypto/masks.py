"""Pairwise masks that vanish in the sum over a whole roster, and in no smaller sum.

Owns the ephemeral X25519 key of one contributor to one question, the key that each pair agrees on,
and the masks that are stretched from it: for members i < j of a roster, K_ij is HKDF-SHA256
(RFC 5869) of their X25519 secret (RFC 7748), salted with the question's hash, over label, the
roster's hash, i and j; a mask is |N| + 128 bits of AES-256-CTR under K_ij reduced modulo N, so it
is uniform but for 2^-128. Member i adds it, member j subtracts it.

Assumption: computational Diffie-Hellman on Curve25519 with HKDF as a random oracle, and AES-256 as
a pseudorandom function: some 128 bits, against everyone who lacks both members' keys. With all but
one of the others colluding, a member's values are still masked against that one.

Refuses shared secrets of zero (a low-order key), keys that occur twice, a roster that does not hold
the own key at the stated place, fewer than two members, and small moduli. A key is for one
question: the same key, question, roster and label give the same masks, and two values under one
mask show their difference. So the caller destroys the key once its contribution is stored.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.crypto.errors import CryptoError, KeyMaterialError
from gateway.crypto.keyed import length_prefixed

PUBLIC_KEY_SIZE = 32
HASH_SIZE = 32
MIN_MODULUS_BITS = 64
"""Enough for any plaintext group in use; below it a mask could be guessed."""
MAX_MEMBERS = 4096
_EXTRA_BITS = 128
_KEY_SIZE = 32
_FIELD = 2**255 - 19
# A pair's key is used for one stream only, so its counter starts at zero.
_FIRST_COUNTER = bytes(16)


class MaskError(CryptoError):
    """A roster, a member's key or a modulus does not let masks be made."""


@dataclass(frozen=True, eq=False)
class MaskingKey:
    """One contributor's ephemeral X25519 key, for one question."""

    _secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no key.

        Raises:
            KeyMaterialError: it is not 32 bytes.
        """
        if len(self._secret) != _KEY_SIZE:
            raise KeyMaterialError("an X25519 key is 32 bytes")

    @classmethod
    def generate(cls) -> MaskingKey:
        """A fresh key."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    def to_bytes(self) -> bytes:
        """Its 32 bytes: to be sealed before they are stored, and deleted after use."""
        return self._secret

    def public_key(self) -> bytes:
        """The 32 bytes that the contributor signs and sends."""
        return self._private().public_key().public_bytes_raw()

    def agree(self, other: bytes) -> bytes:
        """The shared secret with another member (RFC 7748, section 6.1).

        Raises:
            MaskError: the other key is not 32 bytes, or the secret is zero.
        """
        if len(other) != PUBLIC_KEY_SIZE:
            raise MaskError("a member's key is 32 bytes")
        try:
            return self._private().exchange(X25519PublicKey.from_public_bytes(other))
        except ValueError:
            raise MaskError("a member's key gives a shared secret of zero") from None

    def _private(self) -> X25519PrivateKey:
        return X25519PrivateKey.from_private_bytes(self._secret)


def require_masking_key(key: bytes) -> None:
    """Check a member's key before it is put into a roster.

    Raises:
        MaskError: it is not 32 bytes, is of low order, or is another spelling of a key, which no
            honest member sends: a copy would not look like its original.
    """
    MaskingKey.generate().agree(key)
    if int.from_bytes(key, "little") >= _FIELD:
        raise MaskError("a member's key is a number below 2^255 - 19")


@dataclass(frozen=True)
class MaskRoster:
    """Who masks together: hashes of the question and of the signed roster, keys in its order.

    Raises:
        MaskError: a hash is not 32 bytes, a key occurs twice or is of low order, or there are fewer
            than two or more than 4,096 members.
    """

    question_hash: bytes
    roster_hash: bytes
    members: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(self.question_hash) != HASH_SIZE or len(self.roster_hash) != HASH_SIZE:
            raise MaskError("the hashes of a question and a roster are 32 bytes")
        if not 2 <= len(self.members) <= MAX_MEMBERS:
            raise MaskError("a roster has 2 to 4,096 members")
        # Before anybody binds itself to the roster: with such keys in it no masks can be made. What
        # another key agrees on is compared, for one key has several spellings.
        probe = MaskingKey.generate()
        if len({probe.agree(one) for one in self.members}) != len(self.members):
            raise MaskError("a key occurs twice in the roster")

    def masks(self, key: MaskingKey, place: int, label: str, modulus: int, count: int) -> list[int]:
        """The masks of the member at `place`, one for each of `count` plaintexts, in [0, modulus).

        Args:
            key: that member's ephemeral key.
            place: where its public key stands in `members`.
            label: what is masked; another label gives independent masks.
            modulus: order N of the plaintext group.
            count: plaintexts in the contribution.

        Raises:
            MaskError: the key is not the one at `place`, the modulus is small, the count is
                negative, or a member's key gives a shared secret of zero.
        """
        if not 0 <= place < len(self.members) or self.members[place] != key.public_key():
            raise MaskError("the roster does not hold this key at this place")
        if modulus.bit_length() < MIN_MODULUS_BITS or count < 0:
            raise MaskError("a mask needs a modulus of 64 bits or more, and a count")
        totals = [0] * count
        for other, public_key in enumerate(self.members):
            if other != place:
                pair = self._pair_key(key.agree(public_key), label, *sorted((place, other)))
                sign = 1 if place < other else -1
                stream = _stream(pair, modulus, count)
                totals = [total + sign * mask for total, mask in zip(totals, stream, strict=True)]
        return [total % modulus for total in totals]

    def _pair_key(self, secret: bytes, label: str, low: int, high: int) -> bytes:
        places = (low.to_bytes(4, "big"), high.to_bytes(4, "big"))
        info = length_prefixed(b"veilgate/mask/v1", label.encode(), self.roster_hash, *places)
        kdf = HKDF(algorithm=SHA256(), length=_KEY_SIZE, salt=self.question_hash, info=info)
        return kdf.derive(secret)


def apply_masks(values: list[int], masks: list[int], modulus: int) -> list[int]:
    """Each value plus its mask, modulo N.

    Raises:
        MaskError: there is not one mask for each value.
    """
    if len(values) != len(masks):
        raise MaskError("there is one mask for each value")
    return [(value + mask) % modulus for value, mask in zip(values, masks, strict=True)]


def _stream(key: bytes, modulus: int, count: int) -> list[int]:
    size = (modulus.bit_length() + _EXTRA_BITS + 7) // 8
    encryptor = Cipher(AES256(key), CTR(_FIRST_COUNTER)).encryptor()
    stream = encryptor.update(bytes(size * count))
    return [
        int.from_bytes(stream[at : at + size], "big") % modulus
        for at in range(0, size * count, size)
    ]
