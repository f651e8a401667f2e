"""The group of secp256k1 (SEC 2, version 2, section 2.4.1), from the libsecp256k1 in coincurve.

Owns the checks that every point from outside passes, and the few operations on points and scalars
that this package needs. Refuses uncompressed and hybrid encodings, infinity, coordinates that are
not reduced, and points off the curve. The curve's order is a prime: there is no small subgroup.

A `Point` is the library's own form of 64 bytes. It is never stored or sent: `encode` gives the 33
bytes that are. Only what this module returns may be passed as a point, for the library ends the
process when it is given another 64 bytes.

The library is called without coincurve's own classes: they make an object of every point, which
halves the speed of sums, and their multiplication does not look at what the library answers.

Assumption: the discrete logarithm on secp256k1 is hard, some 2^128 operations. What runs in
constant time: `base`. What does not: `multiply` and `combine`, whose time (and whose accesses to
tables) can depend on the scalar; who can measure that on the same processor is out of the model.
"""

from __future__ import annotations

import secrets
import threading
from array import array
from collections.abc import Sequence
from typing import Any, NewType

from coincurve._libsecp256k1 import ffi, lib
from coincurve.context import GLOBAL_CONTEXT

from gateway.crypto.elgamal.errors import ElGamalError, Refusal

Point = NewType("Point", bytes)

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
FIELD = 2**256 - 2**32 - 977
POINT_SIZE = 33
SCALAR_SIZE = 32
_RAW_SIZE = 64
_CHUNK = 2048
"""Points that are summed at a time: 128 KiB, which stay in a processor's second cache."""
_CONTEXT = GLOBAL_CONTEXT.ctx
_COMPRESSED = lib.SECP256K1_EC_COMPRESSED
_UNCOMPRESSED = lib.SECP256K1_EC_UNCOMPRESSED


def decode(encoded: bytes) -> Point:
    """Check 33 bytes from outside: two squarings' worth of work, some 5 us, whatever they hold.

    Raises:
        ElGamalError: they do not encode a point other than infinity in compressed form.
    """
    if len(encoded) != POINT_SIZE:
        raise ElGamalError(Refusal.WRONG_LENGTH)
    if encoded[0] not in (2, 3):
        raise ElGamalError(Refusal.NOT_COMPRESSED)
    if int.from_bytes(encoded[1:], "big") >= FIELD:
        raise ElGamalError(Refusal.COORDINATE_TOO_LARGE)
    point = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_parse(_CONTEXT, point, encoded, POINT_SIZE):
        raise ElGamalError(Refusal.NOT_ON_CURVE)
    return _raw(point)


def encode(point: Point) -> bytes:
    """The 33 bytes of a point."""
    return _serialise(point, POINT_SIZE, _COMPRESSED)


def coordinates(point: Point) -> tuple[int, int]:
    """The affine x and y of a point."""
    encoded = _serialise(point, 65, _UNCOMPRESSED)
    return int.from_bytes(encoded[1:33], "big"), int.from_bytes(encoded[33:], "big")


def base(scalar: int) -> Point:
    """The generator times a scalar in [1, ORDER), in constant time.

    Raises:
        ElGamalError: the scalar is out of range.
    """
    point = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_create(_CONTEXT, point, scalar_bytes(scalar)):
        raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
    return _raw(point)


def multiply(point: Point, scalar: int) -> Point:
    """A point times a scalar in [1, ORDER), not in constant time.

    Raises:
        ElGamalError: the scalar is out of range.
    """
    product = ffi.new("secp256k1_pubkey *")
    ffi.buffer(product)[:] = point
    if not lib.secp256k1_ec_pubkey_tweak_mul(_CONTEXT, product, scalar_bytes(scalar)):
        raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
    return _raw(product)


