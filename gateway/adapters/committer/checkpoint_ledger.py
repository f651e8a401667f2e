"""The ledger of checkpoints over the committer."""

from collections.abc import Awaitable, Callable
from typing import Final

from gateway.adapters.committer.messages import AddCosignature, AnyOperation, Done, Publish
from gateway.application.ports.checkpoints import Cosignature

_NO_EVENT: Final = b""
_NOBODY: Final = b""


class CommitterCheckpoints:
    """Implements ``CheckpointLedger``."""

    def __init__(self, done: Callable[[AnyOperation], Awaitable[Done]]) -> None:
        """Take the way to the committer: ``CommitterLedger.done``."""
        self._done = done

    async def publish(self, size: int, root: bytes, note: bytes) -> None:
        """Publish a checkpoint, unless one as large is published, or one in this second."""
        await self._done(Publish(_NO_EVENT, _NOBODY, size, root, note))

    async def add_cosignature(self, institution: str, size: int, one: Cosignature) -> None:
        """Put a cosignature under a checkpoint."""
        operation = AddCosignature(_NO_EVENT, _NOBODY, institution, size, one.witness, one.line)
        await self._done(operation)
