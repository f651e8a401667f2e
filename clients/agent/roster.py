"""Whether a roster is one to mask with.

Owns the checks of the gateway's roster and of every READY in it, by the agent's own anchors.
Refuses a roster of another question, members that the contract does not list, READYs that their
institution did not sign, and one without this agent's own READY, byte by byte. That a question has
one roster, ever, is for the store to keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from clients.agent.context import AGENT, Trust
from clients.agent.errors import Refused, Word
from gateway.crypto.errors import CryptoError
from gateway.crypto.masks import MaskRoster
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.statements import (
    READY_TYPE,
    ROSTER_TYPE,
    Ready,
    Roster,
    digest_of,
)


@dataclass(frozen=True, slots=True)
class CheckedRoster:
    """A roster that holds: its names in order, this agent's place, and what masks are made from."""

    members: tuple[str, ...]
    place: int
    masks: MaskRoster


@dataclass(frozen=True, slots=True)
class Expected:
    """What a roster must be of: the question's bytes, its round, the READY that was sent."""

    round: str
    question: bytes
    contract: AggregateContract
    ready: bytes


def require_roster(
    trust: Trust, expected: Expected, roster: SignedStatement, readies: Sequence[SignedStatement]
) -> CheckedRoster:
    """Return a roster that the gateway signed for this question, all of whose READYs hold.

    Raises:
        Refused: MALFORMED, SIGNATURE, SIGNER or ROSTER.
    """
    content = read_roster(trust, roster)
    same = content.round == expected.round and content.question == digest_of(expected.question)
    if not same or len(readies) != len(content.members):
        raise Refused(Word.ROSTER)
    names = tuple(one.contributor for one in content.members)
    if not set(names) <= set(expected.contract.contributors) or trust.institution not in names:
        raise Refused(Word.ROSTER)
    by_digest = {digest_of(one.payload): one for one in readies}
    if {one.ready for one in content.members} != set(by_digest):
        raise Refused(Word.ROSTER)
    keys = [
        _masking_key(trust, expected, by_digest[one.ready], one.contributor)
        for one in content.members
    ]
    place = names.index(trust.institution)
    if content.members[place].ready != digest_of(expected.ready):
        raise Refused(Word.ROSTER)
    return CheckedRoster(names, place, _mask_roster(expected, roster, keys))


def read_roster(trust: Trust, roster: SignedStatement) -> Roster:
    """Read a roster that the gateway signed; raises ``Refused``: MALFORMED or SIGNATURE."""
    trust.require_gateway(ROSTER_TYPE, roster)
    try:
        return msgspec.json.decode(roster.payload, type=Roster)
    except (msgspec.MsgspecError, ValueError):
        raise Refused(Word.MALFORMED) from None


def _masking_key(
    trust: Trust, expected: Expected, statement: SignedStatement, contributor: str
) -> bytes:
    signer = trust.signer(READY_TYPE, statement, AGENT)
    try:
        ready = msgspec.json.decode(statement.payload, type=Ready)
    except (msgspec.MsgspecError, ValueError):
        raise Refused(Word.MALFORMED) from None
    if not signer == ready.contributor == contributor:
        raise Refused(Word.SIGNER)
    if ready.round != expected.round or ready.question != digest_of(expected.question):
        raise Refused(Word.ROSTER)
    return bytes.fromhex(ready.masking_key)


def _mask_roster(expected: Expected, roster: SignedStatement, keys: Sequence[bytes]) -> MaskRoster:
    hashes = (sha256(expected.question).digest(), sha256(roster.payload).digest())
    try:
        return MaskRoster(*hashes, tuple(keys))
    except CryptoError:
        raise Refused(Word.ROSTER) from None
