"""A keyholder's calls to the gateway.

Owns their requests, and putting a result that comes in parts together within a bound. What comes
back is bytes and the gateway's word: ``verification`` checks it. Refuses streams that bring a
second result, parts before one, or more bytes than the question can have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import grpc
import msgspec

from clients.keyholder.keys.key_store import Registration
from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Rpc
from clients.sdk.calls.connection import BlockingConnection
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.errors import VeilgateError
from clients.sdk.failure import AnswerError
from clients.sdk.identity.channel import open_channel
from clients.sdk.identity.profile import ClientProfile
from gateway.crypto.statement import SignedStatement
from gateway.domain.aggregate.question import AskerKey
from veilgate.v1 import aggregate_pb2 as pb

_SERVICE: Final = "/veilgate.v1.AggregateService/"
CONTRACT: Final = Rpc(f"{_SERVICE}GetContract", pb.GetContractResponse, safe=True)
BUDGETS: Final = Rpc(f"{_SERVICE}ListBudgets", pb.ListBudgetsResponse, safe=True)
# The same key again is a repeat.
REGISTER: Final = Rpc(f"{_SERVICE}RegisterKey", pb.RegisterKeyResponse, safe=True)
ASK: Final = f"{_SERVICE}Ask"


@dataclass(frozen=True, slots=True)
class BudgetView:
    """What the own legal entity has spent of a dataset, in micro-rho; times are Unix seconds."""

    dataset: str
    limit: int
    spent: int
    spent_ever: int
    refusals: int
    max_refusals: int
    period_start: int
    period_end: int

    @property
    def left(self) -> int:
        """Micro-rho that may still be asked in this period."""
        return max(0, self.limit - self.spent)


@dataclass(frozen=True, slots=True)
class ContractView:
    """A contract's bytes, the budget, and the round key that the gateway says it has."""

    contract: bytes
    budget: BudgetView
    round_key: bytes


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a round is: the stage's name, and of how many contributors how many are there."""

    name: str
    done: int
    of: int


@dataclass(frozen=True, slots=True)
class Received:
    """A result as it came; nothing of it is checked."""

    result: SignedStatement
    roster: SignedStatement
    readies: tuple[SignedStatement, ...]
    checkpoint: bytes
    release_event: bytes
    inclusion: tuple[bytes, ...]
    ciphertexts: bytes


class KeyholderClient(BlockingConnection):
    """One keyholder's connection to one gateway; to be used in a ``with``.

    Calls raise ``VeilgateError`` where they are refused and ``AnswerError`` where the answer is
    unusable.
    """

    def __init__(self, profile: ClientProfile, retries: RetryPolicy | None = None) -> None:
        super().__init__(open_channel(profile), retries or RetryPolicy())

    def contract(self, dataset: str, timeout: float = DEFAULT_TIMEOUT) -> ContractView:
        """Return a dataset's contract and what is left to ask."""
        request = pb.GetContractRequest(dataset=dataset)
        return self._run(iter(Call(CONTRACT, request, _contract, timeout)))

    def budgets(self, timeout: float = DEFAULT_TIMEOUT) -> tuple[BudgetView, ...]:
        """Return what the own legal entity has spent, by dataset."""
        return self._run(iter(Call(BUDGETS, pb.ListBudgetsRequest(), _budgets, timeout)))

    def register(self, key: AskerKey, timeout: float = DEFAULT_TIMEOUT) -> Registration:
        """Register a public key; the same key again is a repeat."""
        request = pb.RegisterKeyRequest(key=msgspec.json.encode(key))
        return self._run(iter(Call(REGISTER, request, _registration, timeout)))

    def ask(
        self, question: SignedStatement, limit: int, timeout: float
    ) -> Iterator[Stage | Received]:
        """Send a signed question; stages come as they are reached, the result last.

        Args:
            question: the very bytes that are stored; the same again asks for the same result.
            limit: bytes that its ciphertexts can have at most.
            timeout: seconds.
        """
        yield from self.send(pb.AskRequest(question=statement_message(question)), limit, timeout)

    def send(
        self, request: pb.AskRequest, limit: int, timeout: float
    ) -> Iterator[Stage | Received]:
        """As ``ask``, for a request that is whole."""
        method = self._channel.unary_stream(
            ASK, pb.AskRequest.SerializeToString, pb.AskUpdate.FromString
        )
        updates = method(request, timeout=timeout)
        try:
            yield from _read(updates, limit)
        except grpc.RpcError as error:
            raise VeilgateError.from_rpc(error) from error
        finally:
            updates.cancel()


def _read(updates: Iterator[pb.AskUpdate], limit: int) -> Iterator[Stage | Received]:
    result: pb.RoundResult | None = None
    parts: list[bytes] = []
    size = 0
    for update in updates:
        if update.HasField("result"):
            if result is not None:
                raise AnswerError("brings a second result")
            result = update.result
        size += len(update.ciphertexts)
        if size > limit or (size and result is None):
            raise AnswerError("brings ciphertexts that the question cannot have")
        parts.append(update.ciphertexts)
        if update.stage:
            yield _stage(update)
    if result is None:
        raise AnswerError("ends without a result")
    yield _received(result, b"".join(parts))


def _stage(update: pb.AskUpdate) -> Stage:
    try:
        name = pb.RoundStage.Name(update.stage).removeprefix("ROUND_STAGE_").lower()
    except ValueError:
        # A stage of a later release.
        name = "under way"
    return Stage(name, update.done, update.of)


def _received(result: pb.RoundResult, ciphertexts: bytes) -> Received:
    return Received(
        result=statement_of(result.result),
        roster=statement_of(result.roster),
        readies=tuple(statement_of(one) for one in result.readies),
        checkpoint=result.checkpoint,
        release_event=result.release_event,
        inclusion=tuple(result.inclusion),
        ciphertexts=ciphertexts,
    )


def _contract(answer: pb.GetContractResponse) -> ContractView:
    return ContractView(answer.contract, _budget(answer.budget), answer.round_key)


def _budgets(answer: pb.ListBudgetsResponse) -> tuple[BudgetView, ...]:
    return tuple(map(_budget, answer.budgets))


def _budget(one: pb.PrivacyBudget) -> BudgetView:
    return BudgetView(
        dataset=one.dataset,
        limit=one.limit,
        spent=one.spent,
        spent_ever=one.spent_ever,
        refusals=one.refusals,
        max_refusals=one.max_refusals,
        period_start=one.period_start,
        period_end=one.period_end,
    )


def _registration(answer: pb.RegisterKeyResponse) -> Registration:
    return Registration(answer.key_id, answer.event_id, answer.log_index)


def statement_message(statement: SignedStatement) -> pb.SignedStatement:
    """Return a statement as it is sent."""
    return pb.SignedStatement(
        payload=statement.payload, signature=statement.signature, chain=statement.chain
    )


def statement_of(message: pb.SignedStatement) -> SignedStatement:
    """Return a statement as it came."""
    return SignedStatement(message.payload, message.signature, tuple(message.chain))
