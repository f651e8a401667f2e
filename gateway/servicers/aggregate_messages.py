"""Messages of the aggregate path: statements, orders, results, budgets, as they are on the wire."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gateway.application.aggregate.orders import (
    BinOrder,
    Order,
    QuestionOrder,
    ResultOrder,
    RosterOrder,
    Shown,
    VoidOrder,
)
from gateway.application.aggregate.prepare_subject import Tagged
from gateway.application.aggregate.round import Update
from gateway.application.ports.aggregates import AccountView, Signed
from gateway.servicers.decode import InvalidField
from veilgate.v1 import aggregate_pb2 as pb

PART_BYTES: Final = 512 * 1024
MAX_CHAIN: Final = 4
_ROUND: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


def signed(message: pb.SignedStatement, path: str) -> Signed:
    """Return a statement that must be there."""
    if not message.payload or not message.signature:
        raise InvalidField(path, "must be a signed statement")
    if not 1 <= len(message.chain) <= MAX_CHAIN:
        raise InvalidField(f"{path}.chain", f"must have 1 to {MAX_CHAIN} certificates")
    return Signed(message.payload, message.signature, tuple(message.chain))


def own(message: pb.SignedStatement, path: str) -> Signed:
    """Return a statement of the gateway's that comes back: it has no chain."""
    if not message.payload or not message.signature or message.chain:
        raise InvalidField(path, "must be a statement of the gateway")
    return Signed(message.payload, message.signature)


def round_id(value: str, path: str) -> str:
    """Return the id of a round."""
    if _ROUND.fullmatch(value) is None:
        raise InvalidField(path, "must be 32 lower-case hex digits")
    return value


def statement(one: Signed) -> pb.SignedStatement:
    """Return a statement's message."""
    return pb.SignedStatement(payload=one.payload, signature=one.signature, chain=one.chain)


def subject_tag(one: Tagged) -> pb.SubjectTag:
    """Return the message of what one contributor knows the subject by."""
    return pb.SubjectTag(
        contributor=one.contributor, tag=one.tag, salt=one.salt, box_key=statement(one.box_key)
    )


def update(one: Update) -> pb.AskUpdate:
    """Return the message of a step."""
    stage = pb.RoundStage.Value(f"ROUND_STAGE_{one.stage.name}")
    return pb.AskUpdate(stage=stage, done=one.done, of=one.of)


def result_updates(shown: Shown) -> Iterator[pb.AskUpdate]:
    """Yield a result, then its ciphertexts in parts."""
    members = len(shown.readies)
    stage = pb.ROUND_STAGE_RELEASED
    yield pb.AskUpdate(stage=stage, done=members, of=members, result=result(shown))
    for part in parts(shown.sealed.prepared.ciphertexts):
        yield pb.AskUpdate(stage=stage, done=members, of=members, ciphertexts=part)


def result(shown: Shown) -> pb.RoundResult:
    """Return a result's message."""
    return pb.RoundResult(
        result=statement(shown.sealed.result),
        roster=statement(shown.roster),
        readies=map(statement, shown.readies),
        checkpoint=shown.sealed.checkpoint,
        release_event=shown.sealed.event,
        inclusion=shown.sealed.inclusion,
        contribution_path=shown.path,
        combination_proof=shown.proof,
    )


def order(one: Order) -> pb.Order:
    """Return an order's message."""
    match one:
        case QuestionOrder(question, box, commitments):
            said = None if commitments is None else statement(commitments)
            asked = pb.QuestionOrder(question=statement(question), box=box, commitments=said)
            return pb.Order(question=asked)
        case BinOrder(job, manifest):
            binned = pb.BinOrder(job=statement(job), manifest=statement(manifest))
            return pb.Order(bin=binned)
        case RosterOrder(roster, readies):
            fixed = pb.RosterOrder(roster=statement(roster), readies=map(statement, readies))
            return pb.Order(roster=fixed)
        case ResultOrder(shown):
            return pb.Order(result=pb.ResultOrder(result=result(shown)))
        case VoidOrder(name):
            return pb.Order(void=pb.VoidOrder(round=name))


def budget(view: AccountView) -> pb.PrivacyBudget:
    """Return an account's message."""
    account = view.account
    return pb.PrivacyBudget(
        dataset=view.dataset,
        limit=account.limit,
        spent=account.spent,
        spent_ever=account.spent_ever,
        refusals=account.refusals,
        max_refusals=account.max_refusals,
        period_start=view.period_start,
        period_end=view.period_end,
    )


def parts(content: bytes) -> Iterator[bytes]:
    """Yield the content in parts that fit a message."""
    return (content[at : at + PART_BYTES] for at in range(0, len(content), PART_BYTES))
