"""Preparing a question about one subject: what each contributor knows it by, and commitments to it.

Owns that the subject is the consent's: tags are given for a person who agreed to this asker, for
this dataset and purpose, and for nobody else. Refuses where an agent has not said which key its box
is sealed for, since a round needs all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Final

import msgspec

from gateway.application.aggregate.consent_commitment import consent_commitment
from gateway.application.aggregate.orders import Orders
from gateway.application.aggregate.permission import require_permitted
from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.aggregates import AggregateLedger, Signed, StatementChecker
from gateway.application.ports.subject_tags import ConsentedSubjects, SubjectTags
from gateway.domain.aggregate.contract import AggregateContract, SubjectTerms
from gateway.domain.aggregate.subject import COMMITMENTS_TYPE, TagCommitments, tag_commitment
from gateway.domain.consent import Consent, standing_finding
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.subject import SubjectIdentifier, SubjectKey

LIFE_S: Final = 600
"""Of commitments: long enough to seal the boxes and ask."""


class Wanted(msgspec.Struct, frozen=True):
    """Whom an asker wants to ask about, what for, and the consent to it."""

    dataset: str
    purpose: str
    consent_id: str
    subject: SubjectKey


class Tagged(msgspec.Struct, frozen=True):
    """One contributor's tag, the salt of its commitment, and the key to seal them for."""

    contributor: str
    tag: bytes
    salt: bytes
    box_key: Signed

    def __repr__(self) -> str:
        """Show neither tag nor salt."""
        return f"Tagged({self.contributor})"


class PreparedSubject(msgspec.Struct, frozen=True):
    """Tags in the contract's order, and the gateway's statement over their commitments."""

    tags: tuple[Tagged, ...]
    commitments: Signed


class PrepareSubject:
    """Prepares. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        policy: PolicyInForce,
        consents: ConsentedSubjects,
        keyed: SubjectTags,
        orders: Orders,
        statements: StatementChecker,
        ledger: AggregateLedger,
        clock: Callable[[], float],
    ) -> None:
        """Take the policy in force, the consents, the keys, and the agents' box keys."""
        self._policy = policy
        self._consents = consents
        self._keyed = keyed
        self._orders = orders
        self._statements = statements
        self._ledger = ledger
        self._clock = clock

    async def __call__(self, principal: Principal, wanted: Wanted) -> PreparedSubject:
        """Return tags and commitments.

        Raises ``Refused``: DATASET_UNKNOWN, AGGREGATE_NOT_PERMITTED, CONSENT_ABSENT and what else
        keeps a consent from standing, CONTRIBUTORS_MISSING.
        """
        try:
            contract = self._contract(principal, wanted)
            await self._require_consent(principal, wanted)
            keys = self._box_keys(contract)
        except Refused as refused:
            # The consent, not the person: its id says nothing without the store.
            digest = sha256(wanted.consent_id.encode()).digest()
            await self._ledger.deny(principal, digest, refused.reason.value)
            raise
        tags = self._keyed.tags(wanted.subject, contract.contributors)
        salts = self._keyed.salts(len(tags))
        rows = zip(contract.contributors, tags, salts, keys, strict=True)
        tagged = tuple(Tagged(*row) for row in rows)
        return PreparedSubject(tagged, self._committed(principal, wanted, contract, tagged))

    def _contract(self, principal: Principal, wanted: Wanted) -> AggregateContract:
        contract = self._policy.current.aggregates.get(wanted.dataset)
        if contract is None:
            raise refuse(ErrorReason.DATASET_UNKNOWN, wanted.dataset)
        require_permitted(principal, contract.subject, wanted.purpose, "subject")
        _require_identifier(contract.subject, wanted.subject)
        return contract

    async def _require_consent(self, principal: Principal, wanted: Wanted) -> None:
        """Look at whose the consent is; all that it must cover is looked at when asked."""
        found = await self._consents.consent(wanted.consent_id)
        # Another's consent, another subject's and none look alike.
        if found is None or found.consent.terms.controller != principal.institution:
            raise refuse(ErrorReason.CONSENT_ABSENT)
        subject = await self._consents.subject_of(wanted.consent_id)
        if subject.id != self._keyed.subject_id(wanted.subject):
            raise refuse(ErrorReason.CONSENT_ABSENT)
        self._require_standing(found.consent, wanted)

    def _require_standing(self, consent: Consent, wanted: Wanted) -> None:
        finding = standing_finding(consent.terms, consent.standing, int(self._clock()))
        if finding is not None:
            raise Refused(finding)
        if wanted.dataset not in consent.terms.datasets:
            raise refuse(ErrorReason.CONSENT_DATASET_MISSING, wanted.dataset)
        covering = self._policy.current.ancestors.get(wanted.purpose, frozenset())
        if covering.isdisjoint(consent.terms.purposes):
            raise refuse(ErrorReason.CONSENT_PURPOSE_MISSING, wanted.purpose)

    def _box_keys(self, contract: AggregateContract) -> list[Signed]:
        keys = [self._orders.box_key(one) for one in contract.contributors]
        found = [one for one in keys if one is not None]
        if len(found) < len(keys):
            raise refuse(ErrorReason.CONTRIBUTORS_MISSING)
        return found

    def _committed(
        self,
        principal: Principal,
        wanted: Wanted,
        contract: AggregateContract,
        tagged: tuple[Tagged, ...],
    ) -> Signed:
        tags = tuple(tag_commitment(one.salt, one.contributor, one.tag) for one in tagged)
        asker = principal.institution
        said = TagCommitments(
            asker=asker,
            dataset=wanted.dataset,
            snapshot=contract.snapshot,
            consent=consent_commitment(self._keyed, asker, wanted.consent_id, tags),
            tags=tags,
            expires_at=int(self._clock()) + LIFE_S,
        )
        return self._statements.sign(COMMITMENTS_TYPE, said.encoded())


def _require_identifier(terms: SubjectTerms | None, subject: SubjectKey) -> None:
    """A reference says nothing of the type of identifier behind it."""
    allowed = () if terms is None else terms.identifiers
    if isinstance(subject, SubjectIdentifier) and subject.type.value not in allowed:
        raise refuse(ErrorReason.AGGREGATE_NOT_PERMITTED, "subject")
