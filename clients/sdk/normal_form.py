"""The normal form of an identifier, as the gateway brings it to.

Owns the same rules as the gateway, for those who blind an identifier before the gateway could: a
reference of another spelling would be another person's. Refuses what is no identifier of its type,
and to put it into an error.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from clients.sdk.failure import RequestError
from clients.sdk.subject import MAX_SUBJECT_LENGTH
from clients.sdk.vocabulary import IdentifierType

_SEPARATORS: Final = re.compile(r"[\s\-–—·.]")
_FORMS: Final = {
    IdentifierType.CN_RESIDENT_ID: re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII),
    # Areas, groups and serials that were never issued are left out.
    IdentifierType.US_SSN: re.compile(
        r"(?!000|666)[0-9]{3}(?!00)[0-9]{2}(?!0000)[0-9]{4}", re.ASCII
    ),
}
# ISO 7064 MOD 11-2, as GB 11643-1999 uses it.
_WEIGHTS: Final = tuple(pow(2, 17 - place, 11) for place in range(17))
_CHECKS: Final = "10X98765432"


def normal_form(kind: IdentifierType, raw: str) -> str:
    """The identifier without separators, in ASCII digits and upper case.

    Raises:
        RequestError: it is no identifier of this type; the message does not show it.
    """
    value = _SEPARATORS.sub("", unicodedata.normalize("NFKC", raw)).upper()
    if (
        len(raw) > MAX_SUBJECT_LENGTH
        or not _FORMS[kind].fullmatch(value)
        or not _sound(kind, value)
    ):
        raise RequestError(
            f"the subject is not a valid {kind.value}", "Check its digits and its check character."
        )
    return value


def encoded_identifier(kind: IdentifierType, raw: str) -> bytes:
    """What a reference is computed over: the type's name, a bar, the normal form.

    Raises:
        RequestError: as `normal_form`.
    """
    return f"{kind.value}|{normal_form(kind, raw)}".encode()


def _sound(kind: IdentifierType, value: str) -> bool:
    if kind is not IdentifierType.CN_RESIDENT_ID:
        return True
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, value, strict=False))
    return _CHECKS[total % 11] == value[17]
