"""A provider over a local SQLite database, as the application's port.

Owns the provider's process: a batch that is not answered in time fails for all its callers, and
the process is replaced. Refuses values whose type is not the contract's.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from gateway.adapters import sibling_process
from gateway.adapters.batch_channel import BatchChannel, SiblingGone
from gateway.adapters.provider_messages import Answer, Found, Invalid, Lookup, Missing
from gateway.adapters.sqlite_provider_process import Source
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Value
from gateway.domain.subject import SubjectIdentifier
from gateway.domain.vocabulary import FieldType

PROCESS_MODULE: Final = "gateway.adapters.sqlite_provider_process"
_RESTART_PAUSE_S: Final = 1.0
_TYPES: Final[dict[FieldType, type]] = {
    FieldType.STRING: str,
    FieldType.DATE: str,
    FieldType.TEXT: str,
    FieldType.INTEGER: int,
}


class SqliteProvider:
    """Implements ``Provider``; start it before gRPC, close it at the end."""

    def __init__(
        self,
        sources: tuple[Source, ...],
        timeout_s: float,
        busy: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take the sources; ``timeout_s`` bounds the answer to one batch; see ``BatchChannel``."""
        self._busy = busy
        self._argument = msgspec.json.encode(sources).decode()
        self._timeout_s = timeout_s
        self._sibling = sibling_process.start(PROCESS_MODULE, self._argument)
        self._channel: BatchChannel[Lookup, Answer] | None = None
        self._restart_after = 0.0
        self._restarting: asyncio.Future[sibling_process.Sibling] | None = None
        self._contracts: dict[str, dict[str, type]] = {}

    @property
    def pid(self) -> int:
        """Return the process id of the provider's process."""
        return self._sibling.process.pid

    def use_contract(self, contract: DatasetDocument) -> None:
        """Learn the types that this dataset's answers must have."""
        self._contracts[contract.dataset] = {
            field.name: _TYPES[field.type] for field in contract.fields
        }

    async def fetch(
        self, dataset: str, identifier: SubjectIdentifier, fields: tuple[str, ...]
    ) -> Mapping[str, Value] | None:
        """Return the values of exactly these fields, or None if there is no such subject."""
        lookup = Lookup(dataset, identifier.type.value, identifier.value, fields)
        try:
            answer = await (await self._ready_channel()).call(lookup)
        except SiblingGone as gone:
            raise refuse(
                ErrorReason.PROVIDER_TIMEOUT if gone.timed_out else ErrorReason.PROVIDER_UNAVAILABLE
            ) from None
        if isinstance(answer, Found):
            return self._checked(dataset, fields, answer)
        if isinstance(answer, Missing):
            return None
        raise refuse(
            ErrorReason.PROVIDER_ANSWER_INVALID
            if isinstance(answer, Invalid)
            else ErrorReason.PROVIDER_UNAVAILABLE
        )

    def close(self) -> None:
        """Stop the process; waiting calls fail."""
        if self._channel is not None:
            self._channel.close()
        self._sibling.process.kill()
        self._sibling.stop()

    def _checked(self, dataset: str, fields: tuple[str, ...], answer: Found) -> Mapping[str, Value]:
        types = self._contracts[dataset]
        values = answer.values
        if len(values) != len(fields):
            raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID)
        for field, value in zip(fields, values, strict=True):
            if value is not None and type(value) is not types[field]:
                raise refuse(ErrorReason.PROVIDER_ANSWER_INVALID, field)
        return dict(zip(fields, values, strict=True))

    async def _ready_channel(self) -> BatchChannel[Lookup, Answer]:
        if self._channel is None:
            if self._sibling.process.poll() is not None:
                await self._restarted()
            if self._channel is None:
                self._channel = BatchChannel(
                    self._sibling.sockets[0], Answer, self._timeout_s, self._lost, self._busy
                )
        return self._channel

    def _lost(self, timed_out: bool) -> None:  # noqa: ARG002 - each waiting call was told
        self._channel = None
        self._sibling.process.kill()
        self._sibling.process.wait()

    async def _restarted(self) -> None:
        """Start the process anew, off the event loop; calls that come meanwhile wait for it."""
        if self._restarting is None:
            now = time.monotonic()
            if now < self._restart_after:
                raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
            self._restart_after = now + _RESTART_PAUSE_S
            start = asyncio.to_thread(sibling_process.start, PROCESS_MODULE, self._argument)
            self._restarting = asyncio.ensure_future(start)
        restarting = self._restarting
        try:
            self._sibling = await asyncio.shield(restarting)
        except sibling_process.SiblingFailed as error:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE) from error
        finally:
            if restarting.done():
                self._restarting = None
