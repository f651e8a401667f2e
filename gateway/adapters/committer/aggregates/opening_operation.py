"""The operation that opens a round, out of what was checked of its question.

Owns which of the policy's terms go with it to the transaction. Refuses rounds of datasets that the
policy has no contract for, and questions whose bytes are not what the round says of them.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

import msgspec

from gateway.adapters.committer.aggregates.consent_reading import OpeningConsents
from gateway.adapters.committer.aggregates.messages import OpenRound
from gateway.application.ports.aggregates import NewRound
from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import (
    Question,
    SubjectQuestion,
    read_question,
    require_contract,
)
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.round_consents import ConsentNeed
from gateway.domain.reasons import ErrorReason, refuse

_DAY_S: Final = 86_400
_encode: Final = msgspec.msgpack.Encoder().encode


def opening(
    policy: CompiledPolicy,
    principal: Principal,
    new: NewRound,
    question: Question,
    event: bytes,
    subject_id: bytes,
    need: ConsentNeed | None,
    consents: OpeningConsents,
) -> OpenRound:
    """Return the operation; ``event`` and ``subject_id`` are of the event that it carries."""
    contract = policy.aggregates[new.dataset]
    return OpenRound(
        event=event,
        subject_id=subject_id,
        institution=principal.institution,
        id=new.id,
        kind=new.kind,
        dataset=new.dataset,
        purpose=new.purpose,
        contract=question.contract,
        digest=new.digest,
        question=_encode(new.question),
        cost=new.cost,
        limit=new.limit,
        max_refusals=new.max_refusals,
        period_s=new.period_s,
        expires_at=new.expires_at,
        agreements=_agreements(principal, new.dataset, policy.ancestors[new.purpose]),
        consents=consents.ids,
        consents_root=consents.root,
        need=need,
        subject_limit=_subject_limit(contract, question),
        subject_window=_DAY_S,
        parts=consents.parts,
        seen=consents.seen,
    )


def asked(policy: CompiledPolicy, new: NewRound) -> tuple[AggregateContract, Question]:
    """Return contract and question of a new round; raises ``Refused`` where they differ."""
    contract = policy.aggregates.get(new.dataset)
    if contract is None or new.purpose not in policy.ancestors:
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED)
    try:
        question = read_question(new.question.payload)
        require_contract(question, contract)
    except ValueError:
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID) from None
    said = (question.id, question.dataset, question.purpose, question.expires_at)
    kind = question.__struct_config__.tag
    if (*said, kind) != (new.id, new.dataset, new.purpose, new.expires_at, new.kind):
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID)
    if new.digest != sha256(new.question.payload).digest():
        raise refuse(ErrorReason.AGGREGATE_QUESTION_INVALID)
    if isinstance(question, SubjectQuestion) and len(new.consents) != 1:
        raise refuse(ErrorReason.CONSENT_ABSENT)
    return contract, question


def _agreements(principal: Principal, dataset: str, line: frozenset[str]) -> tuple[str, ...]:
    """Return the asker's agreements for this, whenever in force: the transaction looks at that."""
    return tuple(
        one.id
        for one in principal.agreements
        if dataset in one.datasets and not line.isdisjoint(one.purposes)
    )


def _subject_limit(contract: AggregateContract, question: Question) -> int:
    if isinstance(question, SubjectQuestion) and contract.subject is not None:
        return contract.subject.a_subject_a_day
    return 0
