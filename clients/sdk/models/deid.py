"""What the calls about free text return, as frozen values.

Owns the types. A masked text and a revealed value are not shown in a ``repr``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class KnownValue:
    """A value that the caller knows of the text's subject; ``type`` such as ``PERSON``."""

    type: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class PiiFinding:
    """Characters ``start`` to ``end`` (end excluded; code points) of a text are of ``type``.

    ``why`` says what decided the score (0 to 1); ``checked`` is the outcome of a check digit, None
    where the form has none.
    """

    type: str
    start: int
    end: int
    score: float
    recogniser: str
    pattern: str
    why: str
    checked: bool | None = None


@dataclass(frozen=True, slots=True)
class MaskedItem:
    """One masked value: where it stood in the text, and where it stands now."""

    type: str
    operator: str
    start: int
    end: int
    masked_start: int
    masked_end: int


@dataclass(frozen=True, slots=True)
class Deidentified:
    """A masked text, what was masked in it, and the policy that said how."""

    text: str = field(repr=False)
    items: tuple[MaskedItem, ...]
    policy_digest: str


@dataclass(frozen=True, slots=True)
class TextRefused:
    """Why one text of a stream has no answer; the others have theirs."""

    reason: str
    field: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class ReidentificationAsked:
    """A request that now waits for a second person, until ``expires_at``."""

    request_id: str
    rule: str
    event_id: str
    log_index: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Reidentification:
    """A request as the institution's people see it; ``state`` requested, approved, used, expired.

    ``digest`` is what an approver approves. The justification is masked.
    """

    request_id: str
    requester: str
    purpose: str
    tokens: int
    justification: str
    digest: bytes
    rule: str
    state: str
    requested_at: datetime
    expires_at: datetime
    approver: str


@dataclass(frozen=True, slots=True)
class Approved:
    """The event of an approval."""

    event_id: str
    log_index: int
    repeat: bool


@dataclass(frozen=True, slots=True)
class RevealedValue:
    """What a token stands for."""

    token: str
    type: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Revealed:
    """What the tokens of an approved request stand for, in their order."""

    values: tuple[RevealedValue, ...]
    event_id: str
    log_index: int
