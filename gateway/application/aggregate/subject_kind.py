"""Questions about one consenting subject (protocol E): every contributor answers, or nobody.

Owns what is checked of one. The gateway's own statement must tie boxes, tags and consent together:
without it an asker with one person's consent could ask about another. Refuses a roster that leaves
a contributor out, boxes of different lengths, and a consent other than the one committed to.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from gateway.application.aggregate.consent_commitment import consent_commitment
from gateway.application.aggregate.kinds import Accepted, Request
from gateway.application.aggregate.permission import require_permitted
from gateway.application.ports.aggregates import Signed, StatementChecker
from gateway.application.ports.subject_tags import SubjectTags
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import Asked, SubjectQuestion, WrongContract
from gateway.domain.aggregate.subject import (
    COMMITMENTS_TYPE,
    TagCommitments,
    bounds_of,
    boxes_digest,
    require_subject_terms,
)
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse


class SubjectKind:
    """Implements ``Kind``. ``clock`` gives Unix seconds."""

    name = "subject"

    def __init__(
        self, statements: StatementChecker, keyed: SubjectTags, clock: Callable[[], float]
    ) -> None:
        """Take who signed the commitments, and the keys that they were made with."""
        self._statements = statements
        self._keyed = keyed
        self._clock = clock

    async def accept(
        self, principal: Principal, contract: AggregateContract, asked: Asked, request: Request
    ) -> Accepted:
        """Check terms, boxes and commitments. Raises as ``Kind.accept``, and STATEMENT_REFUSED."""
        require_permitted(principal, contract.subject, asked.purpose, self.name)
        if not isinstance(asked, SubjectQuestion):
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "kind")
        try:
            terms = require_subject_terms(asked, contract)
        except WrongContract as wrong:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, str(wrong)) from None
        _require_boxes(asked, contract, request.boxes)
        self._require_committed(principal, asked, request)
        values = len(bounds_of(contract, terms))
        every = contract.contributors
        return Accepted(
            question=asked,
            kind=self.name,
            contributors=every,
            minimum=len(every),
            ciphertexts=lambda _: values,
            consents=(request.consent_id,),
            boxes=dict(zip(every, request.boxes, strict=True)),
            commitments=request.commitments,
        )

    def _require_committed(
        self, principal: Principal, asked: SubjectQuestion, request: Request
    ) -> None:
        if request.commitments is None or not request.consent_id:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "commitments")
        said = self._own(request.commitments)
        bound = (said.asker, said.dataset, said.snapshot, said.consent, said.tags)
        wanted = (
            *(principal.institution, asked.dataset, asked.snapshot),
            *(asked.consent, asked.tags),
        )
        if bound != wanted or said.expires_at <= self._clock():
            raise refuse(ErrorReason.STATEMENT_REFUSED, "commitments")
        consent = consent_commitment(
            self._keyed, principal.institution, request.consent_id, asked.tags
        )
        if consent != asked.consent:
            raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "consent_id")

    def _own(self, signed: Signed) -> TagCommitments:
        """Return a statement that this gateway made: its signatures have one form only."""
        if self._statements.sign(COMMITMENTS_TYPE, signed.payload) != signed:
            raise refuse(ErrorReason.STATEMENT_REFUSED, "commitments")
        return msgspec.json.decode(signed.payload, type=TagCommitments)


def _require_boxes(
    asked: SubjectQuestion, contract: AggregateContract, boxes: tuple[bytes, ...]
) -> None:
    one_length = len({len(box) for box in boxes}) == 1
    if len(boxes) != len(contract.contributors) or not one_length:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "boxes")
    if boxes_digest(boxes) != asked.boxes:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID, "boxes")
