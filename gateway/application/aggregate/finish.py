"""The end of a round: combined, released, in a published checkpoint, signed.

Owns the order, and that it can be taken up at any point: the contributions are durable before their
combination, that before the release, the release before the checkpoint, and what is signed before
anybody gets it. What is signed follows from the store alone, whichever process signs it. Refuses to
release under a contract that is no longer in force.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from gateway.application.aggregate.kept import Contributed, Kept, Prepared, Sealed, read_kept
from gateway.application.aggregate.orders import Shown
from gateway.application.aggregate.round import Phase, Round, Stage, Update
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import (
    AggregateLedger,
    AggregateReader,
    CiphertextRefused,
    Combiner,
    Signed,
    StatementChecker,
    StoredRound,
)
from gateway.application.ports.contribution_tree import ContributionTree
from gateway.application.ports.log import LogReader
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.statements import (
    RESULT_TYPE,
    Result,
    combination_context,
    digest_of,
)
from gateway.domain.reasons import ErrorReason, refuse

IN_FLIGHT: Final = 4 << 20
"""Bytes of contributions on their way to the store at a time, but for a larger single one."""


class Finish:
    """Finishes rounds whose contributions are all there."""

    def __init__(
        self,
        policy: PolicyInForce,
        ledger: AggregateLedger,
        reader: AggregateReader,
        combiner: Combiner,
        tree: ContributionTree,
        statements: StatementChecker,
        log: LogReader,
        publish: PublishCheckpoint,
    ) -> None:
        """Take what the steps need."""
        self._policy = policy
        self._ledger = ledger
        self._reader = reader
        self._combiner = combiner
        self._tree = tree
        self._statements = statements
        self._log = log
        self._publish = publish
        self._storing = asyncio.Lock()

    async def __call__(self, one: Round) -> None:
        """Finish a round.

        Raises ``Refused``: ROUND_VOID for good; AGGREGATE_QUESTION_INVALID where the contract is
        another by now; CIPHERTEXT_REFUSED where the sum is none; STORE_UNAVAILABLE.
        """
        one.phase = Phase.FINISHING
        prepared = one.prepared = one.prepared or await self._combined(one)
        if not one.prepared_is_kept:
            await self._keep(one, prepared)
            one.prepared_is_kept = True
        count = len(one.members)
        one.changed(Update(Stage.COMBINED, count, count))
        root = self._tree.root(prepared.payloads)
        self._in_force(one)
        await self._ledger.release(one.asker, one.id, prepared.digest, root)
        stored = await self._reader.round(one.id)
        if stored is None:
            raise refuse(ErrorReason.STORE_UNAVAILABLE)
        one.release((await self.shown(stored)).sealed)

    async def shown(self, stored: StoredRound) -> Shown:
        """Return a released round's result, signed and kept now if it was not yet.

        Raises ``Refused``: STORE_UNAVAILABLE.
        """
        if stored.roster is None:
            raise ValueError("a round is released with its roster")
        kept = read_kept(stored.result)
        sealed = kept.sealed
        if sealed is None and kept.prepared is not None:
            sealed = await self._sealed(stored, stored.roster, kept.prepared)
            await self._ledger.keep_result(stored.id, Kept(sealed=sealed).encoded())
        if sealed is None:
            raise ValueError("a round is released with its combination")
        return Shown(sealed, stored.roster, stored.readies)

    async def _combined(self, one: Round) -> Prepared:
        ordered = [one.contributions[name] for name in one.members]
        signed = tuple(each.signed for each in ordered)
        root = self._tree.root([each.payload for each in signed])
        roster = b"" if one.roster is None else one.roster.payload
        context = combination_context(one.id, one.digest, digest_of(roster), root.hex())
        try:
            combined = await self._combiner.combine(
                one.accepted.question.key, [each.ciphertexts for each in ordered], one.due, context
            )
        except CiphertextRefused:
            # Each was valid by itself, so their sum is infinity: one was made for that.
            raise refuse(ErrorReason.CIPHERTEXT_REFUSED) from None
        return Prepared(combined.ciphertexts, one.due, signed, combined.proof)

    async def _keep(self, one: Round, prepared: Prepared) -> None:
        """Keep what was combined, for the members, then the combination.

        One round at a time: these are the largest writes of all, and others' go the same way.
        """
        days = self._in_force(one).life_days
        async with self._storing:
            for some in _parted(one, prepared):
                keep = self._ledger.keep_contribution
                calls = [keep(one.id, each.signed, each.ciphertexts, days) for each in some]
                await asyncio.gather(*calls)
            await self._ledger.keep_result(one.id, Kept(prepared=prepared).encoded())

    def _in_force(self, one: Round) -> AggregateContract:
        question = one.accepted.question
        contract = self._policy.current.aggregates.get(question.dataset)
        if contract is None or contract.digest != question.contract:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "contract")
        return contract

    async def _sealed(self, stored: StoredRound, roster: Signed, prepared: Prepared) -> Sealed:
        published = await self._publish.holding(stored.released_index)
        proof = await self._log.inclusion(stored.released_index, published.size)
        result = Result(
            round=stored.id,
            question=digest_of(stored.question.payload),
            roster=digest_of(roster.payload),
            contributions=stored.contributions.hex(),
            ciphertexts=prepared.count,
            digest=prepared.digest.hex(),
            consents=stored.consents,
            log_index=stored.released_index,
            released_at=stored.released_at,
            proof=sha256(prepared.proof).hexdigest(),
        )
        signed = self._statements.sign(RESULT_TYPE, result.encoded())
        return Sealed(prepared, signed, published.note, proof.event, proof.hashes)


def _parted(one: Round, prepared: Prepared) -> Iterator[list[Contributed]]:
    """Yield a round's contributions some at a time; none where nothing was combined of them."""
    some, size = list[Contributed](), 0
    for name in one.members if prepared.proof else ():
        each = one.contributions[name]
        if some and size + len(each.ciphertexts) > IN_FLIGHT:
            yield some
            some, size = [], 0
        some.append(each)
        size += len(each.ciphertexts)
    if some:
        yield some
