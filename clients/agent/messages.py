"""Between the agent's orders and replies and the messages on the wire.

Owns every field of those messages on the agent's side. Refuses nothing but orders without content;
what a message says is checked where it is followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from clients.agent.errors import Refused, Word
from clients.agent.orders import (
    Order,
    QuestionOrder,
    ResultOrder,
    RosterOrder,
    SendContribution,
    VoidOrder,
)
from gateway.crypto.statement import SignedStatement
from veilgate.v1 import aggregate_pb2 as pb

PART: Final = 48 * 1024


def read_statement(message: pb.SignedStatement) -> SignedStatement:
    """A statement as it came."""
    return SignedStatement(message.payload, message.signature, tuple(message.chain))


def written(statement: SignedStatement) -> pb.SignedStatement:
    """A statement as it is sent."""
    return pb.SignedStatement(
        payload=statement.payload, signature=statement.signature, chain=statement.chain
    )


def read_order(message: pb.Order) -> Order:
    """An order as it came; binning is not among them.

    Raises:
        Refused: KIND.
    """
    match message.WhichOneof("order"):
        case "question":
            question = message.question
            commitments = None
            if question.HasField("commitments"):
                commitments = read_statement(question.commitments)
            return QuestionOrder(read_statement(question.question), question.box, commitments)
        case "roster":
            readies = tuple(read_statement(one) for one in message.roster.readies)
            return RosterOrder(read_statement(message.roster.roster), readies)
        case "result":
            result = message.result.result
            return ResultOrder(
                read_statement(result.result),
                tuple(result.contribution_path),
                result.combination_proof,
                result.checkpoint,
                result.release_event,
                tuple(result.inclusion),
            )
        case "void":
            return VoidOrder(message.void.round)
        case _:
            raise Refused(Word.KIND)


def parts_of(reply: SendContribution) -> Iterator[pb.ContributePart]:
    """A contribution in parts: its statement, then its bytes in order."""
    yield pb.ContributePart(contribution=written(reply.contribution))
    for at in range(0, len(reply.ciphertexts), PART):
        yield pb.ContributePart(ciphertexts=reply.ciphertexts[at : at + PART])
