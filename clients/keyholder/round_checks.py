"""What holds of every round's result, whatever was asked: who signed what, and the log.

Owns the checks that cohorts and subjects share, against keys and authorities that were pinned
beforehand: gateway's signatures, the chain of digests from question to result, every contributor's
readiness by its own certificate, membership, minimum, expiry, the release in the log. Refuses by
raising; nothing here decrypts, and nothing returns what was not checked whole.

A gateway can still choose which of the contract's contributors are asked, as long as they are
enough, and it can withhold a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

import msgspec

from clients.keyholder.calls import Received
from clients.keyholder.errors import ResultRefused, Wrong
from clients.keyholder.identity import Trusted
from clients.sdk.logs.verification import VerificationError, VerifiedEvent, checked_event
from clients.sdk.models.common import InclusionProof
from gateway.crypto.dsse import pae
from gateway.crypto.errors import CryptoError
from gateway.crypto.statement import SignedStatement, StatementError
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Asked, Statement
from gateway.domain.aggregate.statements import (
    READY_TYPE,
    RESULT_TYPE,
    ROSTER_TYPE,
    Ready,
    Result,
    Roster,
    digest_of,
)

AGENT: Final = "agent"
"""The workload that answers for an institution."""
RELEASED: Final = "AGGREGATE_RELEASED"
"""The kind of the log's event."""
MAX_SKEW_S: Final = 60
"""That the gateway's clock may differ from ours."""
_MAX_STATEMENT: Final = 512 * 1024
S = TypeVar("S", bound=Statement)


@dataclass(frozen=True, slots=True)
class VerifiedRound:
    """A result that belongs to an own question; made by ``verified_round`` only."""

    result: Result
    members: tuple[str, ...]
    event: VerifiedEvent


def verified_round(
    asked: Asked,
    digest: str,
    contract: AggregateContract,
    received: Received,
    trusted: Trusted,
    now: int,
) -> VerifiedRound:
    """Check a result for an own question, all but its ciphertexts' number.

    Args:
        asked: the own question.
        digest: of its signed bytes, in hex.
        contract: what it was asked by.
        received: what came.
        trusted: what was pinned.
        now: Unix seconds.

    Raises:
        ResultRefused: with the reason.
    """
    result = _by_gateway(received.result, RESULT_TYPE, Result, trusted, Wrong.RESULT_SIGNATURE)
    roster = _by_gateway(received.roster, ROSTER_TYPE, Roster, trusted, Wrong.ROSTER_SIGNATURE)
    for one in (result, roster):
        if (one.round, one.question) != (asked.id, digest):
            raise ResultRefused(Wrong.OTHER_QUESTION, "the result is another question's")
    if result.roster != digest_of(received.roster.payload):
        raise ResultRefused(Wrong.OTHER_ROSTER, "the result was made by another roster")
    _require_time(asked, result, now)
    _require_members(roster, contract)
    _require_readies(roster, received.readies, trusted, now)
    event = _released(asked, result, received, trusted)
    return VerifiedRound(result, tuple(one.contributor for one in roster.members), event)


def _by_gateway(
    signed: SignedStatement, payload_type: str, kind: type[S], trusted: Trusted, wrong: Wrong
) -> S:
    if signed.chain or len(signed.payload) > _MAX_STATEMENT:
        raise ResultRefused(wrong, "a statement of the gateway has another form")
    try:
        trusted.round_key.verify(signed.signature, pae(payload_type, signed.payload))
    except CryptoError:
        raise ResultRefused(wrong, "a statement is not signed by the pinned key") from None
    return _read(signed.payload, kind, wrong)


def _read(payload: bytes, kind: type[S], wrong: Wrong) -> S:
    try:
        return msgspec.json.decode(payload, type=kind)
    except ValueError:
        raise ResultRefused(wrong, "a statement cannot be read") from None


