"""The client whose calls are awaited.

Owns nothing but its making: the methods are those of `GatewayCalls`, how they are carried out is
`AwaitedConnection`'s.
"""

from __future__ import annotations

from clients.sdk.calls.connection import AwaitedConnection
from clients.sdk.calls.every import GatewayCalls
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.identity.channel import open_async_channel
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.identity.trust import Trust
from clients.sdk.logs.checkpoint_store import CheckpointStore


class AsyncVeilgateClient(GatewayCalls, AwaitedConnection):
    """One institution's connection to one gateway, on one event loop; make it while that runs.

    Methods, types, errors, deadlines and attempts are ``VeilgateClient``'s: what returns there is
    awaited here, and what is looped over there is looped over with ``async for``.

    Raises:
        ProfileError: a file of the profile cannot be read.
    """

    def __init__(
        self,
        profile: ClientProfile,
        retries: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        checkpoints: CheckpointStore | None = None,
    ) -> None:
        super().__init__(open_async_channel(profile), retries)
        self._trust = Trust.of(profile, checkpoints)
