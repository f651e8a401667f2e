"""From an authenticated request to a decision: what GetRecord and ExplainAccess share."""

from collections.abc import Callable

import msgspec

from gateway.application.ports.store import ConsentReader
from gateway.domain.consent import Consent, before_use
from gateway.domain.policy.compile import CompiledPolicy
from gateway.domain.policy.decide import decide
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason
from gateway.domain.stages import Authenticated, Repeat, Resolved

Clock = Callable[[], float]
"""Unix seconds."""


_SPENT = (ErrorReason.CONSENT_USES_SPENT, ErrorReason.CONSENT_FREQUENCY_SPENT)


class PolicyInForce:
    """The compiled policy that decides now; replaced whole, never changed."""

    def __init__(self, policy: CompiledPolicy) -> None:
        """Start with a policy: there is no state without one."""
        self.current = policy


class DecideAccess:
    """Resolves subject and consents and decides."""

    def __init__(self, policy: PolicyInForce, consents: ConsentReader, clock: Clock) -> None:
        """Take the policy in force, the store, and a clock."""
        self._policy = policy
        self._consents = consents
        self._clock = clock

    async def __call__(
        self, authenticated: Authenticated
    ) -> tuple[Resolved, Decision, CompiledPolicy]:
        """Return what was found, what was decided, and by which policy.

        Raises ``Refused`` with STORE_UNAVAILABLE. A denial is a decision, not an error, here.
        """
        policy = self._policy.current
        resolved = await self._consents.resolve(authenticated)
        principal, ask = authenticated.principal, authenticated.received.ask
        now = int(self._clock())
        decision = decide(policy, principal, ask, resolved.consents, now)
        if len(resolved.consents) > 1 or _may_be_its_own_use(decision):
            repeat = await self._consents.repeat(authenticated)
            if repeat is not None:
                consents = tuple(_without_own_use(one, repeat) for one in resolved.consents)
                # The consent that was used goes first: under another one this is a second use.
                used = tuple(one for one in consents if one.terms.consent_id == repeat.consent_id)
                decision = decide(policy, principal, ask, used, now)
                if not decision.allow:
                    decision = decide(policy, principal, ask, consents, now)
        return resolved, decision, policy


def _may_be_its_own_use(decision: Decision) -> bool:
    """Whether a denial may rest on a use that the same request counted when it came first."""
    return any(finding.reason in _SPENT for finding in decision.findings)


def _without_own_use(consent: Consent, repeat: Repeat) -> Consent:
    """A repeated request is decided as if its own first use had not been counted."""
    if consent.terms.consent_id != repeat.consent_id:
        return consent
    return msgspec.structs.replace(consent, standing=before_use(consent.standing, repeat.window))
