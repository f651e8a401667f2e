"""An offer of the catalogue is what the decision gives under a consent that covers everything.

Generated policies, principals and agreements; for each purpose of which a rule speaks, the offer is
held against ``decide`` with consents that hold exactly what the offer names, and a little less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from gateway.domain.consent import Consent, ConsentState, ConsentTerms, Standing
from gateway.domain.institution import Principal
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decide import decide
from gateway.domain.policy.decision import Ask, Decision
from gateway.domain.policy.offers import Offer, make_offers, purposes_spoken_of
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import LawfulBasis, SeparateConsent
from support.policy_cases import cases
from support.policy_compare import compiled

SETS, ASKS = 250, 6
DAY = 86_400


class Asked(NamedTuple):
    """One offer, and what is needed to ask for it."""

    policy: CompiledPolicy
    principal: Principal
    ask: Ask
    offer: Offer
    now: int

    def decided(
        self,
        basis: LawfulBasis,
        separate: tuple[SeparateConsent, ...] = tuple(SeparateConsent),
        age: int = 0,
    ) -> Decision:
        """The decision under a consent that covers every field and has these terms."""
        consent = self._covering(basis, separate, age)
        return decide(self.policy, self.principal, self.ask, (consent,), self.now)

    def _covering(
        self, basis: LawfulBasis, separate: tuple[SeparateConsent, ...], age: int
    ) -> Consent:
        contract = self.policy.datasets[self.ask.dataset].contract
        terms: dict[str, Any] = {
            "consent_id": "consent",
            "version": 1,
            "controller": self.principal.institution,
            "collector": self.principal.institution,
            "providers": frozenset({contract.provider}),
            "datasets": frozenset({self.ask.dataset}),
            "purposes": frozenset({self.ask.purpose}),
            "fields": frozenset(),
            "categories": frozenset(field.category for field in contract.fields),
            "lawful_basis": basis,
            "separate": frozenset(separate),
            "valid_from": self.now - age,
            "valid_until": self.now + 1,
            "uses": None,
            "frequency": None,
            "data_life_days": 30,
            "evidence_sha256": bytes(32),
        }
        return Consent(ConsentTerms(**terms), Standing(ConsentState.ACTIVE))


def offers() -> Iterator[Asked]:
    """Every offer of every generated question's dataset to its asker."""
    for seed in range(SETS):
        policy = compiled(seed)
        for case in cases(seed, ASKS):
            principal = msgspec.convert(case.principal, Principal)
            for dataset in policy.datasets:
                asks = [Ask(one, dataset) for one in purposes_spoken_of(policy, dataset)]
                made = make_offers(policy, principal, asks, case.now)
                for ask, offer in zip(asks, made, strict=True):
                    yield Asked(policy, principal, ask, offer, case.now)


def test_what_is_offered_is_allowed_and_nothing_else() -> None:
    seen: Counter[str] = Counter()
    for one in offers():
        offer, terms = one.offer, one.offer.terms
        assert offer.purpose.id == one.ask.purpose
        if terms is None:
            _assert_denied_alike(one)
            seen["no permit"] += 1
            continue
        for basis in LawfulBasis:
            decision = one.decided(basis, terms.separate)
            accepted = basis in terms.rule.consent.lawful_bases
            assert decision.allow == (accepted and not offer.findings)
            assert (decision.rule, decision.articles) == (offer.rule, offer.articles)
            assert decision.agreement == offer.agreement
            if accepted:
                assert decision.findings == offer.findings
        seen["offered" if not offer.findings else "without an agreement"] += 1
    assert min(seen[kind] for kind in ("no permit", "offered", "without an agreement")) >= 200


def _assert_denied_alike(one: Asked) -> None:
    for basis in (LawfulBasis.CONSENT, LawfulBasis.CONTRACT):
        decision = one.decided(basis)
        assert decision.findings == one.offer.findings != ()
        assert (decision.rule, decision.articles) == (one.offer.rule, one.offer.articles)
        assert one.offer.agreement == ""


def test_the_fields_are_those_of_the_plan() -> None:
    for one in offers():
        terms = one.offer.terms
        if terms is None:
            continue
        basis = terms.rule.consent.lawful_bases[0]
        decision = one.decided(basis, terms.separate)
        assert decision.plan == terms.plan
        assert decision.limits == terms.rule.limits
        assert decision.obligations == terms.rule.obligations
        released = [(field.field, field.release) for field in terms.fields]
        assert released == [(field.field, field.release) for field in terms.plan.released] != []
        assert all(field.form.en and field.form.zh for field in terms.fields)


def test_each_separate_consent_is_needed() -> None:
    left_out: Counter[SeparateConsent] = Counter()
    for one in offers():
        terms = one.offer.terms
        if terms is None or LawfulBasis.CONSENT not in terms.rule.consent.lawful_bases:
            assert terms is None or terms.separate == ()
            continue
        for kind in terms.separate:
            others = tuple(other for other in terms.separate if other is not kind)
            findings = one.decided(LawfulBasis.CONSENT, others).findings
            (missing,) = (found for found in findings if found not in one.offer.findings)
            assert missing.reason is ErrorReason.CONSENT_SEPARATE_MISSING
            assert missing.element == kind.value
            left_out[kind] += 1
    assert min(left_out[kind] for kind in SeparateConsent) >= 50


def test_a_consent_may_be_as_old_as_the_offer_says() -> None:
    for one in offers():
        terms = one.offer.terms
        if terms is None:
            continue
        basis, days = terms.rule.consent.lawful_bases[0], terms.rule.consent.max_age_days
        limit = 4000 * DAY if days is None else days * DAY
        assert one.decided(basis, terms.separate, limit).findings == one.offer.findings
        if days is not None:
            late = one.decided(basis, terms.separate, limit + 1).findings
            assert ErrorReason.CONSENT_TOO_OLD in {found.reason for found in late}
