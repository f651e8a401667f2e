"""Re-identification: tokens are opened for a requester, once, after a second person approved.

Owns the rules of the policy and the order: the tokens are opened in memory, the use is durable, and
only then do values leave. Refuses to keep a token or a value, and records every denial.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256

import msgspec

from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.detection import KnownValue
from gateway.application.ports.ledger import Recorded
from gateway.application.ports.reidentification import (
    NewRequest,
    ReidentificationLedger,
    ReidentificationReader,
    Request,
)
from gateway.application.ports.tokens import Revealed, TokenOpener, TokenRefused
from gateway.domain.institution import Principal
from gateway.domain.policy.reidentification import ReidentificationRule, may_approve
from gateway.domain.reasons import ErrorReason, Refused, refuse

Clock = Callable[[], float]
"""Unix seconds."""
MaskJustification = Callable[[str, tuple[KnownValue, ...]], Awaitable[str]]
"""Replaces the personal data in a justification by its type, known values first; ``Refused``."""


class Asked(msgspec.Struct, frozen=True):
    """A stored request, and the event that says so."""

    recorded: Recorded
    rule: str
    expires_at: int


class Opened(msgspec.Struct, frozen=True):
    """What the tokens stand for, in their order, and the event of the use."""

    values: tuple[Revealed, ...]
    recorded: Recorded

    def __repr__(self) -> str:
        """Show no value."""
        return "Opened(...)"


class Reidentify:
    """Requests, approvals and uses of one gateway."""

    def __init__(
        self,
        policy: PolicyInForce,
        opener: TokenOpener,
        reader: ReidentificationReader,
        ledger: ReidentificationLedger,
        mask: MaskJustification,
        clock: Clock,
    ) -> None:
        """Take the policy in force, the keys, the store, the detector and a clock."""
        self._policy = policy
        self._opener = opener
        self._reader = reader
        self._ledger = ledger
        self._mask = mask
        self._clock = clock

    async def request(
        self,
        principal: Principal,
        request_id: str,
        purpose: str,
        tokens: tuple[str, ...],
        justification: str,
    ) -> Asked:
        """Store a request for a second person to approve.

        Raises ``Refused``: PURPOSE_UNKNOWN, REIDENTIFICATION_NOT_PERMITTED, TOKEN_REFUSED, and as
        ``ReidentificationLedger.request``.
        """
        try:
            rule = self._rule(principal, purpose, len(tokens))
            opened = self._open(principal, purpose, tokens, rule)
        except Refused as refused:
            await self._record_denial(principal, request_id, refused)
            raise
        known = await self._reader.find(principal.institution, request_id)
        expires_at = int(self._clock()) + 60 * rule.valid_minutes
        new = NewRequest(
            request_id,
            purpose,
            digest_of(principal, purpose, tokens),
            len(tokens),
            await self._masked(justification, opened) if known is None else known.justification,
            rule.id,
            expires_at if known is None else known.expires_at,
        )
        return Asked(await self._ledger.request(principal, new), rule.id, new.expires_at)

    async def approve(self, approver: Principal, request_id: str, digest: bytes) -> Recorded:
        """Approve another person's request of the same institution.

        Raises ``Refused``: REIDENTIFICATION_NOT_FOUND, SECOND_PERSON_NEEDED, and as
        ``ReidentificationLedger.approve``.
        """
        request = await self._find(approver, request_id)
        rule = self._policy.current.reidentification.by_id(request.rule)
        if rule is None or not may_approve(rule, request.requester, approver):
            refused = refuse(ErrorReason.SECOND_PERSON_NEEDED)
            await self._record_denial(approver, request_id, refused)
            raise refused
        return await self._ledger.approve(approver, request_id, digest)

    async def open(
        self, principal: Principal, request_id: str, purpose: str, tokens: tuple[str, ...]
    ) -> Opened:
        """Return what the tokens of an approved request stand for; works once.

        The rule must still permit it. Raises ``Refused``: REIDENTIFICATION_NOT_PERMITTED,
        TOKEN_REFUSED, and as ``ReidentificationLedger.use``.
        """
        try:
            rule = self._rule(principal, purpose, len(tokens))
            values = self._open(principal, purpose, tokens, rule)
        except Refused as refused:
            await self._record_denial(principal, request_id, refused)
            raise
        types = tuple(sorted({one.type for one in values}))
        digest = digest_of(principal, purpose, tokens)
        return Opened(values, await self._ledger.use(principal, request_id, digest, types))

    async def page(
        self, principal: Principal, before: tuple[int, str] | None, size: int
    ) -> tuple[Request, ...]:
        """Return requests of the caller's institution, the latest first."""
        return await self._reader.page(principal.institution, before, size)

    async def _masked(self, justification: str, opened: tuple[Revealed, ...]) -> str:
        # What the tokens stand for is the likeliest thing that a justification should not say.
        known = tuple(KnownValue(one.type, one.value) for one in opened)
        return await self._mask(justification, known)

    async def _find(self, principal: Principal, request_id: str) -> Request:
        request = await self._reader.find(principal.institution, request_id)
        if request is None:
            raise refuse(ErrorReason.REIDENTIFICATION_NOT_FOUND)
        return request

    def _rule(self, principal: Principal, purpose: str, tokens: int) -> ReidentificationRule:
        policy = self._policy.current
        ancestors = policy.ancestors.get(purpose)
        if ancestors is None:
            raise refuse(ErrorReason.PURPOSE_UNKNOWN)
        rule = policy.reidentification.rule_for(principal, ancestors, tokens)
        if rule is None:
            raise refuse(ErrorReason.REIDENTIFICATION_NOT_PERMITTED, purpose)
        return rule

    def _open(
        self,
        principal: Principal,
        purpose: str,
        tokens: tuple[str, ...],
        rule: ReidentificationRule,
    ) -> tuple[Revealed, ...]:
        try:
            values = tuple(
                self._opener.reveal(token, principal.institution, purpose) for token in tokens
            )
        except TokenRefused:
            raise refuse(ErrorReason.TOKEN_REFUSED) from None
        for one in values:
            if one.type not in rule.entities:
                raise refuse(ErrorReason.REIDENTIFICATION_NOT_PERMITTED, one.type)
        return values

    async def _record_denial(self, principal: Principal, request_id: str, refused: Refused) -> None:
        await self._ledger.deny(principal, request_id, refused.findings[0].reason.value)


def digest_of(principal: Principal, purpose: str, tokens: tuple[str, ...]) -> bytes:
    """Return the SHA-256 that binds an approval: who asks, what for, and which tokens, in order."""
    parts = ("veilgate reidentification v1", principal.institution, principal.workload, purpose)
    return sha256(msgspec.msgpack.encode([*parts, tokens])).digest()
