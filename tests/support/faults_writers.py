"""Eight writers at one committer process, over the channel that the gateway uses.

Owns the load of the kill tests and the book of what was acknowledged. A writer ends where the
committer dies; what it had asked for then may or may not have happened.
"""

import asyncio
from dataclasses import dataclass, field

from gateway.adapters.committer.messages import AnyOperation, Done, Not, Result
from gateway.adapters.processes.batch_channel import BatchChannel, SiblingGone
from gateway.adapters.processes.sibling_process import Sibling
from gateway.domain.reasons import ErrorReason
from support.faults_store import Subject
from support.faults_store_check import Acknowledged

WRITERS = 8
_ROUNDS = 8
_TIMEOUT_S = 30.0


@dataclass(slots=True)
class Book:
    """What was acknowledged, and whether the committer died before the writers were done."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    gone: bool = False

    def note(self, operation: AnyOperation, result: Result) -> None:
        assert isinstance(result, Done), result
        self.acknowledged.append(Acknowledged(result.log_index, operation.event))


async def write_until_gone(sibling: Sibling) -> Book:
    """Drive the committer with all writers until they are done or it is gone."""
    book = Book()
    channel: BatchChannel[AnyOperation, Result] = BatchChannel(
        sibling.sockets[0], Result, _TIMEOUT_S, lambda timed_out: None
    )
    await asyncio.gather(*(_write(channel, book) for _ in range(WRITERS)))
    channel.close()
    return book


async def _write(channel: BatchChannel[AnyOperation, Result], book: Book) -> None:
    try:
        await _life_of_a_consent(channel, book)
    except SiblingGone:
        book.gone = True


async def _life_of_a_consent(channel: BatchChannel[AnyOperation, Result], book: Book) -> None:
    async def ask(operation: AnyOperation) -> None:
        book.note(operation, await channel.call(operation))

    subject = Subject()
    await ask(subject.grant())
    for turn in range(_ROUNDS):
        intent = subject.intend()
        await ask(intent)
        await ask(subject.fail(intent) if turn % 4 == 3 else subject.release(intent))
        if turn % 4 == 1:
            again = subject.intend(intent.request_id)
            await ask(again)
            await ask(subject.release(again))
    last = subject.intend()
    await ask(last)
    await ask(subject.revoke())
    refused = await channel.call(subject.release(last))
    assert refused == Not(ErrorReason.CONSENT_REVOKED)
    await ask(subject.fail(last))
