"""What ties a binning's row to its consent: the leaf that the gateway's manifest has of it.

Owns the leaf and what opens it. The gateway makes one for each row, out of the tag by which the
bureau knows the consent's subject; the bureau opens the leaf of a row that it matched with the tag
of the person whom it matched. Where both are not one person's the leaf does not open: the lender
has put somebody else into the alignment than the one who consented.

What each party learns: the gateway that these consents are asked of, with their subjects, both of
which it knows; nothing of labels, matches and figures. The bureau, of a row that it matched, that a
consent of that very person stands behind it; of any other row nothing: a tag is the output of a
function whose key the gateway has, so a leaf cannot be tried against guesses but by having each
evaluated, which is counted, and tells no more than adding the guess to its own people would. Nor is
the consent's commitment of any use to it. The lender learns nothing: salts are drawn for a job, and
are not its.

Refuses bytes of another number. Knows no key: tags come from whoever has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

import msgspec

HASH: Final = 32
BINDING: Final = 3 * HASH
"""Bytes of what the bureau gets of a row: salt, the consent's commitment, the leaf."""
_ROW: Final = b"veilgate/binning-row/v1"
_CONSENT: Final = b"veilgate/binning-consent/v1"


class RowBinding(msgspec.Struct, frozen=True):
    """What the bureau gets of one row; the leaf is what stands in the manifest's root."""

    salt: bytes
    consent: bytes
    """The commitment to the consent and its version."""
    leaf: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "RowBinding(...)"

    def encoded(self) -> bytes:
        """Return 96 bytes."""
        return self.salt + self.consent + self.leaf

    def opens(self, tag: bytes) -> bool:
        """Return whether the row's consent is that of the person with this tag."""
        return row_leaf(self.salt, tag, self.consent) == self.leaf


def row_leaf(salt: bytes, tag: bytes, consent: bytes) -> bytes:
    """Return a row's leaf: of its salt, its subject's tag and its consent's commitment."""
    return _hashed(_ROW, salt, tag, consent)


def consent_version(salt: bytes, consent_id: str, version: bytes) -> bytes:
    """Return the commitment to a consent in one version: the digest of its signed artefact."""
    return _hashed(_CONSENT, salt, consent_id.encode(), version)


def bound(salt: bytes, tag: bytes, consent: bytes) -> RowBinding:
    """Return a row's binding."""
    return RowBinding(salt, consent, row_leaf(salt, tag, consent))


def binding_at(content: bytes, row: int) -> RowBinding:
    """Return one row of all rows' bytes; raises ``ValueError`` where it is not there."""
    at = row * BINDING
    if not 0 <= at <= len(content) - BINDING:
        raise ValueError("there is no such row")
    salt, consent, leaf = (content[at + part * HASH : at + (part + 1) * HASH] for part in range(3))
    return RowBinding(salt, consent, leaf)


def read_bindings(content: bytes) -> Iterator[RowBinding]:
    """Yield the rows of their bytes, in order; raises ``ValueError`` for a part of one."""
    if len(content) % BINDING:
        raise ValueError("a row's binding is cut off")
    return (binding_at(content, row) for row in range(len(content) // BINDING))


def _hashed(*parts: bytes) -> bytes:
    return sha256(b"".join(len(one).to_bytes(4, "big") + one for one in parts)).digest()
