"""What the combiner's process is asked, and what it answers.

Owns the form. Keys and ciphertexts travel as the bytes that they came in; a refusal travels as a
word, without what was refused.
"""

from __future__ import annotations

import msgspec

from gateway.domain.aggregate.question import AskerKey


class Scheme(msgspec.Struct, frozen=True, array_like=True):
    """A public key by its scheme and bytes."""

    name: str
    key: bytes


class CheckKey(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Check a key and its proof in a context."""

    key: AskerKey
    context: bytes


class CheckCiphertexts(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Check ciphertexts under a key that was checked before."""

    scheme: Scheme
    ciphertexts: bytes


class Combine(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Add up parts of one length, ciphertext by ciphertext, and randomise each sum anew."""

    scheme: Scheme
    parts: tuple[bytes, ...]


Work = CheckKey | CheckCiphertexts | Combine


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """The sums, or nothing; ``refused`` where something is not valid."""

    ciphertexts: bytes = b""
    refused: bool = False
