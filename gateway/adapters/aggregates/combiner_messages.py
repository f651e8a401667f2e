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


class Prove(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Prove that all that was released is what was added up, randomised by these."""

    scheme: Scheme
    context: bytes
    products: bytes
    released: bytes
    randomisers: bytes


Work = CheckKey | CheckCiphertexts | Combine | Prove


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """Sums as they were added up, as they are released, and what was added to randomise them.

    Or a proof; or nothing; ``refused`` where something is not valid.
    """

    products: bytes = b""
    released: bytes = b""
    randomisers: bytes = b""
    proof: bytes = b""
    refused: bool = False
