"""What a keyholder refuses, and why.

Owns the reasons as an enumeration, so that programs and tests need not read sentences. Refuses to
carry a figure: no error says what was in a result.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from clients.sdk.failure import SdkError


class Wrong(StrEnum):
    """What is wrong with a result, or with an attempt to open it."""

    RESULT_SIGNATURE = "result_signature"
    """Not signed by the pinned gateway key, or not readable."""
    ROSTER_SIGNATURE = "roster_signature"
    OTHER_QUESTION = "other_question"
    """Result, roster or readiness of another question than the open one."""
    OTHER_ROSTER = "other_roster"
    """The result names another roster than the one that came with it."""
    READY_REFUSED = "ready_refused"
    """A contributor's statement is missing, not signed by it, or not the roster's."""
    NOT_A_CONTRIBUTOR = "not_a_contributor"
    """A member is none of the contract's contributors."""
    TOO_FEW = "too_few"
    """Fewer members than the contract's minimum."""
    CIPHERTEXTS = "ciphertexts"
    """Number or digest of the ciphertexts differ from the result, or one is malformed."""
    EXPIRED = "expired"
    """The question's time is over, or the release lies outside it."""
    NOT_IN_LOG = "not_in_log"
    """The release does not stand in the pinned log."""
    OTHER_RELEASE = "other_release"
    """The log's entry is not the release of this round with this digest."""
    ALREADY_OPENED = "already_opened"
    NOT_OPEN = "not_open"
    """There is no such question, or it ended without a result."""
    OUT_OF_BOUNDS = "out_of_bounds"
    """A decoded number cannot be a sum over the members: masks did not cancel, or worse."""
    OTHER_KEY = "other_key"
    """The key at hand is not the question's."""


_KEEP: Final = (
    "Nothing was opened. What the gateway signed wrongly is kept in `evidence` of the keyholder's"
    " folder: `veilgate aggregate judge` says what it proves."
)
_NEXT: Final = {
    Wrong.EXPIRED: "Ask anew: the same figures cost their price again.",
    Wrong.ALREADY_OPENED: "See its figures again with `veilgate aggregate show`.",
    Wrong.NOT_OPEN: "See `veilgate aggregate rounds`.",
    Wrong.OUT_OF_BOUNDS: "A contributor sent what does not fit; ask anew, and tell the operator.",
    Wrong.OTHER_KEY: "Give the key that the question was asked with.",
}


class KeyholderError(SdkError):
    """A key, a folder or a request that a keyholder cannot use."""


class ResultRefused(KeyholderError):
    """A result that is not opened; ``wrong`` says why."""

    def __init__(self, wrong: Wrong, what: str) -> None:
        super().__init__(what, _NEXT.get(wrong, _KEEP))
        self.wrong = wrong
