"""Why an agent does not go on: fixed words for its own log.

Owns the words. Refuses to carry anything else: no figure, no count, nobody's name leaves with one.
"""

from __future__ import annotations

from enum import StrEnum

from clients.sdk.errors import VeilgateError
from clients.sdk.failure import SdkError
from clients.sdk.reasons import ErrorReason


class AgentError(SdkError):
    """The agent cannot be run as it is set up."""


class Word(StrEnum):
    """What was wrong with an order, in one word."""

    MALFORMED = "malformed"
    """No statement of the kind, or too large."""
    SIGNATURE = "signature"
    """A signature or chain does not hold by the agent's own anchors, or not by the pinned key."""
    SIGNER = "signer"
    """Signed by another institution, or by a workload that is not for this."""
    EXPIRED = "expired"
    REUSED = "reused"
    """The round's id was used for another question."""
    KIND = "kind"
    """A kind of question that this agent does not answer."""
    CONTRACT = "contract"
    """The contract is not the one that the question names, or not the pinned one."""
    TERMS = "terms"
    """The contract does not let this be asked, or not with this noise or scheme."""
    KEY = "key"
    """The public key's proof does not hold."""
    DATASET = "dataset"
    PURPOSE = "purpose"
    ASKER = "asker"
    COST = "cost"
    PEERS = "peers"
    """Too few pinned peers, or too few legal groups apart from the asker's."""
    BOX = "box"
    """The sealed box does not open, or holds another tag than the gateway committed to."""
    COMMITMENTS = "commitments"
    """The gateway's commitments are not of this question."""
    LIMIT = "limit"
    """The subject was asked about too often today."""
    DATA = "data"
    """The data's side declined; its own word stands in the log before this one."""
    ROUND = "round"
    """The round is not at the point where this could come."""
    ROSTER = "roster"
    """Not of this question, with a member that is none, or without this agent's own key."""
    SECOND_ROSTER = "second_roster"
    RESULT = "result"
    """The result is not of this round, or does not hold the contribution that was sent."""
    COMBINATION = "combination"
    """The released ciphertexts are not the product of the contributions: the gateway's proof is
    false."""
    UNLOGGED = "unlogged"
    """The result's release does not stand in the pinned log: others may be shown another."""
    WITHHELD = "withheld"
    """The gateway shows no contributions, so that its combination was not made again."""
    BROKEN = "broken"
    """Something failed here."""


def shown_reason(error: VeilgateError) -> str:
    """Return the code and reason of a refusal by the gateway, as a log may hold them.

    A reason that this release does not know is the gateway's text, which is not repeated.
    """
    known = isinstance(error.reason, ErrorReason)
    return f"{error.code.name} {error.reason if known else 'unknown'}"


class Refused(Exception):
    """An order is not followed, and nothing is sent: what came is not what an honest party sends.

    The round stays as it was, so that an honest order may still come.
    """

    def __init__(self, word: Word) -> None:
        super().__init__(word.value)
        self.word = word


class Unwilling(Refused):
    """An honest order that this agent does not follow: the round ends for it, and it says so."""
