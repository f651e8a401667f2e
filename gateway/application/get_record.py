"""GetRecord: the record path, from an authenticated request to a released record."""

from collections.abc import Mapping
from typing import Final

from gateway.application.decide_access import DecideAccess
from gateway.application.denied import AccessDenied
from gateway.application.ports.ledger import Ledger
from gateway.application.ports.provider import Inquiry, Provider
from gateway.application.protect_record import ProtectRecord
from gateway.domain.consent import STANDING_FINDINGS
from gateway.domain.policy.agreements import agreement_missing
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.stages import Authenticated, Decided, Intended, RawRecord, Released

_STOOD_AT_THE_DECISION: Final = {
    ErrorReason.AGREEMENT_MISSING,
    *(reason for reason in ErrorReason if reason.name.startswith("CONSENT_")),
}


class GetRecord:
    """One way, no way back: decide, intend, fetch, protect, release."""

    def __init__(
        self,
        decide: DecideAccess,
        ledger: Ledger,
        providers: Mapping[str, Provider],
        protect: ProtectRecord,
    ) -> None:
        """Take the steps; ``providers`` are by institution id."""
        self._decide = decide
        self._ledger = ledger
        self._providers = providers
        self._protect = protect

    async def __call__(self, authenticated: Authenticated) -> Released:
        """Return what was released, after its event is durable.

        Raises ``AccessDenied`` for a denial and ``Refused`` for any other end; each is recorded
        first. If the caller is gone the work stops, and the log says so.
        """
        resolved, decision, policy = await self._decide(authenticated)
        if not decision.allow:
            recorded = await self._ledger.deny(resolved, decision)
            raise AccessDenied(decision, policy.digest, recorded.event_id)
        intended = await self._ledger.intend(Decided.allowed(resolved, decision))
        try:
            raw = await self._fetch(intended, policy)
            return await self._ledger.release(await self._protect(raw, policy))
        except Refused as refused:
            recorded = await self._ledger.fail(intended, refused.reason)
            if refused.reason in _STOOD_AT_THE_DECISION:
                raise _denied_late(intended, refused, policy, recorded.event_id) from None
            raise
        except BaseException:
            self._ledger.abandon(intended)
            raise

    async def _fetch(self, intended: Intended, policy: CompiledPolicy) -> RawRecord:
        plan = intended.decided.plan
        provider = self._providers.get(policy.datasets[plan.dataset].contract.provider)
        if provider is None:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        fetched = await provider.fetch(_inquiry(intended))
        if fetched is None:
            raise refuse(ErrorReason.RECORD_NOT_FOUND)
        values = fetched.values
        if len(values) != len(plan.fetch) or any(field not in values for field in plan.fetch):
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID)
        return RawRecord(intended, values, fetched.event)


def _inquiry(intended: Intended) -> Inquiry:
    decided = intended.decided
    authenticated = decided.resolved.authenticated
    received = authenticated.received
    return Inquiry(
        decided.plan.dataset,
        received.subject,
        decided.plan.fetch,
        received.ask.purpose,
        authenticated.principal.institution,
        decided.consent.terms.consent_id,
        intended.event_id,
        received.request_id,
        () if received.forwarded is None else received.forwarded.path,
    )


def _denied_late(
    intended: Intended, refused: Refused, policy: CompiledPolicy, event_id: str
) -> AccessDenied:
    """Return a denial for what stood at the decision and no longer at the release."""
    decision = intended.decided.decision
    purpose = intended.decided.resolved.authenticated.received.ask.purpose
    # The committer tells the reason alone; element and article belong to it.
    known = {**STANDING_FINDINGS, ErrorReason.AGREEMENT_MISSING: agreement_missing(purpose)}
    findings = tuple(known.get(one.reason, one) for one in refused.findings)
    denial = Decision(decision.rule, findings, decision.consent, articles=decision.articles)
    return AccessDenied(denial, policy.digest, event_id)
