"""What workers and the committer say to each other: MessagePack, one list a batch.

Owns the shapes. An operation carries everything that its transaction needs and no personal value
in clear; a result is in the same place of the list as its operation.
"""

import msgspec

from gateway.domain.reasons import ErrorReason


class Operation(msgspec.Struct, frozen=True, array_like=True):
    """The base of all: one atomic step. ``event`` is a JSON object without its time."""

    event: bytes
    subject_id: bytes


class Intend(Operation, frozen=True, tag="i"):
    """Append an intent, and reserve the request id for these bytes."""

    event_id: str
    institution: str
    request_id: str
    body_digest: bytes


class Release(Operation, frozen=True, tag="r"):
    """Read consent, status and limits again, count the use, append, close the intent."""

    intent_id: str
    institution: str
    request_id: str
    consent_id: str
    rule: str
    subject_limit: int
    subject_window: int  # seconds
    recipient_limit: int
    recipient_window: int  # seconds


class Append(Operation, frozen=True, tag="a"):
    """Append an event that changes nothing else; closes ``intent_id`` if it is not empty."""

    intent_id: str


class Grant(Operation, frozen=True, tag="g"):
    """Store a consent, and its subject if new; a no-op for the same artefact again."""

    lookup: bytes
    kek_id: str
    wrapped_key: bytes
    sealed_secret: bytes
    consent_id: str
    terms: bytes
    key_id: str
    signature: bytes
    artefact_digest: bytes
    sealed_artefact: bytes


class Change(Operation, frozen=True, tag="c"):
    """Take a consent through one transition of its lifecycle."""

    consent_id: str
    transition: str


AnyOperation = Intend | Release | Append | Grant | Change


class Done(msgspec.Struct, frozen=True, array_like=True, tag="d"):
    """The operation is durable. ``log_index`` is its event's; ``repeat``: no second effect."""

    log_index: int
    repeat: bool = False


class Not(msgspec.Struct, frozen=True, array_like=True, tag="n"):
    """The operation had no effect, for this reason."""

    reason: ErrorReason


class Again(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """What the operation was built from has changed meanwhile: read again and build it anew."""


Result = Done | Not | Again
