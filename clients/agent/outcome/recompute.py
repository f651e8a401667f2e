"""Making a round's combination again, out of every member's contribution.

Owns the check that the released root is over exactly the roster's contributions, each signed by its
member, in form, and the own one among them; and that what was released is their product and nothing
else, by the gateway's proof (`zero_proof`). The asker cannot see this: it has no contributions. So
each agent checks a share of its rounds, drawn by itself after the result was signed, and a gateway
that adds to a sum does not know who will look. Refuses a missing, doubled, altered or foreign
contribution and a false proof; both are kept as evidence, as is that nothing was shown.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final

import msgspec

from clients.agent.context import AGENT, Trust
from clients.agent.errors import Refused, Word, shown_reason
from clients.agent.orders import ResultOrder, RosterOrder
from clients.agent.outcome.combination import (
    Claim,
    Combination,
    ciphertext_size,
    require_combination,
)
from clients.agent.outcome.evidence import Evidence, EvidenceFolder
from clients.agent.outcome.results import read_result, require_logged
from clients.agent.roster import read_roster
from clients.agent.store import Kept, RoundStore, State
from clients.agent.stored import decode_roster
from clients.sdk.errors import VeilgateError
from gateway.crypto.merkle import CompactRange, leaf_hash
from gateway.crypto.note_key import VerifierKey
from gateway.domain.aggregate.question import read_question
from gateway.domain.aggregate.statements import (
    CONTRIBUTION_TYPE,
    Contribution,
    Result,
    combination_context,
    digest_of,
)

_LOG: Final = logging.getLogger("veilgate.agent")
_STATEMENT: Final = 64 * 1024
"""Bytes that a contribution's statement and the frames of its parts have at most."""
Contributions = Callable[[str, int], Combination]
"""A round's id and the most bytes that it can have, to what its gateway shows."""


class Recomputation:
    """Called with a result, before it is let go of; raises ``Refused`` where it is not made so."""

    def __init__(
        self,
        trust: Trust,
        store: RoundStore,
        contributions: Contributions,
        evidence: EvidenceFolder,
        share: int = 1,
        log_key: VerifierKey | None = None,
    ) -> None:
        """Take where the contributions of a round come from; one round in ``share`` is checked.

        That the release stands in the log is checked of every round, where its key is pinned.
        """
        self._trust = trust
        self._store = store
        self._contributions = contributions
        self._evidence = evidence
        self._share = share
        self._log_key = log_key

    def __call__(self, order: ResultOrder) -> None:
        """Fetch, check and combine."""
        result = read_result(self._trust, order.result)
        kept = self._store.find(result.round)
        if kept is None or kept.contribution is None or kept.state is not State.CONTRIBUTED:
            return
        own = msgspec.json.decode(kept.contribution.payload, type=Contribution)
        named = (result.question, result.roster, result.ciphertexts)
        if named != (kept.question_hash.hex(), kept.roster_hash.hex(), own.ciphertexts):
            raise Refused(Word.RESULT)
        roster = decode_roster(kept.roster)
        self._require_logged(result, kept, roster, order)
        if secrets.randbelow(self._share):
            return
        try:
            shown = self._fetched(kept, own, len(roster.readies))
        except VeilgateError as error:
            # What the gateway forgot or keeps back: to wait for it would not make it come.
            _LOG.error("round %s: not recomputed: %s", kept.id, shown_reason(error))
            self._keep(Word.WITHHELD, kept, roster, order, None)
            return
        except Refused as refused:
            self._keep(refused.word, kept, roster, order, None)
            raise
        self._require(kept, roster, order, shown)
        _LOG.info("round %s: recomputed from every contribution", kept.id)

    def _require_logged(
        self, result: Result, kept: Kept, roster: RosterOrder, order: ResultOrder
    ) -> None:
        if self._log_key is None:
            return
        try:
            require_logged(self._log_key, result, order)
        except Refused as refused:
            _LOG.error("round %s: the log does not have this result", kept.id)
            self._keep(refused.word, kept, roster, order, None)
            raise

    def _fetched(self, kept: Kept, own: Contribution, members: int) -> Combination:
        size = own.ciphertexts * ciphertext_size(read_question(kept.question).key)
        return self._contributions(kept.id, (members + 1) * (size + _STATEMENT))

    def _require(
        self, kept: Kept, roster: RosterOrder, order: ResultOrder, shown: Combination
    ) -> None:
        try:
            found = require_whole(self._trust, kept.question, roster, order, shown)
            sent = kept.contribution.payload if kept.contribution is not None else b""
            if found.get(self._trust.institution) != sent:
                raise Refused(Word.RESULT)
        except Refused as refused:
            _LOG.error("round %s: the gateway's %s does not hold", kept.id, refused.word.value)
            self._keep(refused.word, kept, roster, order, shown)
            raise

    def _keep(
        self,
        word: Word,
        kept: Kept,
        roster: RosterOrder,
        order: ResultOrder,
        shown: Combination | None,
    ) -> None:
        evidence = Evidence(
            word=word,
            noticed_at=int(self._trust.now()),
            agent=self._trust.institution,
            round=kept.id,
            question=kept.question,
            roster=roster,
            result=order,
            shown=shown,
            contract=kept.contract,
        )
        self._evidence.keep(evidence)


def require_whole(
    trust: Trust, question: bytes, roster: RosterOrder, order: ResultOrder, shown: Combination
) -> Mapping[str, bytes]:
    """Check that a result is the product of its members' contributions; needs no secret.

    Returns:
        What each member signed.

    Raises:
        Refused: RESULT, SIGNATURE, SIGNER or MALFORMED, where what was shown is not what was
            signed; COMBINATION, where all was signed and the gateway's proof does not hold.
    """
    result = read_result(trust, order.result)
    members = [one.contributor for one in read_roster(trust, roster.roster).members]
    found = _checked(trust, result, members, shown)
    root = CompactRange().extend(leaf_hash(found[one][0]) for one in members).root()
    signed = (result.question, result.roster, result.contributions, result.digest, result.proof)
    if signed != (
        *(digest_of(question), digest_of(roster.roster.payload), root.hex()),
        *(sha256(shown.released).hexdigest(), sha256(order.proof).hexdigest()),
    ):
        raise Refused(Word.RESULT)
    context = combination_context(*(result.round, *signed[:3]))
    sent = [found[one][1] for one in members]
    key = read_question(question).key
    claim = Claim(key, result.ciphertexts, context, sent, shown.released)
    require_combination(claim, order.proof)
    return {name: payload for name, (payload, _) in found.items()}


def _checked(
    trust: Trust, result: Result, members: Sequence[str], shown: Combination
) -> Mapping[str, tuple[bytes, bytes]]:
    found: dict[str, tuple[bytes, bytes]] = {}
    for statement, ciphertexts in shown.contributions:
        signer = trust.signer(CONTRIBUTION_TYPE, statement, AGENT)
        try:
            content = msgspec.json.decode(statement.payload, type=Contribution)
        except (msgspec.MsgspecError, ValueError):
            raise Refused(Word.MALFORMED) from None
        of_this = (content.round, content.roster) == (result.round, result.roster)
        whole = content.digest == sha256(ciphertexts).hexdigest()
        if not of_this or not whole or signer != content.contributor or signer in found:
            raise Refused(Word.RESULT)
        found[signer] = (statement.payload, ciphertexts)
    if set(found) != set(members):
        raise Refused(Word.RESULT)
    return found