def multiply_secret(point: Point, scalar: int) -> Point:
    """A foreign point times a long-lived scalar, which is split anew at random for each call.

    Each half is uniform, so that measuring many products tells nothing about the scalar; what one
    single product shows of both halves at once is the risk that stays.

    Raises:
        ElGamalError: the scalar is out of range.
    """
    while True:
        share = random_scalar()
        rest = (scalar - share) % ORDER
        if rest:
            return add(multiply(point, share), multiply(point, rest))


def negate(point: Point) -> Point:
    """The inverse of a point."""
    opposite = ffi.new("secp256k1_pubkey *")
    ffi.buffer(opposite)[:] = point
    lib.secp256k1_ec_pubkey_negate(_CONTEXT, opposite)
    return _raw(opposite)


def add(left: Point, right: Point) -> Point:
    """The sum of two points.

    Raises:
        ElGamalError: it is infinity.
    """
    return combine((left, right))


def combine(points: Sequence[Point]) -> Point:
    """The sum of points, at less than half a microsecond a point.

    Raises:
        ElGamalError: there is none, or the sum is infinity.
    """
    if not points:
        raise ElGamalError(Refusal.EMPTY)
    rest = points
    while len(rest) > _CHUNK:
        # A part that is infinity drops out: what is refused is the whole sum only.
        parts = [_total(rest[at : at + _CHUNK]) for at in range(0, len(rest), _CHUNK)]
        rest = [part for part in parts if part is not None]
    total = _total(rest) if rest else None
    if total is None:
        raise ElGamalError(Refusal.INFINITY)
    return total


def combine_pointers(pointers: bytes | array[int], count: int) -> Point:
    """The sum of `count` points whose addresses stand behind each other in `pointers`.

    Raises:
        ElGamalError: it is infinity.
    """
    total = _combined(ffi.from_buffer("secp256k1_pubkey *[]", pointers), count)
    if total is None:
        raise ElGamalError(Refusal.INFINITY)
    return total


def address(points: bytes) -> int:
    """Where points stand in memory; whoever uses the address keeps `points` alive."""
    return int(ffi.cast("uintptr_t", ffi.from_buffer(points)))


def random_scalar() -> int:
    """A uniform scalar in [1, ORDER), from the operating system's random source."""
    return secrets.randbelow(ORDER - 1) + 1


def scalar_bytes(scalar: int) -> bytes:
    """The 32 bytes of a scalar.

    Raises:
        ElGamalError: the scalar is not in [1, ORDER).
    """
    if not 0 < scalar < ORDER:
        raise ElGamalError(Refusal.SCALAR_OUT_OF_RANGE)
    return scalar.to_bytes(SCALAR_SIZE, "big")


class _Room(threading.local):
    """Room for a chunk of points behind each other, one for each thread, and their addresses."""

    def __init__(self) -> None:
        self.points = ffi.new("secp256k1_pubkey[]", _CHUNK)
        self.view = ffi.buffer(self.points)
        first = int(ffi.cast("uintptr_t", self.points))
        addresses = array("Q", range(first, first + _CHUNK * _RAW_SIZE, _RAW_SIZE))
        self.pointers = ffi.from_buffer("secp256k1_pubkey *[]", addresses)


_room = _Room()


def _total(points: Sequence[Point]) -> Point | None:
    joined = b"".join(points)
    _room.view[: len(joined)] = joined
    return _combined(_room.pointers, len(points))


def _combined(pointers: Any, count: int) -> Point | None:
    total = ffi.new("secp256k1_pubkey *")
    if not lib.secp256k1_ec_pubkey_combine(_CONTEXT, total, pointers, count):
        return None
    return _raw(total)


def _raw(point: Any) -> Point:
    return Point(bytes(ffi.buffer(point)))


def _serialise(point: Point, size: int, form: int) -> bytes:
    encoded, length = ffi.new("unsigned char[]", size), ffi.new("size_t *", size)
    source = ffi.from_buffer("secp256k1_pubkey[]", point)
    lib.secp256k1_ec_pubkey_serialize(_CONTEXT, encoded, length, source, form)
    return bytes(ffi.buffer(encoded))
