"""Issues a consent receipt: what was agreed, what became of it, and where the log says so.

Owns what goes into which part of a receipt (``domain/receipt.py``). Refuses a receipt to anybody
but the collector and the controller, who give it to the subject.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

import msgspec

from gateway.application.decide_access import PolicyInForce
from gateway.application.manage_consents import ManageConsents
from gateway.application.ports.consents import (
    ConsentHistory,
    ConsentMoment,
    Party,
    ReceiptSigner,
    SignedReceipt,
)
from gateway.application.ports.store import StoredConsent
from gateway.application.receipt_data import datasets_of, jurisdictions_of, pii_of, purposes_of
from gateway.domain.consent import ConsentTerms
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.receipt import (
    SCHEMA_VERSION,
    Event,
    Extension,
    FrequencyEntry,
    PartyEntry,
    PrivacyNotice,
    Processing,
    Receipt,
    SeparateEntry,
)
from gateway.domain.receipt_texts import (
    PIPL_RIGHTS,
    PROCESSING,
    SEPARATE_ARTICLES,
    collection_method,
    withdrawal_method,
)
from gateway.domain.texts_form import WORDS
from gateway.domain.vocabulary import Jurisdiction

EVENT_STATES: Final = {
    "CONSENT_GRANTED": "given",
    "CONSENT_RESUMED": "given",
    "CONSENT_PAUSED": "paused",
    "CONSENT_REVOKED": "withdrawn",
    "CONSENT_EXPIRED": "expired",
}
"""Kinds of events of the log to the states that a receipt tells."""


class IssueReceipt:
    """Makes and signs receipts. ``new_id`` gives a fresh UUID."""

    def __init__(
        self,
        consents: ManageConsents,
        history: ConsentHistory,
        policy: PolicyInForce,
        signer: ReceiptSigner,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        log_origin: str,
    ) -> None:
        """Take where consents are read, the policy's texts, the key, and the log's name."""
        self._consents = consents
        self._history = history
        self._policy = policy
        self._signer = signer
        self._clock = clock
        self._new_id = new_id
        self._log_origin = log_origin

    async def __call__(self, principal: Principal, consent_id: str) -> SignedReceipt:
        """Return a receipt of the consent as it is now.

        Raises ``Refused``: CONSENT_NOT_FOUND, STORE_UNAVAILABLE.
        """
        await self._consents.show(principal, consent_id)
        moments = await self._history.moments(consent_id)
        # Read after its events: a change in between is in the state, its event in the next receipt.
        stored = await self._consents.show(principal, consent_id)
        terms = stored.consent.terms
        parties = await self._history.parties(_institutions(terms))
        if not moments:
            raise refuse(ErrorReason.STORE_UNAVAILABLE)
        receipt = Receipt(
            schema_version=SCHEMA_VERSION,
            receipt_id=self._new_id(),
            record_id=consent_id,
            pii_principal_id=moments[0].tag,
            pii_processing=_processing(terms, self._policy.current, parties),
            party_identification=_parties(terms, parties),
            event=tuple(_event(one, terms) for one in moments),
            x_veilgate=self._extension(stored),
        )
        return self._signer.sign(msgspec.json.encode(receipt))

    def _extension(self, stored: StoredConsent) -> Extension:
        terms, standing = stored.consent.terms, stored.consent.standing
        frequency = terms.frequency
        return Extension(
            issued_at=_time(int(self._clock())),
            state=standing.state.value,
            version=terms.version,
            valid_from=_time(terms.valid_from),
            valid_until=_time(terms.valid_until),
            uses=standing.uses,
            datasets=datasets_of(terms, self._policy.current),
            providers=tuple(sorted(terms.providers)),
            log_origin=self._log_origin,
            policy_digest=self._policy.current.digest,
            separate_consents=_separate(terms),
            uses_limit=terms.uses,
            frequency=None
            if frequency is None
            else FrequencyEntry(frequency.count, frequency.per.value),
        )


def _processing(
    terms: ConsentTerms, policy: CompiledPolicy, parties: Mapping[str, Party]
) -> Processing:
    controller = parties.get(terms.controller)
    jurisdictions = jurisdictions_of(terms, policy)
    chinese = Jurisdiction.CN in {*jurisdictions, *(one.jurisdiction for one in parties.values())}
    return Processing(
        privacy_notice=PrivacyNotice(terms.evidence_sha256.hex()),
        language=("en", "zh"),
        purposes=purposes_of(terms, policy),
        pii_information=pii_of(terms, policy),
        pii_controllers=(terms.controller,),
        collection_method=collection_method(terms.collector),
        processing_method=PROCESSING,
        storage_locations=() if controller is None else (controller.jurisdiction.value,),
        retention_period=f"P{terms.data_life_days}D",
        jurisdiction=jurisdictions,
        recipient_third_parties=(terms.controller,),
        withdrawal_method=withdrawal_method(terms.collector, terms.controller),
        privacy_rights=PIPL_RIGHTS if chinese else (),
    )


def _institutions(terms: ConsentTerms) -> list[str]:
    return sorted({terms.controller, terms.collector, *terms.providers})


def _parties(terms: ConsentTerms, known: Mapping[str, Party]) -> tuple[PartyEntry, ...]:
    def entry(institution: str) -> PartyEntry:
        roles = {
            "pii_controller": institution == terms.controller,
            "collector": institution == terms.collector,
            "provider": institution in terms.providers,
        }
        party = known.get(institution)
        return PartyEntry(
            party_id=institution,
            party_role=tuple(role for role, held in roles.items() if held),
            x_legal_group="" if party is None else party.legal_group,
            x_jurisdiction="" if party is None else party.jurisdiction.value,
        )

    return tuple(entry(one) for one in _institutions(terms))


def _event(one: ConsentMoment, terms: ConsentTerms) -> Event:
    return Event(
        event_time=one.time,
        event_type=one.kind,
        event_state=EVENT_STATES[one.kind],
        entity_id=one.institution,
        validity_duration=f"{_time(terms.valid_from)}/{_time(terms.valid_until)}",
        x_event_id=one.event_id,
        x_log_index=one.log_index,
        x_subject_tag=one.tag,
        x_commitment_salt=one.salt,
    )


def _separate(terms: ConsentTerms) -> tuple[SeparateEntry, ...]:
    return tuple(
        SeparateEntry(kind.value, SEPARATE_ARTICLES[kind], WORDS[kind])
        for kind in sorted(terms.separate)
    )


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
