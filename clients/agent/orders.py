"""Orders and replies as an agent handles them: no transport, nothing checked yet.

Owns their types. Refuses to hold what an agent does not look at.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.crypto.statement import SignedStatement


@dataclass(frozen=True, slots=True)
class QuestionOrder:
    """A question; about a subject with this agent's sealed box, and the gateway's commitments."""

    question: SignedStatement
    box: bytes = b""
    commitments: SignedStatement | None = None


@dataclass(frozen=True, slots=True)
class RosterOrder:
    """The roster, and its members' READYs in its order."""

    roster: SignedStatement
    readies: tuple[SignedStatement, ...]


@dataclass(frozen=True, slots=True)
class ResultOrder:
    """A result, the path of this agent's contribution to the root in it, and its sum's proof.

    ``event`` is the release in the audit log, under ``checkpoint`` by the path ``inclusion``.
    """

    result: SignedStatement
    path: tuple[bytes, ...]
    proof: bytes = b""
    checkpoint: bytes = b""
    event: bytes = b""
    inclusion: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class VoidOrder:
    """The round is over without a result."""

    round: str


Order = QuestionOrder | RosterOrder | ResultOrder | VoidOrder


@dataclass(frozen=True, slots=True)
class SendReady:
    """To be sent: this agent is willing."""

    round: str
    ready: SignedStatement


@dataclass(frozen=True, slots=True)
class SendDecline:
    """To be sent: this agent is not."""

    round: str


@dataclass(frozen=True, slots=True)
class SendContribution:
    """To be sent: the contribution's statement and its bytes."""

    round: str
    expires_at: int
    contribution: SignedStatement
    ciphertexts: bytes


Reply = SendReady | SendDecline | SendContribution
