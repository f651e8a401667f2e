"""A local provider, whatever its engine, over a process of its own.

Owns the provider's process: a batch that is not answered in time fails for all its callers, and
the process is replaced, at most once a second. Refuses values whose type is not the contract's.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Final

import msgspec

from gateway.adapters.processes import sibling_process
from gateway.adapters.processes.batch_channel import BatchChannel, SiblingGone
from gateway.adapters.providers.addressing import Address
from gateway.adapters.providers.contract_values import Contract
from gateway.adapters.providers.messages import Answer, Found, Invalid, Lookup, Missing
from gateway.adapters.providers.sources import Source
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.domain.policy.documents import DatasetDocument
from gateway.domain.reasons import ErrorReason, refuse

PROCESS_MODULE: Final = "gateway.adapters.providers.provider_process"
_RESTART_PAUSE_S: Final = 1.0


class ProcessProvider:
    """Implements ``RecordSource``; start it before gRPC, close it at the end."""

    def __init__(
        self, source: Source, timeout_s: float, busy: Callable[[], bool] = lambda: False
    ) -> None:
        """Start the process; ``timeout_s`` bounds the answer to one batch; see ``BatchChannel``.

        Raises ``SiblingFailed`` for a source that can never work.
        """
        self._source = source
        self._busy = busy
        self._argument = msgspec.json.encode(source).decode()
        self._timeout_s = timeout_s
        self._sibling = sibling_process.start(PROCESS_MODULE, self._argument)
        self._channel: BatchChannel[Lookup, Answer] | None = None
        self._restart_after = 0.0
        self._restarting: asyncio.Future[sibling_process.Sibling] | None = None
        self._contract: Contract | None = None

    @property
    def pid(self) -> int:
        """Return the process id of the provider's process."""
        return self._sibling.process.pid

    def use_contract(self, contract: DatasetDocument) -> None:
        """Learn the types that the dataset's answers must have; other datasets' are passed by."""
        if contract.dataset == self._source.dataset:
            self._contract = Contract(contract, self._source.as_text)

    async def look_up(self, address: Address, inquiry: Inquiry) -> Fetched | None:
        """Return the values of exactly these fields, or None if there is no such subject."""
        contract = self._contract
        if contract is None or inquiry.dataset != self._source.dataset:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        answer = await self._asked(Lookup(address.type, address.value, inquiry.fields))
        if isinstance(answer, Found):
            return Fetched(contract.record(inquiry.fields, answer.values))
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

    async def _asked(self, lookup: Lookup) -> Answer:
        try:
            return await (await self._ready_channel()).call(lookup)
        except SiblingGone as gone:
            raise refuse(
                ErrorReason.PROVIDER_TIMEOUT if gone.timed_out else ErrorReason.PROVIDER_UNAVAILABLE
            ) from None

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
