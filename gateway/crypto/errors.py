"""The errors that every module of this package shares.

Owns the common base, so that a caller can refuse on any cryptographic failure with one clause.
Refuses to carry values: no message holds key material, plaintext or a personal value.
"""


class CryptoError(Exception):
    """Base of every error raised by `gateway.crypto`."""


class KeyMaterialError(CryptoError):
    """A key has the wrong length, encoding or value."""


class SignatureError(CryptoError):
    """No signature that the caller asked for verifies."""
