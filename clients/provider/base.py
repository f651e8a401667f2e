"""The base class of a provider: override ``lookup``, serve it with `server`.

Owns answering the inquiries of one call: bounded in number and time, each alone, so that one that
fails, hangs or finds a record that breaks its contract spoils no other. Refuses to send a record of
another subject, and to let an exception's text out.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from clients.provider.errors import CannotAnswer, ProviderError
from clients.provider.messages import UnusableRecord, record_message
from clients.provider.models import Dataset, Inquiry, Record
from veilgate.v1 import provider_pb2 as pb

_LOG: Final = logging.getLogger("veilgate.provider")


class ProviderBase(ABC):
    """A provider of records. Set ``provider`` and ``datasets``, and override ``lookup``.

    ``provider`` is the institution's id at the gateway. A ``lookup`` that is a coroutine runs on
    the event loop, any other in a thread of its own.
    """

    provider: str
    datasets: tuple[Dataset, ...]

    @abstractmethod
    def lookup(self, inquiry: Inquiry) -> Record | Awaitable[Record | None] | None:
        """Return the record of the inquiry's subject, or None if there is no such subject.

        The dataset, its fields and the kind of subject have been checked. Raise ``CannotAnswer``
        where it cannot be said now; anything else that is raised is answered likewise, and logged
        by its class.
        """


class Answering:
    """Answers calls for one provider; one for each server."""

    def __init__(self, provider: ProviderBase, max_concurrent: int) -> None:
        if not provider.datasets:
            raise ProviderError("the provider serves no dataset", "Set `datasets`.")
        self._provider = provider
        self._datasets = {one.name: one for one in provider.datasets}
        self._slots = asyncio.Semaphore(max_concurrent)
        self._threads = ThreadPoolExecutor(max_concurrent, thread_name_prefix="lookup")
        self._awaited = inspect.iscoroutinefunction(provider.lookup)

    async def answers(
        self, inquiries: Mapping[str, Inquiry], budget_s: float
    ) -> list[pb.InquiryAnswer]:
        """Return one answer to each; at the end of the budget, that it cannot be answered."""
        tasks = {one: asyncio.ensure_future(self._answer(one, i)) for one, i in inquiries.items()}
        try:
            await asyncio.wait(tasks.values(), timeout=budget_s)
            return [task.result() if task.done() else _cannot(one) for one, task in tasks.items()]
        finally:
            for task in tasks.values():
                task.cancel()

    def close(self) -> None:
        """End the threads; look-ups that have not begun are dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, inquiry_id: str, inquiry: Inquiry) -> pb.InquiryAnswer:
        dataset = self._datasets.get(inquiry.dataset)
        if dataset is None or not dataset.takes(inquiry.subject):
            return _cannot(inquiry_id)
        if not dataset.fields.keys() >= set(inquiry.fields):
            return _cannot(inquiry_id)
        try:
            async with self._slots:
                record = await self._looked_up(inquiry)
            if record is None:
                return pb.InquiryAnswer(inquiry_id=inquiry_id, no_such_subject=pb.NoSuchSubject())
            message = record_message(inquiry_id, inquiry, record, dataset)
        except CannotAnswer:
            return _cannot(inquiry_id)
        except UnusableRecord as error:
            _LOG.error("a record of %s cannot be sent: %s", inquiry.dataset, error)
            return _cannot(inquiry_id)
        except Exception as error:  # noqa: BLE001 - its text may hold a value
            _LOG.error("lookup in %s raised %s", inquiry.dataset, type(error).__name__)
            return _cannot(inquiry_id)
        return pb.InquiryAnswer(inquiry_id=inquiry_id, record=message, event_id=record.event_id)

    async def _looked_up(self, inquiry: Inquiry) -> Record | None:
        if self._awaited:
            found = self._provider.lookup(inquiry)
        else:
            loop = asyncio.get_running_loop()
            found = await loop.run_in_executor(self._threads, self._provider.lookup, inquiry)
        return await found if isinstance(found, Awaitable) else found


def _cannot(inquiry_id: str) -> pb.InquiryAnswer:
    return pb.InquiryAnswer(inquiry_id=inquiry_id, cannot_answer=pb.CannotAnswer())
