"""Private alignment of two parties' rows over ristretto255 (RFC 9496), by commuting exponents.

Owns one party's secret scalar of one job, blinding identifiers with it (H(id)^a), and raising the
other party's elements (H(id)^b)^a; equal identifiers give equal results, whoever went first. The
hash to the group is that of RFC 9380 (expand_message_xmd with SHA-512, then ristretto255's map),
under a label of its own that holds the identifier's kind.

Refuses elements that are not canonical or are the identity, lists with an element twice (a row that
counts twice would weigh more), and lists of another length than was declared; each before any
element is multiplied, so that a hostile list costs less than an honest one. Identifiers that occur
twice are refused, too.

Assumption: decisional Diffie-Hellman in ristretto255 and SHA-512 as a random oracle, some 126 bits.
Whoever returns raised elements can return anything: it then matches nothing, or at random. What
identifiers a party puts in is its own word; nothing here ties them to a consent.
A scalar is for one job: the same one twice would let the other party link the two row sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.crypto.errors import CryptoError
from gateway.crypto.oprf_suite import (
    MAX_INPUT_SIZE,
    OprfError,
    expand,
    multiply,
    require_element,
    require_scalar,
)
from gateway.crypto.ristretto import ELEMENT_SIZE, IDENTITY, group

_LABEL = b"veilgate/alignment/v1-ristretto255-SHA512-"
MAX_KIND_SIZE = 64


class AlignmentError(CryptoError):
    """A list of elements or of identifiers is not one that the alignment lets pass."""


@dataclass(frozen=True, eq=False)
class AlignmentKey:
    """One party's secret scalar, for one job."""

    _scalar: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what is no scalar.

        Raises:
            AlignmentError: it is not 32 bytes, zero, or not reduced.
        """
        try:
            require_scalar(self._scalar)
        except OprfError:
            raise AlignmentError("an alignment key is a scalar other than zero") from None

    @classmethod
    def generate(cls) -> AlignmentKey:
        """A fresh key."""
        return cls(group().crypto_core_ristretto255_scalar_random())

    def to_bytes(self) -> bytes:
        """Its 32 bytes: for worker processes of the same party, never to be stored or sent."""
        return self._scalar

    def blind(self, kind: str, identifiers: Sequence[bytes]) -> bytes:
        """H(id)^a for each identifier in normal form, 32 bytes each behind each other.

        Raises:
            AlignmentError: an identifier occurs twice or is empty or long, or the kind is.
        """
        if not 0 < len(kind.encode()) <= MAX_KIND_SIZE:
            raise AlignmentError("an identifier's kind is 1 to 64 bytes")
        if len(set(identifiers)) != len(identifiers):
            raise AlignmentError("an identifier occurs twice")
        label = _LABEL + kind.encode()
        return b"".join([multiply(self._scalar, _hashed(label, one)) for one in identifiers])

    def raise_all(self, elements: bytes) -> bytes:
        """The other party's elements raised to this key, in their order.

        Args:
            elements: 32 bytes each, checked by `require_elements`.

        Raises:
            AlignmentError: the length is not a multiple of 32.
        """
        if len(elements) % ELEMENT_SIZE:
            raise AlignmentError("elements are 32 bytes each")
        return b"".join([multiply(self._scalar, one) for one in split(elements)])


def require_elements(elements: bytes, count: int) -> None:
    """Check what came from the other party: some 5 us an element.

    Raises:
        AlignmentError: there are more or fewer than declared, one of them is no canonical element
            or the identity, or one occurs twice.
    """
    if len(elements) != count * ELEMENT_SIZE:
        raise AlignmentError("there are not as many elements as declared")
    pieces = split(elements)
    if len(set(pieces)) != count:
        raise AlignmentError("an element occurs twice")
    for piece in pieces:
        try:
            require_element(piece)
        except OprfError:
            raise AlignmentError("an element is canonical and not the identity") from None


def dummies(count: int) -> bytes:
    """Uniform elements that match nobody: they hide how many people a party has.

    Raises:
        AlignmentError: the count is negative.
    """
    if count < 0:
        raise AlignmentError("a count is not negative")
    library = group()
    return b"".join(
        [
            library.crypto_scalarmult_ristretto255_base(
                library.crypto_core_ristretto255_scalar_random()
            )
            for _ in range(count)
        ]
    )


def match(ours: bytes, theirs: bytes) -> dict[int, int]:
    """Where the twice-raised elements agree: place in `ours` by place in `theirs`.

    Raises:
        AlignmentError: an element occurs twice in a list, or a list is cut off.
    """
    if len(ours) % ELEMENT_SIZE or len(theirs) % ELEMENT_SIZE:
        raise AlignmentError("elements are 32 bytes each")
    places = {element: at for at, element in enumerate(split(ours))}
    others = split(theirs)
    if len(places) * ELEMENT_SIZE != len(ours) or len(set(others)) != len(others):
        raise AlignmentError("an element occurs twice")
    return {at: places[element] for at, element in enumerate(others) if element in places}


def split(elements: bytes) -> list[bytes]:
    """The elements one by one."""
    return [elements[at : at + ELEMENT_SIZE] for at in range(0, len(elements), ELEMENT_SIZE)]


def _hashed(label: bytes, identifier: bytes) -> bytes:
    if not 0 < len(identifier) <= MAX_INPUT_SIZE:
        raise AlignmentError("an identifier is 1 to 65,535 bytes")
    element = group().crypto_core_ristretto255_from_hash(expand(identifier, label))
    if element == IDENTITY:
        raise AlignmentError("an identifier maps to the identity")
    return element
