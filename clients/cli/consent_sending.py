"""Many grants at once: lines go out in order, some at a time, and their endings come back in order.

Owns how a grant ends. Refuses to go on once the gateway is not to be reached: what was not sent is
said to be so, and a second run sends it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from threading import Event
from typing import Final

import grpc

from clients.cli.consent_lines import Importer, LineRefused
from clients.sdk.client import VeilgateClient
from clients.sdk.consents.draft import Draft
from clients.sdk.errors import TransportFailure, VeilgateError
from clients.sdk.failure import SdkError

_READY: Final = 4
"""Lines that wait for each one under way, so that no thread waits for work."""
_HOPELESS: Final = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE})


class Ending(Enum):
    """How a line ended; values are the names of the counts."""

    GRANTED = "granted"
    ALREADY = "already"
    REFUSED = "refused"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Sent:
    """One line and how it ended; ``reason`` and ``text`` where it was not granted."""

    line: int
    ending: Ending
    reason: str = ""
    text: str = ""
    malformed: bool = False


def send_all(
    client: VeilgateClient,
    importer: Importer,
    lines: Iterable[tuple[int, bytes]],
    in_flight: int,
    timeout: float,
) -> Iterator[Sent]:
    """Grant every line, ``in_flight`` at a time; yield how each one ended, in their order."""
    stopped = Event()

    def send(number: int, raw: bytes) -> Sent:
        try:
            draft = importer.draft(raw)
        except LineRefused as refused:
            return Sent(number, Ending.REFUSED, refused.reason, str(refused), malformed=True)
        if stopped.is_set():
            return Sent(number, Ending.NOT_SENT, "NOT_SENT", "The gateway is not to be reached.")
        return _granted(client, importer, number, draft, timeout, stopped)

    pool, waiting = ThreadPoolExecutor(in_flight), deque[Future[Sent]]()
    try:
        for number, raw in lines:
            waiting.append(pool.submit(send, number, raw))
            if len(waiting) >= in_flight * _READY:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _granted(
    client: VeilgateClient,
    importer: Importer,
    number: int,
    draft: Draft,
    timeout: float,
    stopped: Event,
) -> Sent:
    try:
        receipt = client.grant_consent(importer.sign(draft), timeout=timeout)
    except VeilgateError as error:
        if error.reason == "CONSENT_ALREADY_EXISTS" and _is_there(client, draft, timeout):
            return Sent(number, Ending.ALREADY)
        if isinstance(error, TransportFailure) or error.code in _HOPELESS:
            stopped.set()
            return Sent(number, Ending.NOT_SENT, str(error.reason), _told(error))
        return Sent(number, Ending.REFUSED, str(error.reason), _told(error))
    except SdkError as error:
        return Sent(number, Ending.REFUSED, "UNSPECIFIED", str(error))
    # The gateway names no event where the same consent was there already.
    return Sent(number, Ending.GRANTED if receipt.event_id else Ending.ALREADY)


def _told(error: VeilgateError) -> str:
    """What happened and what to do; both are fixed sentences with names of fields at most."""
    return f"{error.text('en')} {error.next_step}"


def _is_there(client: VeilgateClient, draft: Draft, timeout: float) -> bool:
    """Whether these very terms were granted under this id, signed with another key of ours."""
    try:
        return client.get_consent(draft.consent_id, timeout=timeout).draft == draft
    except SdkError:
        return False
