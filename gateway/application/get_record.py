"""GetRecord: the record path, from an authenticated request to a released record."""

from collections.abc import Mapping

from gateway.application.decide_access import DecideAccess
from gateway.application.denied import AccessDenied
from gateway.application.ports.ledger import Ledger
from gateway.application.ports.provider import Provider
from gateway.application.protect_record import ProtectRecord
from gateway.domain.consent import STANDING_FINDINGS
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Refused, refuse
from gateway.domain.stages import Authenticated, Decided, Intended, RawRecord, Released


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
        resolved, decision, policy = self._decide(authenticated)
        if not decision.allow:
            recorded = await self._ledger.deny(resolved, decision)
            raise AccessDenied(decision, policy.digest, recorded.event_id)
        intended = await self._ledger.intend(Decided.allowed(resolved, decision))
        try:
            raw = await self._fetch(intended, policy)
            return await self._ledger.release(await self._protect(raw, policy))
        except Refused as refused:
            recorded = await self._ledger.fail(intended, refused.reason)
            if refused.reason.name.startswith("CONSENT_"):
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
        identifier = intended.decided.resolved.authenticated.received.identifier
        values = await provider.fetch(plan.dataset, identifier, plan.fetch)
        if values is None:
            raise refuse(ErrorReason.RECORD_NOT_FOUND)
        if len(values) != len(plan.fetch) or any(field not in values for field in plan.fetch):
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID)
        return RawRecord(intended, values)


def _denied_late(
    intended: Intended, refused: Refused, policy: CompiledPolicy, event_id: str
) -> AccessDenied:
    """Return a denial for a consent that stood at the decision and no longer at the release."""
    decision = intended.decided.decision
    # The committer tells the reason alone; the article belongs to it.
    findings = tuple(STANDING_FINDINGS.get(one.reason, one) for one in refused.findings)
    denial = Decision(decision.rule, findings, decision.consent, articles=decision.articles)
    return AccessDenied(denial, policy.digest, event_id)
