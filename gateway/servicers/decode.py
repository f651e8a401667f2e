"""From messages to domain values, field by field.

Owns the checks of single fields and the paths that name them. Refuses a value by its field's path
and a fixed sentence; what the caller sent is never repeated.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from gateway.domain.policy.decision import Ask
from gateway.domain.subject import (
    InvalidIdentifier,
    SubjectIdentifier,
    SubjectKey,
    SubjectReference,
    normalise,
)
from gateway.domain.vocabulary import IdentifierType
from veilgate.v1 import consent_pb2, exchange_pb2, subject_pb2

MAX_FIELDS: Final = 400
REFERENCE_BYTES: Final = 64
_KEY_VERSION: Final = re.compile(r"[a-z0-9]{1,16}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)
_DOTTED: Final = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*", re.ASCII)
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)
_NUMBER: Final = re.compile(r"[0-9]{7}", re.ASCII)
_INSTITUTION: Final = re.compile(r"[a-z0-9][a-z0-9-]{1,62}", re.ASCII)
_KEY_ID: Final = re.compile(r"[a-z0-9.-]{1,63}", re.ASCII)
_IDENTIFIER_TYPES: Final = {
    subject_pb2.IDENTIFIER_TYPE_CN_RESIDENT_ID: IdentifierType.CN_RESIDENT_ID,
    subject_pb2.IDENTIFIER_TYPE_US_SSN: IdentifierType.US_SSN,
}


class InvalidField(Exception):
    """A field is missing or malformed: its path, and a fixed sentence that says what is wanted."""

    def __init__(self, path: str, wanted: str) -> None:
        """Name the field and what it should be."""
        super().__init__(f"{path}: {wanted}")
        self.path = path
        self.wanted = wanted


def uuid(value: str, path: str) -> str:
    """Return a lower-case UUID in its usual form."""
    if _UUID.fullmatch(value) is None:
        raise InvalidField(path, "must be a UUID in lower case with hyphens")
    return value


def optional_uuid(value: str, path: str) -> str:
    """Return a UUID or the empty string."""
    return uuid(value, path) if value else ""


def dotted_name(value: str, path: str) -> str:
    """Return the name of a dataset or purpose."""
    return _dotted_name(value, path)


# The same few names come with every call; a refusal is not remembered.
@lru_cache(maxsize=1024)
def _dotted_name(value: str, path: str) -> str:
    _no_number(value, path)
    if len(value) > 96 or _DOTTED.fullmatch(value) is None:
        raise InvalidField(path, "must be a dotted lower-case name of at most 96 characters")
    return value


def institution_id(value: str, path: str) -> str:
    """Return an institution's id."""
    _no_number(value, path)
    if _INSTITUTION.fullmatch(value) is None:
        raise InvalidField(path, "must be an institution id: a-z, 0-9 and hyphens, 2 to 63")
    return value


def key_id(value: str, path: str) -> str:
    """Return the id of a signing key."""
    _no_number(value, path)
    if _KEY_ID.fullmatch(value) is None:
        raise InvalidField(path, "must be a key id: a-z, 0-9, hyphens and dots, 1 to 63")
    return value


def names(values: Iterable[str], path: str, most: int = MAX_FIELDS) -> frozenset[str]:
    """Return field or category names; refuses duplicates, so that a count means what it says."""
    return _names(tuple(values), path, most)


# Callers repeat the same few lists; a refusal is not remembered.
@lru_cache(maxsize=256)
def _names(listed: tuple[str, ...], path: str, most: int) -> frozenset[str]:
    if len(listed) > most:
        raise InvalidField(path, f"must have at most {most} entries")
    for at, value in enumerate(listed):
        _no_number(value, f"{path}[{at}]")
        if _NAME.fullmatch(value) is None:
            raise InvalidField(f"{path}[{at}]", "must be a lower-case name")
    found = frozenset(listed)
    if len(found) != len(listed):
        raise InvalidField(path, "must not name anything twice")
    return found


def _no_number(value: str, path: str) -> None:
    """Refuse a name that could be somebody's number: names are stored and logged in clear."""
    if _NUMBER.search(value) is not None:
        raise InvalidField(path, "must be a name, without a number of seven digits or more")


def subject_key(
    message: exchange_pb2.GetRecordRequest
    | exchange_pb2.ExplainAccessRequest
    | consent_pb2.ConsentArtefact,
    path: str = "",
) -> SubjectKey:
    """Return how the message names its subject; ``path`` is what stands before its fields."""
    if not message.HasField("subject_reference"):
        return subject(message.subject, f"{path}subject")
    if message.HasField("subject"):
        raise InvalidField(f"{path}subject", "or subject_reference must be set, not both")
    return subject_reference(message.subject_reference, f"{path}subject_reference")


def subject_reference(message: subject_pb2.SubjectReference, path: str) -> SubjectReference:
    """Return a reference that was made by evaluation."""
    if _KEY_VERSION.fullmatch(message.key_version) is None:
        raise InvalidField(f"{path}.key_version", "must be a version of 1 to 16 letters and digits")
    if len(message.value) != REFERENCE_BYTES:
        raise InvalidField(f"{path}.value", f"must be {REFERENCE_BYTES} bytes")
    return SubjectReference(message.key_version, message.value)


def subject(message: subject_pb2.SubjectIdentifier, path: str) -> SubjectIdentifier:
    """Return the normalised identifier."""
    kind = _IDENTIFIER_TYPES.get(message.type)
    if kind is None:
        raise InvalidField(f"{path}.type", "must be a known identifier type")
    try:
        return normalise(kind, message.value)
    except InvalidIdentifier:
        raise InvalidField(f"{path}.value", "is not a valid identifier of its type") from None


def ask(request: exchange_pb2.GetRecordRequest | exchange_pb2.ExplainAccessRequest) -> Ask:
    """Return what is asked for."""
    return Ask(
        dotted_name(request.purpose, "purpose"),
        dotted_name(request.dataset, "dataset"),
        names(request.fields, "fields") if request.fields else frozenset(),
    )