def _require_time(asked: Asked, result: Result, now: int) -> None:
    if now > asked.expires_at:
        raise ResultRefused(Wrong.EXPIRED, "the question's time is over")
    earliest, latest = asked.issued_at - MAX_SKEW_S, asked.expires_at + MAX_SKEW_S
    if not earliest <= result.released_at <= latest:
        raise ResultRefused(Wrong.EXPIRED, "the release lies outside the question's time")


def _require_members(roster: Roster, contract: AggregateContract) -> None:
    # A roster's names are sorted, each once: it cannot be read otherwise.
    names = [one.contributor for one in roster.members]
    if not set(names) <= set(contract.contributors):
        raise ResultRefused(Wrong.NOT_A_CONTRIBUTOR, "the roster has a member of no contract")
    if len(names) < contract.minimum_contributors:
        raise ResultRefused(Wrong.TOO_FEW, "the roster has fewer members than the contract asks")


def _require_readies(
    roster: Roster, readies: tuple[SignedStatement, ...], trusted: Trusted, now: int
) -> None:
    if len(readies) != len(roster.members):
        raise ResultRefused(Wrong.READY_REFUSED, "there is not one readiness for each member")
    by_digest = {digest_of(one.payload): one for one in readies}
    keys = set()
    for member in roster.members:
        signed = by_digest.get(member.ready)
        if signed is None:
            raise ResultRefused(Wrong.READY_REFUSED, "a member's readiness is missing")
        ready = _ready(signed, member.contributor, trusted, now)
        if (ready.round, ready.question) != (roster.round, roster.question):
            raise ResultRefused(Wrong.OTHER_QUESTION, "a readiness is another question's")
        keys.add(ready.masking_key)
    if len(keys) != len(roster.members):
        raise ResultRefused(Wrong.READY_REFUSED, "two members have one masking key")


def _ready(signed: SignedStatement, contributor: str, trusted: Trusted, now: int) -> Ready:
    if len(signed.payload) > _MAX_STATEMENT:
        raise ResultRefused(Wrong.READY_REFUSED, "a readiness is too long")
    try:
        signer = trusted.anchors.verify(READY_TYPE, signed, now)
    except (StatementError, CryptoError):
        raise ResultRefused(
            Wrong.READY_REFUSED, "a readiness is not signed by a trusted institution"
        ) from None
    ready = _read(signed.payload, Ready, Wrong.READY_REFUSED)
    if (signer.institution, signer.workload) != (contributor, AGENT):
        raise ResultRefused(Wrong.READY_REFUSED, "a readiness is signed by somebody else")
    if ready.contributor != contributor:
        raise ResultRefused(Wrong.READY_REFUSED, "a readiness names another contributor")
    return ready


def _released(asked: Asked, result: Result, received: Received, trusted: Trusted) -> VerifiedEvent:
    proof = InclusionProof(
        result.log_index, 0, received.inclusion, received.release_event, received.checkpoint
    )
    return require_released(asked, result, proof, trusted)


def require_released(
    asked: Asked, result: Result, proof: InclusionProof, trusted: Trusted
) -> VerifiedEvent:
    """Return the log's event of a release, of this result and of no other.

    Raises:
        ResultRefused: NOT_IN_LOG, OTHER_RELEASE.
    """
    try:
        event = checked_event(proof, trusted.log_key)
    except VerificationError:
        raise ResultRefused(
            Wrong.NOT_IN_LOG, "the release does not stand in the pinned log"
        ) from None
    wanted = release_said(asked, result)
    if {name: event.says.get(name) for name in wanted} != wanted:
        raise ResultRefused(Wrong.OTHER_RELEASE, "the log's entry is another release")
    return event


def release_said(asked: Asked, result: Result) -> dict[str, str]:
    """Return what the log's event must say of this result, and of no other."""
    return {
        "kind": RELEASED,
        "institution": asked.asker,
        "dataset": asked.dataset,
        "purpose": asked.purpose,
        "round": asked.id,
        "request": result.question,
        "roster": result.roster,
        "contributions": result.contributions,
        "result": result.digest,
    }
