"""Proofs that two lists of elements differ by one secret factor (RFC 9497, section 2.2).

Owns the proof that a batch was evaluated with the key whose public element the client knows.
Refuses empty batches, batches above 1,000 elements, and lists of different lengths. The elements
are taken to be checked: see `oprf_suite.require_element`.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from functools import reduce
from hashlib import sha512

from gateway.crypto.oprf_suite import (
    CONTEXT,
    OprfError,
    hash_to_scalar,
    multiply,
    prefixed,
    require_element,
    require_scalar,
)
from gateway.crypto.ristretto import SCALAR_SIZE, group

PROOF_SIZE = 2 * SCALAR_SIZE
MAX_BATCH = 1000
"""Elements under one proof: some 0.1 s of a server's and 0.3 s of a client's processor."""


def require_batch(*lists: Sequence[bytes]) -> None:
    """Check that the lists are of one length, 1 to 1,000.

    Raises:
        OprfError: they are not.
    """
    if len({len(values) for values in lists}) != 1:
        raise OprfError("an OPRF batch has one evaluated element for each blinded one")
    if not 1 <= len(lists[0]) <= MAX_BATCH:
        raise OprfError(f"an OPRF batch has 1 to {MAX_BATCH:,} elements")


def generate_proof(
    secret: bytes,
    public_key: bytes,
    blinded: Sequence[bytes],
    evaluated: Sequence[bytes],
    nonce: bytes | None = None,
) -> bytes:
    """GenerateProof: 64 bytes which show that each evaluated element is `secret` times its other.

    Args:
        secret: the key's scalar, 32 bytes.
        public_key: the key's element.
        blinded: the elements that came in.
        evaluated: the elements that go out, in the same order.
        nonce: a scalar that is used once; a random one where it is left out. Two proofs with one
            nonce give the key away: only published vectors pass it.

    Raises:
        OprfError: the batch has a wrong size, or the nonce is not a scalar.
    """
    require_batch(blinded, evaluated)
    fresh = group().crypto_core_ristretto255_scalar_random() if nonce is None else nonce
    require_scalar(fresh)
    # ComputeCompositesFast: with the key at hand, one composite is a multiple of the other.
    composite = _combine(_weights(public_key, blinded, evaluated), blinded)
    image = multiply(secret, composite)
    challenge = _challenge(
        public_key,
        composite,
        image,
        group().crypto_scalarmult_ristretto255_base(fresh),
        multiply(fresh, composite),
    )
    product = group().crypto_core_ristretto255_scalar_mul(challenge, secret)
    return challenge + group().crypto_core_ristretto255_scalar_sub(fresh, product)


def verify_proof(
    public_key: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes], proof: bytes
) -> None:
    """VerifyProof: check that one key, that of `public_key`, evaluated the whole batch.

    Raises:
        OprfError: the batch has a wrong size, an element, the key or a scalar of the proof is
            malformed, or the proof does not verify.
    """
    require_batch(blinded, evaluated)
    if len(proof) != PROOF_SIZE:
        raise OprfError("an OPRF proof is 64 bytes")
    challenge, response = proof[:SCALAR_SIZE], proof[SCALAR_SIZE:]
    require_scalar(challenge)
    require_scalar(response)
    for element in (public_key, *blinded, *evaluated):
        require_element(element)
    weights = list(_weights(public_key, blinded, evaluated))
    composite, image = _combine(weights, blinded), _combine(weights, evaluated)
    base = group().crypto_scalarmult_ristretto255_base(response)
    expected = _challenge(
        public_key,
        composite,
        image,
        _add(base, multiply(challenge, public_key)),
        _add(multiply(response, composite), multiply(challenge, image)),
    )
    if not hmac.compare_digest(expected, challenge):
        raise OprfError("the OPRF proof does not verify")


def _weights(
    public_key: bytes, blinded: Sequence[bytes], evaluated: Sequence[bytes]
) -> Iterator[bytes]:
    """The factors d_i of ComputeComposites: each depends on its pair, its place and the key."""
    seed = prefixed(sha512(prefixed(public_key, b"Seed-" + CONTEXT)).digest())
    for place, pair in enumerate(zip(blinded, evaluated, strict=True)):
        yield hash_to_scalar(seed + place.to_bytes(2, "big") + prefixed(*pair) + b"Composite")


def _combine(weights: Iterator[bytes] | Sequence[bytes], elements: Sequence[bytes]) -> bytes:
    return reduce(_add, map(multiply, weights, elements))


def _add(left: bytes, right: bytes) -> bytes:
    return group().crypto_core_ristretto255_add(left, right)


def _challenge(*elements: bytes) -> bytes:
    return hash_to_scalar(prefixed(*elements) + b"Challenge")
