"""The alignment's long lists, spread over worker processes.

Owns cutting lists into pieces. A party's scalar goes to its own processes over their pipes, and
nowhere else. Refuses what `alignment` refuses; an element or identifier that is there twice is
looked for in the whole list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.crypto.alignment import AlignmentError, AlignmentKey, require_elements, split
from gateway.crypto.ristretto import ELEMENT_SIZE
from gateway.crypto.workers import Workers

_PIECE = 2048


def blinded(key: AlignmentKey, kind: str, identifiers: Sequence[bytes], workers: Workers) -> bytes:
    """H(id)^a for each identifier, as `AlignmentKey.blind`.

    Raises:
        AlignmentError: as there.
    """
    if len(set(identifiers)) != len(identifiers):
        raise AlignmentError("an identifier occurs twice")
    scalar = key.to_bytes()
    pieces = ((scalar, kind, tuple(identifiers[at : at + _PIECE])) for at in _cuts(identifiers))
    return b"".join(workers.map(_blind, pieces))


def raised(key: AlignmentKey, elements: bytes, workers: Workers) -> bytes:
    """Checked elements raised to a key, as `AlignmentKey.raise_all`."""
    scalar = key.to_bytes()
    return b"".join(workers.map(_raise, ((scalar, piece) for piece in _pieces(elements))))


def checked(elements: bytes, count: int, workers: Workers) -> None:
    """Check a list from the other party, as `require_elements`.

    Raises:
        AlignmentError: as there.
    """
    if len(elements) != count * ELEMENT_SIZE:
        raise AlignmentError("there are not as many elements as declared")
    if len(set(split(elements))) != count:
        raise AlignmentError("an element occurs twice")
    for _ in workers.map(_check, _pieces(elements)):
        pass


def _blind(piece: tuple[bytes, str, tuple[bytes, ...]]) -> bytes:
    scalar, kind, identifiers = piece
    return AlignmentKey(scalar).blind(kind, identifiers)


def _raise(piece: tuple[bytes, bytes]) -> bytes:
    scalar, elements = piece
    return AlignmentKey(scalar).raise_all(elements)


def _check(piece: bytes) -> None:
    require_elements(piece, len(piece) // ELEMENT_SIZE)


def _cuts(identifiers: Sequence[bytes]) -> range:
    return range(0, len(identifiers), _PIECE)


def _pieces(elements: bytes) -> Iterator[bytes]:
    step = _PIECE * ELEMENT_SIZE
    return (elements[at : at + step] for at in range(0, len(elements), step))
