"""Tags of values for the composition guard, under the subject's own secret.

Owns what a tag is keyed by: subject and recipient, so that equal values in different fields meet
and those of two recipients or subjects never do. The store alone, where secrets are sealed, lets
nobody try values against tags, and a destroyed secret leaves them meaningless.
"""

import hmac
from typing import Final

from gateway.crypto.keyed import length_prefixed
from gateway.domain.deid.composition import ValueTag
from gateway.domain.subject import Subject

_LABEL: Final = b"veilgate shown v1"
_TAG_BYTES: Final = 16


class KeyedValueTags:
    """Implements ``ValueTags``."""

    def bound(self, recipient: str, subject: Subject) -> ValueTag:
        """Return the function from a value's one spelling to its tag of 16 bytes."""
        begin, secret = length_prefixed(_LABEL, recipient.encode()), subject.secret

        def value_tag(value: str) -> bytes:
            # The value stands last, after parts of known length: no two lists give the same bytes.
            return hmac.digest(secret, begin + value.encode(), "sha256")[:_TAG_BYTES]

        return value_tag
