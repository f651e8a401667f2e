"""The client's side of VOPRF(ristretto255, SHA-512): blinding and finalising (RFC 9497, 3.3.2).

Owns what a holder of identifiers does so that the holder of the key learns nothing of them.
Refuses to give an output before the proof over the whole batch has verified, and to print a
message or the scalar that blinds it. A blinded message is for one request: sent twice, the two
requests are seen to be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.crypto.oprf_proof import verify_proof
from gateway.crypto.oprf_suite import hash_to_group, multiply, output, require_scalar
from gateway.crypto.ristretto import group

__all__ = ["Blinded", "blind", "finalize_batch"]


@dataclass(frozen=True, slots=True, eq=False)
class Blinded:
    """A message of at most 65,535 bytes, its secret scalar, and `element` (32 bytes) to be sent.

    The element follows from the two and cannot be set. Without the scalar it is a uniform
    element, whatever the message: it says nothing of it, to anybody, ever.

    Raises:
        OprfError: the message is too long, or the scalar zero or out of range.
    """

    scalar: bytes = field(repr=False)
    message: bytes = field(repr=False)
    element: bytes = field(init=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out, and blind."""
        require_scalar(self.scalar)
        object.__setattr__(self, "element", multiply(self.scalar, hash_to_group(self.message)))


def blind(message: bytes, scalar: bytes | None = None) -> Blinded:
    """Blind of RFC 9497, section 3.3.1: with a fresh random scalar where none is given.

    Raises:
        OprfError: the message exceeds 65,535 bytes, or the scalar is zero or out of range.
    """
    if scalar is None:
        scalar = group().crypto_core_ristretto255_scalar_random()
    return Blinded(scalar, message)


def finalize_batch(
    blinded: Sequence[Blinded], evaluated: Sequence[bytes], proof: bytes, public_key: bytes
) -> tuple[bytes, ...]:
    """Finalize of RFC 9497, section 3.3.2, for a batch: the outputs (64 bytes each), in order.

    Args:
        blinded: what was sent, 1 to 1,000.
        evaluated: the server's elements, in the same order.
        proof: the server's 64 bytes over the whole batch.
        public_key: the server's element, obtained out of band: a key that comes with the answer
            lets the server use another one for each client, and so tell them apart.

    Raises:
        OprfError: counts differ, something is malformed, or the proof does not verify; then
            there is no output, not even of the elements that were right.
    """
    verify_proof(public_key, [b.element for b in blinded], evaluated, proof)
    inverses = _inverses([b.scalar for b in blinded])
    return tuple(
        output(b.message, multiply(inverse, element))
        for b, inverse, element in zip(blinded, inverses, evaluated, strict=True)
    )


def _inverses(scalars: Sequence[bytes]) -> list[bytes]:
    """The inverse of each scalar, none of them zero, with one inversion and 3 products a scalar.

    Montgomery's trick: an inversion costs as much as fifty products. It does the same operations
    for every value.
    """
    times = group().crypto_core_ristretto255_scalar_mul
    products = [scalars[0]]
    for scalar in scalars[1:]:
        products.append(times(products[-1], scalar))
    inverse = group().crypto_core_ristretto255_scalar_invert(products[-1])
    inverses = []
    for scalar, before in zip(scalars[:0:-1], products[-2::-1], strict=True):
        inverses.append(times(inverse, before))
        inverse = times(inverse, scalar)
    return [inverse, *reversed(inverses)]
