"""Scoped references: what a provider indexes its data by instead of an identifier.

Owns the step from an OPRF output to a reference of one scope, the id of the institution that keeps
the index. Refuses outputs and scopes of another form. Two scopes' references of one subject are
unrelated to whoever has no output, so two providers' indexes cannot be joined, nor matched with
what a lender was given. Whoever has an output makes the references of every scope: it is secret,
is dropped once the reference is made, and is not what travels or is stored. The holder of the OPRF
key can evaluate any identifier that it guesses, and so its references: no other party can, without
asking it for each guess.
"""

from __future__ import annotations

from gateway.crypto.errors import CryptoError
from gateway.crypto.keyed import tag
from gateway.crypto.oprf_suite import OUTPUT_SIZE

REFERENCE_SIZE = 32
MAX_SCOPE_SIZE = 255
"""Bytes of UTF-8."""

_LABEL = b"veilgate reference v1"


class ScopeError(CryptoError):
    """The output or the scope is not one that a reference is made of."""


def scoped_reference(output: bytes, scope: str) -> bytes:
    """HMAC-SHA256 keyed with the OPRF output over the label and the scope; 32 bytes.

    The label is ``veilgate reference v1``; each of the two stands after its length as 8 big-endian
    bytes, the scope in UTF-8.

    Args:
        output: 64 bytes, from `oprf.evaluate` or `oprf_client.finalize_batch`.
        scope: the institution id of the provider, 1 to 255 bytes.

    Raises:
        ScopeError: the output is not 64 bytes, or the scope is empty, too long or not Unicode.
    """
    if len(output) != OUTPUT_SIZE:
        raise ScopeError("an OPRF output is 64 bytes")
    try:
        name = scope.encode()
    except UnicodeEncodeError:
        raise ScopeError("a scope is valid Unicode") from None
    if not 1 <= len(name) <= MAX_SCOPE_SIZE:
        raise ScopeError(f"a scope is 1 to {MAX_SCOPE_SIZE} bytes")
    return tag(output, _LABEL, name)
