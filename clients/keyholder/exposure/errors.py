"""What an asker refuses in a question about one subject, and why.

Owns the reasons. Refuses to carry an identifier, a tag or a figure, and to name a contributor whose
answer did not decode: after a local error any of them sends random numbers.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from clients.keyholder.errors import KeyholderError


class ExposureWrong(StrEnum):
    """What is wrong with what a question would be made of, or with showing its answer."""

    COMMITMENTS = "commitments"
    """Not signed by the pinned gateway key, of something else than was asked for, or over."""
    TAGS = "tags"
    """Not one a contributor in the contract's order, or not what was committed to."""
    OTHER_SUBJECT = "other_subject"
    """By the own evaluation a tag is another person's, or the kept answer is."""
    BOX_KEY = "box_key"
    """A contributor's key is not signed by its own agent, or is over."""
    NOT_DECODED = "not_decoded"
    """The numbers are no sums over the contributors: one could not answer, or worse."""
    CONSENT = "consent"
    """The consent does not stand any more, so what rests on it is not shown."""


_ASK: Final = "Nothing was asked. Keep what you were given as evidence, and ask the operator."
_WHAT: Final = {
    ExposureWrong.COMMITMENTS: ("the gateway's commitments do not hold", _ASK),
    ExposureWrong.TAGS: ("the gateway's tags are not those that it committed to", _ASK),
    ExposureWrong.OTHER_SUBJECT: (
        "this is about another person than the one who was named",
        "Check the subject and the consent; if both are right, ask the operator.",
    ),
    ExposureWrong.BOX_KEY: ("a contributor's box key is not signed by its own agent", _ASK),
    ExposureWrong.NOT_DECODED: (
        "the answer does not decode: somebody could not answer, and nobody can say who",
        "Tell the operator. A consent gives one answer a snapshot: ask under a new one, or later.",
    ),
    ExposureWrong.CONSENT: (
        "the consent does not stand any more, so its answer is not shown",
        "Delete what rests on it, or obtain a new consent.",
    ),
}


class ExposureRefused(KeyholderError):
    """A question about a subject does not go on; ``wrong`` says why."""

    def __init__(self, wrong: ExposureWrong) -> None:
        super().__init__(*_WHAT[wrong])
        self.wrong = wrong
