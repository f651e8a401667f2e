"""Why a value was refused by the encryption on secp256k1.

Owns the reasons, so that a caller can record one without reading a message. Refuses to carry
values: neither a point, nor a scalar, nor what was encrypted stands in an error.
"""

from __future__ import annotations

from enum import StrEnum

from gateway.crypto.errors import CryptoError


class Refusal(StrEnum):
    """What was wrong with a value from outside."""

    WRONG_LENGTH = "wrong_length"
    NOT_COMPRESSED = "not_compressed"
    """A prefix other than 02 and 03: uncompressed, hybrid or infinity."""
    COORDINATE_TOO_LARGE = "coordinate_too_large"
    NOT_ON_CURVE = "not_on_curve"
    INFINITY = "infinity"
    """A sum became the point at infinity, which has no encoding."""
    SCALAR_OUT_OF_RANGE = "scalar_out_of_range"
    OUT_OF_BOUND = "out_of_bound"
    """A plaintext lies outside the declared range."""
    BAD_BOUND = "bad_bound"
    """The declared range itself is empty or too wide."""
    PROOF_FAILED = "proof_failed"
    EMPTY = "empty"
    NOT_A_BIT = "not_a_bit"


class ElGamalError(CryptoError):
    """A point, ciphertext, key, proof or bound was refused; `reason` says why."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(f"refused: {reason.value}")
        self.reason = reason
