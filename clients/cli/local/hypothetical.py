"""A consent that a steward supposes, to see what a policy would decide under it.

Refuses to fill gaps: what the steward does not suppose, the consent does not hold. The provider and
the dataset are those asked about, for a consent made of options. An agreement is always supposed:
the question is what the rules say, and agreements are the Directory's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import msgspec

from clients.cli.output import UsageError
from clients.sdk.consents.draft import ConsentTerms as DraftTerms
from clients.sdk.consents.draft import read_terms
from clients.sdk.vocabulary import word_of
from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Frequency, Standing
from gateway.domain.institution import Agreement, Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import Ask
from gateway.domain.vocabulary import LawfulBasis, Period, SeparateConsent

_NO_ID = str(UUID(int=0))
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Supposition:
    """What the steward supposes: a draft's file, or single terms, or nothing at all.

    Raises:
        UsageError: a file and terms at once.
    """

    file: Path | None = None
    purposes: tuple[str, ...] = ()
    separate: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two ways at once."""
        if self.file and self.has_terms:
            raise UsageError(
                "--consent supposes a whole consent", "Leave out the options for single terms."
            )

    @property
    def has_terms(self) -> bool:
        """Whether single terms are supposed."""
        return bool(self.purposes or self.separate or self.categories)


def hypothetical_consent(
    supposed: Supposition, policy: CompiledPolicy, ask: Ask, principal: Principal, now: int
) -> tuple[Consent, ...]:
    """One consent that nobody used yet, or none if nothing is supposed.

    Raises:
        UsageError: the file cannot be read.
        ConsentDraftError: the file's terms are out of their bounds.
        RequestError: there is no such kind of separate consent.
    """
    if supposed.file:
        return (_unused(_from_file(supposed.file)),)
    if not supposed.has_terms:
        return ()
    contract = policy.datasets.get(ask.dataset)
    terms = ConsentTerms(
        consent_id=_NO_ID,
        version=1,
        controller=principal.institution,
        collector=principal.institution,
        providers=frozenset([contract.contract.provider] if contract else ()),
        datasets=frozenset([ask.dataset]),
        purposes=frozenset(supposed.purposes),
        fields=frozenset(),
        categories=frozenset(supposed.categories),
        lawful_basis=LawfulBasis.CONSENT,
        separate=frozenset(word_of(SeparateConsent, kind) for kind in supposed.separate),
        valid_from=now,
        valid_until=now + _DAY,
        uses=None,
        frequency=None,
        data_life_days=30,
        evidence_sha256=bytes(32),
    )
    return (_unused(terms),)


def with_agreement(principal: Principal, policy: CompiledPolicy, ask: Ask, now: int) -> Principal:
    """The same principal with an agreement on the dataset, for every purpose."""
    purposes = frozenset(policy.ancestors)
    supposed = Agreement(_NO_ID, frozenset([ask.dataset]), purposes, now, now + _DAY)
    return msgspec.structs.replace(principal, agreements=(supposed,))


def _unused(terms: ConsentTerms) -> Consent:
    return Consent(terms, Standing(ConsentState.ACTIVE))


def _from_file(file: Path) -> ConsentTerms:
    draft = read_terms(_read_document(file), DraftTerms)
    frequency = draft.frequency
    return ConsentTerms(
        consent_id=draft.consent_id,
        version=draft.version,
        controller=draft.controller,
        collector=draft.collector,
        providers=frozenset(draft.providers),
        datasets=frozenset(draft.datasets),
        purposes=frozenset(draft.purposes),
        fields=frozenset(draft.fields),
        categories=frozenset(draft.categories),
        lawful_basis=LawfulBasis(draft.lawful_basis),
        separate=frozenset(SeparateConsent(kind) for kind in draft.separate_consents),
        valid_from=int(draft.valid_from.timestamp()),
        valid_until=int(draft.valid_until.timestamp()),
        uses=draft.uses,
        frequency=Frequency(frequency.count, Period(frequency.per)) if frequency else None,
        data_life_days=draft.data_life_days,
        evidence_sha256=bytes.fromhex(draft.evidence_sha256),
    )


def _read_document(file: Path) -> dict[str, object]:
    try:
        document = json.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(
            f"{file} cannot be read: {error.strerror}", "Give a file that you may read."
        ) from error
    except ValueError as error:
        raise UsageError(f"{file} is not JSON", "Write the draft as one JSON object.") from error
    if not isinstance(document, dict):
        raise UsageError(f"{file} is not a JSON object", "Write the draft as one JSON object.")
    # No decision knows the subject, and no output shall.
    document.pop("subject", None)
    return document
