"""A refusal with the decision behind it, so that the caller can be told what to change."""

from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import Refused


class AccessDenied(Refused):
    """The policy or the consent says no. Carries the decision; it was recorded."""

    def __init__(self, decision: Decision, policy_digest: str, event_id: str) -> None:
        """Take a decision that denies, and the event that recorded it."""
        super().__init__(*decision.findings, rule=decision.rule)
        self.decision = decision
        self.policy_digest = policy_digest
        self.event_id = event_id
