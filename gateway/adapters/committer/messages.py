"""What workers and the committer say to each other: MessagePack, one list a batch.

Owns the shapes. An operation carries everything that its transaction needs and no personal value
in clear; a result is in the same place of the list as its operation.
"""

import msgspec

from gateway.adapters.committer.aggregates.messages import AggregateOperation
from gateway.adapters.committer.operation_base import Operation as Operation
from gateway.adapters.committer.operation_base import Rare as Rare
from gateway.domain.deid.composition import Shown
from gateway.domain.reasons import ErrorReason


class Intend(Operation, frozen=True, tag="i"):
    """Append an intent, and reserve the request id for these bytes."""

    event_id: str
    institution: str
    request_id: str
    body_digest: bytes
    via: str = ""
    """The gateway that carries the request, if one does: it must be active too."""


class Release(Operation, frozen=True, tag="r"):
    """Read consent, agreement, status, limits again, count the use, append, close the intent."""

    intent_id: str
    institution: str
    request_id: str
    consent_id: str
    rule: str
    subject_limit: int
    subject_window: int  # seconds
    recipient_limit: int
    recipient_window: int  # seconds
    agreement_id: str
    via: str = ""
    shown: tuple[tuple[int, Shown], ...] = ()
    """What the record shows of which value, each with its place among the record's values."""


class Append(Operation, frozen=True, tag="a"):
    """Append an event that changes nothing else; closes ``intent_id`` if it is not empty."""

    intent_id: str


class Grant(Operation, frozen=True, tag="g"):
    """Store a consent, and its subject if new; a no-op for the same artefact again."""

    lookup: bytes | None
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


class TakeQuota(Rare, frozen=True, tag="q"):
    """Take ``amount`` out of a window's ``limit``; ``Done.value`` is what is left."""

    scope: bytes
    window_s: int
    amount: int
    limit: int


class Enrol(Rare, frozen=True, tag="de"):
    """Add an institution to the Directory; the same request again is a no-op.

    ``by`` is the operator, empty for the partner file, which alone brings agreements along.
    Certificates are (fingerprint, end in Unix seconds, 0 if unknown).
    """

    by: str
    digest: bytes
    institution: str
    legal_group: str
    roles: str
    jurisdiction: str
    status: str
    certificates: tuple[tuple[str, int], ...]
    signing_keys: tuple[tuple[str, bytes], ...]
    agreements: tuple["NewAgreement", ...] = ()


class NewAgreement(msgspec.Struct, frozen=True, array_like=True):
    """An agreement's row; names are sorted and joined by a comma, times are Unix seconds."""

    id: str
    institution: str
    datasets: str
    purposes: str
    valid_from: int
    valid_until: int
    evidence_sha256: bytes


class ChangeCredentials(Rare, frozen=True, tag="dc"):
    """Add and retire credentials; ``Done.value`` is when the retired are refused, Unix seconds.

    ``signed_by`` is the key in use that signed it; it must be in use still.
    """

    by: str
    digest: bytes
    institution: str
    change_id: str
    signed_by: str
    certificates: tuple[tuple[str, int], ...]
    signing_keys: tuple[tuple[str, bytes], ...]
    retired_certificates: tuple[str, ...]
    retired_signing_keys: tuple[str, ...]
    overlap_s: int


class ChangeStatus(Rare, frozen=True, tag="ds"):
    """Suspend or reactivate an institution."""

    by: str
    institution: str
    transition: str


class AddAgreement(Rare, frozen=True, tag="da"):
    """Record an agreement; the same again is a no-op."""

    by: str
    digest: bytes
    agreement: NewAgreement


class EndAgreement(Rare, frozen=True, tag="dx"):
    """End an agreement now; again is a no-op."""

    by: str
    agreement_id: str


class Publish(Rare, frozen=True, tag="cp"):
    """Publish a checkpoint; ``Done.value`` is the size of the latest one. It has no event."""

    size: int
    root: bytes
    note: bytes


class AddCosignature(Rare, frozen=True, tag="cc"):
    """Put a verified signature line under the checkpoint of this size; it has no event.

    ``witness`` is the key's name and id, ``institution`` whose it is.
    """

    institution: str
    size: int
    witness: str
    line: str


class RequestReidentification(Rare, frozen=True, tag="rr"):
    """Store a request for tokens to be opened; the same again is a no-op."""

    institution: str
    id: str
    requester: str
    purpose: str
    digest: bytes
    tokens: int
    justification: str
    rule: str
    expires_at: int


class ApproveReidentification(Rare, frozen=True, tag="ra"):
    """Put a second person's approval under a request."""

    institution: str
    id: str
    approver: str
    digest: bytes


class UseReidentification(Rare, frozen=True, tag="ru"):
    """Use an approved request, once."""

    institution: str
    id: str
    requester: str
    digest: bytes


AnyOperation = (
    Intend
    | Release
    | Append
    | Grant
    | Change
    | TakeQuota
    | Enrol
    | ChangeCredentials
    | ChangeStatus
    | AddAgreement
    | EndAgreement
    | Publish
    | AddCosignature
    | RequestReidentification
    | ApproveReidentification
    | UseReidentification
    | AggregateOperation
)


class Done(msgspec.Struct, frozen=True, array_like=True, tag="d"):
    """The operation is durable. ``log_index`` is its event's; ``repeat``: no second effect.

    ``value`` is what a rare operation hands back.
    """

    log_index: int
    repeat: bool = False
    value: int = 0


class Not(msgspec.Struct, frozen=True, array_like=True, tag="n"):
    """The operation had no effect, for this reason; ``element`` is what stands in the way."""

    reason: ErrorReason
    element: str = ""


class Again(msgspec.Struct, frozen=True, array_like=True, tag="a"):
    """What the operation was built from has changed meanwhile: read again and build it anew."""


class Tighten(msgspec.Struct, frozen=True, array_like=True, tag="t"):
    """The release had no effect: of the values in these places too much would have been shown."""

    at: tuple[int, ...]


class Instead(msgspec.Struct, frozen=True):
    """A step ended with this result, and with this event in the log in place of its own."""

    event: bytes
    result: Not


Result = Done | Not | Again | Tighten
