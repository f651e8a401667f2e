"""Why a Paillier value was refused, as a type and a reason.

Owns the closed list of reasons. Refuses to carry values: a message names what is wrong in fixed
words, never the number that was wrong.
"""

from enum import StrEnum

from gateway.crypto.errors import CryptoError


class Reason(StrEnum):
    """What was wrong, for a caller who records it or chooses by it."""

    WRONG_TYPE = "wrong_type"
    MODULUS_LENGTH = "modulus_length"
    MODULUS_EVEN = "modulus_even"
    MODULUS_SMALL_FACTOR = "modulus_small_factor"
    MODULUS_POWER = "modulus_power"
    MODULUS_PRIME = "modulus_prime"
    MODULUS_SMOOTH = "modulus_smooth"
    PRIMES_DIFFER_FROM_MODULUS = "primes_differ_from_modulus"
    PRIMES_UNSAFE = "primes_unsafe"
    KEY_FORMAT = "key_format"
    PLAINTEXT_RANGE = "plaintext_range"
    PLAINTEXT_OVERFLOW = "plaintext_overflow"
    CIPHERTEXT_NOT_POSITIVE = "ciphertext_not_positive"
    CIPHERTEXT_TOO_LARGE = "ciphertext_too_large"
    CIPHERTEXT_NOT_INVERTIBLE = "ciphertext_not_invertible"
    EXPONENT = "exponent"
    NOTHING_TO_ADD = "nothing_to_add"
    OTHER_KEY = "other_key"
    RANDOMISER_SPENT = "randomiser_spent"
    OTHER_PROCESS = "other_process"
    STOCK_EMPTY = "stock_empty"
    STOCK_FULL = "stock_full"
    STOCK_WORN = "stock_worn"
    PACKING_SHAPE = "packing_shape"
    PACKING_VALUE = "packing_value"
    PACKING_TOO_WIDE = "packing_too_wide"
    PROOF_SHAPE = "proof_shape"
    PROOF_WRONG = "proof_wrong"


class PaillierError(CryptoError):
    """Base of the package's errors.

    Attributes:
        reason: what was wrong.
    """

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class PaillierKeyError(PaillierError):
    """A modulus, prime or key file is not one that this package works with."""


class PlaintextError(PaillierError):
    """A number is of the wrong type, or outside what the key can hold without wrapping."""


class CiphertextError(PaillierError):
    """A number is no ciphertext under this key."""


class RandomiserError(PaillierError):
    """A randomiser was spent before, is another key's, or there is none left."""


class PackingError(PaillierError):
    """Values do not fit the slots, or the slots do not fit the key."""


class ProofError(PaillierError):
    """A proof about a modulus is malformed, or does not verify."""
