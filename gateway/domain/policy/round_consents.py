"""Which consent an aggregate rests on: that of each person whom a round is about.

Owns what the consent must cover, worked out when a round is opened, and the one test of a consent
against it, which is made then and again in the release transaction. A cohort rests on none: nobody
in it can be told apart. Refuses lawful bases other than consent: what one subject owes everywhere,
or the bins of one person, leave under consent alone.
"""

import msgspec

from gateway.domain.aggregate.contract import AggregateContract
from gateway.domain.aggregate.question import BinningJob, CohortQuestion, Question, SubjectQuestion
from gateway.domain.consent import ConsentTerms, Standing, standing_finding
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, Finding
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent


class ConsentNeed(msgspec.Struct, frozen=True):
    """What a consent must say. ``features`` are (field, category), each covered by either."""

    controller: str
    dataset: str
    purposes: frozenset[str]
    """The question's purpose and its ancestors: one of them."""
    providers: frozenset[str]
    """All of them."""
    separate: frozenset[SeparateConsent]
    features: tuple[tuple[str, str], ...] = ()


def consent_need(
    policy: CompiledPolicy, contract: AggregateContract, question: Question, asker: Principal
) -> ConsentNeed | None:
    """Return what each consent of the round must cover, None where none is needed.

    Raises ``KeyError`` for a purpose that the policy does not know.
    """
    dataset = policy.datasets.get(contract.dataset)
    need = ConsentNeed(
        asker.institution,
        contract.dataset,
        policy.ancestors[question.purpose],
        # What the asker holds itself it needs nobody's leave to count.
        frozenset(_sources(contract, question)) - {asker.institution},
        frozenset({SeparateConsent.THIRD_PARTY}),
    )
    match question:
        case CohortQuestion():
            return None
        case SubjectQuestion():
            return need
        case BinningJob(mode="dp"):
            return need
        case BinningJob():
            document = None if dataset is None else dataset.contract
            return _disclosing(need, question.features, document, asker)


def _sources(contract: AggregateContract, question: Question) -> tuple[str, ...]:
    binning = contract.binning
    if isinstance(question, BinningJob) and binning is not None:
        return (binning.bureau,)
    return contract.contributors


def _disclosing(
    need: ConsentNeed,
    features: tuple[str, ...],
    dataset: DatasetDocument | None,
    asker: Principal,
) -> ConsentNeed:
    """Return the need of a job that can show each person's bins: as of a release of the fields."""
    separate = set(need.separate)
    fields = {} if dataset is None else {field.name: field for field in dataset.fields}
    if any(name not in fields or fields[name].sensitive for name in features):
        separate.add(SeparateConsent.SENSITIVE)
    if dataset is None or dataset.jurisdiction is not asker.jurisdiction:
        separate.add(SeparateConsent.CROSS_BORDER)
    return msgspec.structs.replace(
        need,
        separate=frozenset(separate),
        features=tuple(
            (name, fields[name].category if name in fields else "") for name in features
        ),
    )


def unmet(
    terms: ConsentTerms, standing: Standing, need: ConsentNeed, now: int
) -> ErrorReason | None:
    """Return why the consent does not carry the round at ``now`` (Unix seconds), or None."""
    if terms.controller != need.controller:
        return ErrorReason.CONSENT_ABSENT
    finding: Finding | None = standing_finding(terms, standing, now)
    if finding is not None:
        return finding.reason
    if need.dataset not in terms.datasets:
        return ErrorReason.CONSENT_DATASET_MISSING
    if not need.providers <= terms.providers:
        return ErrorReason.CONSENT_PROVIDER_MISSING
    if need.purposes.isdisjoint(terms.purposes):
        return ErrorReason.CONSENT_PURPOSE_MISSING
    if terms.lawful_basis is not LawfulBasis.CONSENT:
        return ErrorReason.CONSENT_BASIS_NOT_ACCEPTED
    if not need.separate <= terms.separate:
        return ErrorReason.CONSENT_SEPARATE_MISSING
    for name, category in need.features:
        if name not in terms.fields and category not in terms.categories:
            return ErrorReason.CONSENT_FIELDS_MISSING
    return None
