"""The guard around every provider: bounded in time and number, and left alone while it fails.

Owns the address under which a subject is asked for, the time limit over all, the slots, and which
end of a call counts against the provider. Refuses, while the breaker is open, without asking.

A record that breaks the contract counts in the window, but makes no row of failures: a caller that
repeats a call for one spoilt record would otherwise take the provider away from all others.
"""

import asyncio
from typing import Final

import msgspec

from gateway.adapters.providers.addressing import Address, Addressing
from gateway.adapters.providers.breaker import Breaker
from gateway.adapters.providers.record_source import RecordSource
from gateway.adapters.providers.slots import Slots
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.domain.reasons import ErrorReason, Refused, refuse

_FAILURES: Final = frozenset((ErrorReason.PROVIDER_TIMEOUT, ErrorReason.PROVIDER_UNAVAILABLE))


class GuardLimits(msgspec.Struct, frozen=True):
    """``timeout_s`` is over all, the wait for a slot included."""

    timeout_s: float
    max_concurrent: int
    max_waiting: int


class GuardedProvider:
    """Implements ``Provider`` over a source of one dataset."""

    def __init__(
        self, source: RecordSource, addressing: Addressing, limits: GuardLimits, breaker: Breaker
    ) -> None:
        """Take the source, how it is asked, and the bounds."""
        self._source = source
        self._addressing = addressing
        self._timeout_s = limits.timeout_s
        self._slots = Slots(limits.max_concurrent, limits.max_waiting)
        self._breaker = breaker

    async def fetch(self, inquiry: Inquiry) -> Fetched | None:
        """Ask the source; see the port. Adds PROVIDER_BUSY, PROVIDER_TIMEOUT, IDENTIFIER_NEEDED."""
        if self._breaker.refuses():
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        address = self._addressing(inquiry.subject)
        try:
            async with asyncio.timeout(self._timeout_s) as limit, self._slots:
                return await self._asked(address, inquiry, limit)
        except TimeoutError:
            raise refuse(ErrorReason.PROVIDER_TIMEOUT) from None

    async def _asked(
        self, address: Address, inquiry: Inquiry, limit: asyncio.Timeout
    ) -> Fetched | None:
        # It may have opened, or another call may be the probe, since this one began to wait.
        ticket = self._breaker.admit()
        if ticket is None:
            raise refuse(ErrorReason.PROVIDER_UNAVAILABLE)
        try:
            fetched = await self._source.look_up(address, inquiry)
        except Refused as refused:
            self._judge(ticket, refused.reason)
            raise
        except asyncio.CancelledError:
            if limit.expired():
                self._breaker.failed(ticket)
            else:
                self._breaker.withdrawn(ticket)
            raise
        except BaseException:
            self._breaker.failed(ticket)
            raise
        self._breaker.succeeded(ticket)
        return fetched

    def _judge(self, ticket: int, reason: ErrorReason) -> None:
        if reason in _FAILURES:
            self._breaker.failed(ticket)
        elif reason is ErrorReason.PROVIDER_ANSWER_INVALID:
            self._breaker.failed(ticket, alone=True)
        elif reason is ErrorReason.PROVIDER_BUSY:
            self._breaker.withdrawn(ticket)
        else:
            self._breaker.succeeded(ticket)
