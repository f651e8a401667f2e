"""VOPRF(ristretto255, SHA-512) of RFC 9497, by the holder of the key.

Owns the keys, the output that a subject is known by, and the evaluation of elements that clients
have blinded, with its proof. Refuses to be used as a general hash (inputs have a bound), to
evaluate anything of a batch in which one element is malformed, and to print a key. The client's
side is `oprf_client`; what runs in constant time is said in `oprf_suite`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.crypto.errors import KeyMaterialError
from gateway.crypto.oprf_proof import MAX_BATCH, PROOF_SIZE, generate_proof, require_batch
from gateway.crypto.oprf_suite import (
    CONTEXT,
    MAX_INPUT_SIZE,
    OUTPUT_SIZE,
    OprfError,
    expand,
    hash_to_group,
    multiply,
    output,
    prefixed,
    reduce_scalar,
    require_element,
)
from gateway.crypto.ristretto import ORDER, SCALAR_SIZE, group

__all__ = [
    "MAX_BATCH",
    "MAX_INPUT_SIZE",
    "OUTPUT_SIZE",
    "PROOF_SIZE",
    "SEED_SIZE",
    "OprfError",
    "OprfKeyPair",
    "OprfSecretKey",
    "blind_evaluate_batch",
    "derive_key_pair",
    "evaluate",
]

SEED_SIZE = 32


@dataclass(frozen=True, slots=True, eq=False)
class OprfSecretKey:
    """A non-zero scalar, 32 bytes little-endian, below the group's order.

    Raises:
        KeyMaterialError: it is not.
    """

    scalar: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        if len(self.scalar) != SCALAR_SIZE:
            raise KeyMaterialError("an OPRF key is 32 bytes")
        if not 0 < int.from_bytes(self.scalar, "little") < ORDER:
            raise KeyMaterialError("an OPRF key is a non-zero scalar of the group")


@dataclass(frozen=True, slots=True, eq=False)
class OprfKeyPair:
    """A secret key and its public element (32 bytes).

    Raises:
        KeyMaterialError: the element is another key's.
    """

    secret_key: OprfSecretKey
    public_key: bytes

    def __post_init__(self) -> None:
        """Refuse what the class rules out."""
        # A proof under an element that is not the secret's would be an equation about the secret.
        if group().crypto_scalarmult_ristretto255_base(self.secret_key.scalar) != self.public_key:
            raise KeyMaterialError("the OPRF public key is not that of the secret key")


def derive_key_pair(seed: bytes, info: bytes) -> OprfKeyPair:
    """DeriveKeyPair of RFC 9497, section 3.2.1, in mode VOPRF.

    Raises:
        KeyMaterialError: the seed is not 32 bytes, `info` exceeds 65,535, or (with a
            probability below 2**-60000) no scalar is found.
    """
    if len(seed) != SEED_SIZE or len(info) > MAX_INPUT_SIZE:
        raise KeyMaterialError("an OPRF seed is 32 bytes and its info at most 65,535")
    message = seed + prefixed(info)
    for counter in range(256):
        scalar = reduce_scalar(expand(message + bytes([counter]), b"DeriveKeyPair" + CONTEXT))
        if any(scalar):
            public = group().crypto_scalarmult_ristretto255_base(scalar)
            return OprfKeyPair(OprfSecretKey(scalar), public)
    raise KeyMaterialError("the seed gives no OPRF key")


def evaluate(secret_key: OprfSecretKey, message: bytes) -> bytes:
    """Evaluate of RFC 9497, section 3.3.1, in mode VOPRF: 64 bytes.

    Raises:
        OprfError: the input exceeds 65,535 bytes, or maps to the identity (which nobody can
            bring about).
    """
    return output(message, multiply(secret_key.scalar, hash_to_group(message)))


def blind_evaluate_batch(
    key_pair: OprfKeyPair, elements: Sequence[bytes]
) -> tuple[tuple[bytes, ...], bytes]:
    """BlindEvaluate of RFC 9497, section 3.3.2, for 1 to 1,000 elements under one proof.

    Returns:
        the evaluated elements (32 bytes each), in order, and the proof (64 bytes).

    Raises:
        OprfError: the batch is empty or too long, or an element is malformed or the identity;
            then none is evaluated.
    """
    require_batch(elements)
    for element in elements:
        require_element(element)
    secret = key_pair.secret_key.scalar
    evaluated = tuple(multiply(secret, element) for element in elements)
    return evaluated, generate_proof(secret, key_pair.public_key, elements, evaluated)
