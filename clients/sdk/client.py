"""The client whose calls block.

Owns nothing but its making: the methods are those of `GatewayCalls`, how they are carried out is
`BlockingConnection`'s.
"""

from __future__ import annotations

from clients.sdk.calls.call import DEFAULT_TIMEOUT
from clients.sdk.calls.connection import BlockingConnection
from clients.sdk.calls.every import GatewayCalls
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.identity.channel import open_channel
from clients.sdk.identity.profile import ClientProfile
from clients.sdk.identity.trust import Trust
from clients.sdk.logs.checkpoint_store import CheckpointStore

__all__ = ["DEFAULT_TIMEOUT", "VeilgateClient"]


class VeilgateClient(GatewayCalls, BlockingConnection):
    """One institution's connection to one gateway; may be shared by threads.

    Every call takes ``timeout``, the seconds that it may take with all its attempts, and raises
    ``VeilgateError`` where it is refused, ``TransportFailure`` (a ``VeilgateError``) where no
    answer comes, ``RequestError`` where it cannot be sent, ``AnswerError`` where the answer is
    unusable. Calls that are safe to repeat are made again as ``retries`` says. ``checkpoints``
    remembers the log's last checkpoint for verifications.

    Raises:
        ProfileError: a file of the profile cannot be read.
    """

    def __init__(
        self,
        profile: ClientProfile,
        retries: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        checkpoints: CheckpointStore | None = None,
    ) -> None:
        super().__init__(open_channel(profile), retries)
        self._trust = Trust.of(profile, checkpoints)
