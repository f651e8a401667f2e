"""GetCheckpoint: the latest checkpoint, or the latest that counts, with its cosignatures."""

import msgspec

from gateway.application.decide_access import PolicyInForce
from gateway.application.ports.checkpoints import CheckpointReader, Published, WitnessSignatures
from gateway.application.publish_checkpoint import PublishCheckpoint
from gateway.domain.reasons import ErrorReason, refuse


class Shown(msgspec.Struct, frozen=True):
    """The note with its cosignatures, how many count, and how many have to (0: no policy)."""

    note: bytes
    cosignatures: int
    required: int


class ShowCheckpoint:
    """Shows checkpoints under the witness policy in force."""

    def __init__(
        self,
        publish: PublishCheckpoint,
        checkpoints: CheckpointReader,
        signatures: WitnessSignatures,
        policy: PolicyInForce,
    ) -> None:
        """Take who publishes, what is published, and the policy in force."""
        self._publish = publish
        self._checkpoints = checkpoints
        self._signatures = signatures
        self._policy = policy

    async def latest(self) -> Shown:
        """Return the latest checkpoint, cosigned or not."""
        return await self._shown(await self._publish())

    async def witnessed(self) -> Shown:
        """Return the latest checkpoint that the witness policy counts.

        Raises ``Refused``: CHECKPOINT_NOT_WITNESSED, also where there is no such policy.
        """
        witnesses = self._policy.current.witnesses
        if witnesses is not None:
            named = self._signatures.identities(witnesses)
            published = await self._checkpoints.witnessed(named, witnesses.required)
            shown = None if published is None else await self._shown(published)
            if shown is not None and shown.cosignatures >= witnesses.required:
                return shown
        raise refuse(ErrorReason.CHECKPOINT_NOT_WITNESSED)

    async def of_size(self, size: int) -> Shown:
        """Return the published checkpoint of this size. Raises ``Refused``."""
        published = await self._checkpoints.of_size(size)
        if published is None:
            raise refuse(ErrorReason.CHECKPOINT_NOT_FOUND)
        return await self._shown(published)

    async def _shown(self, published: Published) -> Shown:
        lines = await self._checkpoints.lines(published.size)
        note = self._signatures.signed(published.note, lines)
        witnesses = self._policy.current.witnesses
        if witnesses is None:
            return Shown(note, 0, 0)
        return Shown(note, self._signatures.count(witnesses, note), witnesses.required)
