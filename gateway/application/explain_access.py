"""ExplainAccess: the decision that GetRecord would get now, recorded, with no provider asked."""

import msgspec

from gateway.application.decide_access import DecideAccess
from gateway.application.ports.ledger import Ledger, Recorded
from gateway.domain.policy.decision import Decision
from gateway.domain.stages import Authenticated


class Explanation(msgspec.Struct, frozen=True):
    """A decision, the policy that made it, and the event that recorded the question."""

    decision: Decision
    policy_digest: str
    recorded: Recorded


class ExplainAccess:
    """Decides and records; never asks a provider and uses nothing up."""

    def __init__(self, decide: DecideAccess, ledger: Ledger) -> None:
        """Take the deciding step and the ledger."""
        self._decide = decide
        self._ledger = ledger

    async def __call__(self, authenticated: Authenticated) -> Explanation:
        """Return the decision. Raises ``Refused`` with STORE_UNAVAILABLE."""
        resolved, decision, policy = await self._decide(authenticated)
        recorded = await self._ledger.explain(resolved, decision)
        return Explanation(decision, policy.digest, recorded)
