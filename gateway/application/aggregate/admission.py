"""What is checked of a question before it is charged.

Owns the order of the checks: who signed it, whether it is in date, whether its contract is in
force and permits it, whether its key is the asker's. Refuses everything else, and records what it
refused by its digest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final

import msgspec

from gateway.application.aggregate.kinds import Accepted, Kind, Request
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import (
    AggregateReader,
    CiphertextRefused,
    Combiner,
    Signed,
    StatementChecker,
    StatementRefused,
)
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import (
    Asked,
    AskerKey,
    BinningJob,
    CohortQuestion,
    SubjectQuestion,
    WrongContract,
    read_question,
    require_contract,
)
from gateway.domain.aggregate.statements import QUESTION_TYPE
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse

SKEW_S: Final = 60
"""How far an asker's clock may be ahead."""
_KINDS: Final[Mapping[type[Asked], str]] = {
    CohortQuestion: "cohort",
    SubjectQuestion: "subject",
    BinningJob: "binning",
}


class Admission:
    """Checks questions. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        policy: PolicyInForce,
        kinds: tuple[Kind, ...],
        statements: StatementChecker,
        reader: AggregateReader,
        combiner: Combiner,
        clock: Callable[[], float],
    ) -> None:
        """Take the policy in force, the kinds that may be asked here, and who checks what."""
        self._policy = policy
        self._kinds = {one.name: one for one in kinds}
        self._statements = statements
        self._reader = reader
        self._combiner = combiner
        self._clock = clock

    def signed_by(self, principal: Principal, signed: Signed) -> Asked:
        """Return a question that the caller's institution signed.

        Raises ``Refused``: STATEMENT_REFUSED, AGGREGATE_QUESTION_INVALID.
        """
        try:
            signer = self._statements.institution(QUESTION_TYPE, signed)
        except StatementRefused:
            raise refuse(ErrorReason.STATEMENT_REFUSED, "question") from None
        try:
            asked = read_question(signed.payload)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID) from None
        if not signer == principal.institution == asked.asker:
            raise refuse(ErrorReason.STATEMENT_REFUSED, "asker")
        return asked

    async def accept(self, principal: Principal, asked: Asked, request: Request) -> Accepted:
        """Return what follows from a question that may be asked now.

        Raises ``Refused``: STATEMENT_REFUSED, DATASET_UNKNOWN, AGGREGATE_NOT_PERMITTED,
        AGGREGATE_QUESTION_INVALID, AGGREGATE_KEY_UNKNOWN, AGGREGATE_KEY_REFUSED.
        """
        self._require_in_date(asked)
        contract = self._contract(asked)
        kind = self._kinds.get(_KINDS[type(asked)])
        if kind is None:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
        accepted = await kind.accept(principal, contract, asked, request)
        key_id = key_id_of(asked.key)
        if not await self._reader.knows_key(principal.institution, key_id):
            raise refuse(ErrorReason.AGGREGATE_KEY_UNKNOWN)
        # The registered key came with a proof, but the question's own proof is what agents see.
        await self.require_key(asked.key, principal.institution)
        return accepted

    async def require_key(self, key: AskerKey, asker: str) -> None:
        """Check a key's proof. Raises ``Refused``: AGGREGATE_KEY_REFUSED."""
        try:
            await self._combiner.require_key(key, asker)
        except CiphertextRefused:
            raise refuse(ErrorReason.AGGREGATE_KEY_REFUSED) from None

    def _require_in_date(self, asked: Asked) -> None:
        now = self._clock()
        if asked.expires_at <= now:
            raise refuse(ErrorReason.STATEMENT_REFUSED, "expires_at")
        if asked.issued_at > now + SKEW_S:
            raise refuse(ErrorReason.STATEMENT_REFUSED, "issued_at")

    def _contract(self, asked: Asked) -> AggregateContract:
        contract = self._policy.current.aggregates.get(asked.dataset)
        if contract is None:
            raise refuse(ErrorReason.DATASET_UNKNOWN, asked.dataset)
        try:
            require_contract(asked, contract)
        except WrongContract as wrong:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, str(wrong)) from None
        return contract


def key_id_of(key: AskerKey) -> bytes:
    """Return the id of a key: the SHA-256 of its bytes."""
    return sha256(bytes.fromhex(key.key)).digest()
