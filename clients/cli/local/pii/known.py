"""The subject's own values as a line of JSON gives them: ``{"name": ..., "phone": [...]}``.

Owns the plain names beside the types of the detector. Refuses what is neither, so that a misspelt
name is told and not passed over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gateway.application.ports.detection import KnownValue

_NAMES: Final = {
    "name": "PERSON",
    "person": "PERSON",
    "pinyin": "PERSON",
    "phone": "PHONE_NUMBER",
    "mobile": "CN_MOBILE_NUMBER",
    "resident_id": "CN_RESIDENT_ID",
    "id_number": "CN_RESIDENT_ID",
    "ssn": "US_SSN",
    "card": "CN_BANK_CARD",
    "bank_card": "CN_BANK_CARD",
    "credit_card": "CREDIT_CARD",
    "account": "CN_BANK_ACCOUNT",
    "passport": "CN_PASSPORT",
    "plate": "CN_VEHICLE_PLATE",
    "email": "EMAIL_ADDRESS",
    "wechat": "WECHAT_ID",
    "qq": "QQ_NUMBER",
    "address": "CN_ADDRESS",
    "employer": "ORGANIZATION",
    "organization": "ORGANIZATION",
    "birth_date": "DATE_OF_BIRTH",
    "date_of_birth": "DATE_OF_BIRTH",
}


class KnownError(ValueError):
    """`known` cannot be read. The text holds none of the values."""


def known_values(known: object) -> tuple[KnownValue, ...]:
    """Return the values; none for None.

    Raises:
        KnownError: it is no object, a name is not known, or a value cannot be searched for.
    """
    if known is None:
        return ()
    if not isinstance(known, dict):
        raise KnownError("`known` is an object")
    return tuple(_values(known))


def _values(known: dict[object, object]) -> Iterator[KnownValue]:
    for name, given in known.items():
        type_ = _NAMES.get(str(name), str(name))
        for value in given if isinstance(given, list) else [given]:
            if value is None or value == "":
                continue
            if not isinstance(value, str):
                raise KnownError("a value of `known` is a text or a list of texts")
            try:
                yield KnownValue(type_, value)
            except ValueError as error:
                raise KnownError(f"`known`: {error}") from None
