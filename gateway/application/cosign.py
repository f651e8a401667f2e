"""AddCosignature: a witness puts its signature under a checkpoint that this gateway published.

Owns who may and when: a witness of the policy, with the key of its own institution, at this time.
Refuses times that are not now: an old cosignature that is sent again says nothing of today.
"""

from collections.abc import Callable
from typing import Final

from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.checkpoints import (
    CheckpointLedger,
    CheckpointReader,
    WitnessSignatures,
)
from gateway.application.show_checkpoint import ShowCheckpoint, Shown
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import Role

MAX_AGE_S: Final = 3_600
MAX_AHEAD_S: Final = 300
"""How far a witness's clock may be ahead of the gateway's."""


class AddCosignature:
    """Records cosignatures. ``clock`` gives Unix seconds."""

    def __init__(
        self,
        checkpoints: CheckpointReader,
        ledger: CheckpointLedger,
        signatures: WitnessSignatures,
        show: ShowCheckpoint,
        policy: PolicyInForce,
        clock: Callable[[], float],
    ) -> None:
        """Take what is published, who records, and the policy in force."""
        self._checkpoints = checkpoints
        self._ledger = ledger
        self._signatures = signatures
        self._show = show
        self._policy = policy
        self._clock = clock

    async def __call__(self, principal: Principal, size: int, line: str) -> Shown:
        """Record the line under the checkpoint of this size; return how it stands then.

        Raises ``Refused``: ROLE_MISSING, CHECKPOINT_NOT_FOUND, COSIGNATURE_INVALID,
        INSTITUTION_SUSPENDED, STORE_UNAVAILABLE.
        """
        if Role.WITNESS not in principal.roles:
            raise refuse(ErrorReason.ROLE_MISSING, Role.WITNESS.value)
        witnesses = self._policy.current.witnesses
        published = await self._checkpoints.of_size(size)
        if published is None:
            raise refuse(ErrorReason.CHECKPOINT_NOT_FOUND)
        if witnesses is None:
            raise refuse(ErrorReason.COSIGNATURE_INVALID)
        one = self._signatures.verified(witnesses, principal.institution, published.note, line)
        if not -MAX_AGE_S <= one.time - self._clock() <= MAX_AHEAD_S:
            raise refuse(ErrorReason.COSIGNATURE_INVALID)
        await self._ledger.add_cosignature(principal.institution, size, one)
        return await self._show.of_size(size)
