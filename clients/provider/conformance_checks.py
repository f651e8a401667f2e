"""What a provider's server must do: checks of the conformance test, one function each.

A check returns what it saw, or raises ``CheckFailed``. Each looks at one thing, and asks in a form
of its own, so that one fault fails one check.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Final

import grpc

from clients.provider.conformance_calls import Caller, CheckFailed, Target, inquiry, record_of
from clients.provider.models import Reference
from veilgate.v1 import provider_pb2 as pb
from veilgate.v1 import subject_pb2

_TYPES: Final = {"string": str, "date": str, "text": str, "integer": int}
_BATCH: Final = 256
_HASTE_S: Final = 0.02
_HASTY_CALLS: Final = 8
_NOWHERE: Final = "veilgate.conformance.no-such-dataset"
_NO_FIELD: Final = "veilgate_conformance_no_such_field"


def described(target: Target, caller: Caller) -> str:
    """DescribeProvider names the dataset, its fields with types, and its subjects."""
    answer = caller.describe()
    served = [one for one in answer.datasets if one.dataset == target.dataset]
    advice = "Describe each dataset once: fields with types, and how subjects are named."
    if not answer.provider or len(served) != 1:
        raise CheckFailed(f"{len(served)} datasets of this name, or no provider's id", advice)
    fields = [one.field for one in served[0].fields]
    if not fields or len(set(fields)) < len(fields):
        raise CheckFailed(f"{len(fields)} fields, {len(set(fields))} of them different", advice)
    if not {one.type for one in served[0].fields} <= _TYPES.keys():
        raise CheckFailed("a type that is not string, integer, date or text", advice)
    if not _names(served[0], target):
        raise CheckFailed("no word of the kind of subject that was given", advice)
    return f"{answer.provider}: {len(fields)} fields"


def _names(served: pb.ServedDataset, target: Target) -> bool:
    subject = target.unknown
    if isinstance(subject, Reference):
        return served.by_reference
    kind = subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{subject.type}")
    return kind in served.identifiers


def _served(target: Target, caller: Caller) -> dict[str, str]:
    """Return the dataset's fields and types, as far as they are described."""
    found = {
        field.field: field.type
        for one in caller.describe().datasets
        if one.dataset == target.dataset
        for field in one.fields
    }
    if not found:
        raise CheckFailed("the dataset is not described", "See the check `describe`.")
    return found


def known_subject(target: Target, caller: Caller) -> str:
    """All fields of a known subject, each of its type, under the subject's proof."""
    types, subject = _served(target, caller), target.known[0]
    asked = inquiry(target.dataset, subject, tuple(types))
    (answer,) = caller.answered([asked])
    values = record_of(answer, asked, subject)
    for field, value in values.items():
        if value is not None and not isinstance(value, _TYPES.get(types[field], object)):
            raise CheckFailed(f"{field} is not of type {types[field]}", "Send the type described.")
    return f"{len(values)} fields"


def unknown_subject(target: Target, caller: Caller) -> str:
    """A subject of whom there is no record is said to be none."""
    asked = inquiry(target.dataset, target.unknown, tuple(_served(target, caller)))
    (answer,) = caller.answered([asked])
    return _outcome(answer, ("no_such_subject",), "Answer no_such_subject, and nothing else.")


def _outcome(answer: pb.InquiryAnswer, wanted: Sequence[str], advice: str) -> str:
    outcome = answer.WhichOneof("outcome") or "nothing"
    if outcome not in wanted:
        raise CheckFailed(f"{outcome} where {' or '.join(wanted)} was due", advice)
    return outcome


def wanted_fields(target: Target, caller: Caller) -> str:
    """Of one field that is asked for, one comes."""
    field = next(iter(_served(target, caller)))
    asked = inquiry(target.dataset, target.known[0], (field,))
    (answer,) = caller.answered([asked])
    record_of(answer, asked, target.known[0])
    return "1 field"


def unknown_field(target: Target, caller: Caller) -> str:
    """A field that is not served cannot be answered; it is not left out."""
    asked = inquiry(target.dataset, target.known[0], (_NO_FIELD,))
    (answer,) = caller.answered([asked])
    return _outcome(answer, ("cannot_answer",), "Answer cannot_answer where a field is not served.")


def together(target: Target, caller: Caller) -> str:
    """A known and an unknown subject in one call: each gets its own answer."""
    fields = tuple(_served(target, caller))[:1]
    subjects = (target.known[0], target.unknown)
    asked = [inquiry(target.dataset, one, fields) for one in subjects]
    known, unknown = caller.answered(asked)
    record_of(known, asked[0], target.known[0])
    _outcome(unknown, ("no_such_subject",), "Answer each inquiry of a call by itself.")
    return "2 inquiries, each answered"


def full_batch(target: Target, caller: Caller) -> str:
    """256 inquiries in one call, each answered."""
    fields, subject = tuple(_served(target, caller))[:1], target.known[0]
    asked = [inquiry(target.dataset, subject, fields) for _ in range(_BATCH)]
    for one, answer in zip(asked, caller.answered(asked), strict=True):
        record_of(answer, one, subject)
    return f"{_BATCH} inquiries, each answered"


def oversize_batch(target: Target, caller: Caller) -> str:
    """257 inquiries are one too many."""
    fields = tuple(_served(target, caller))[:1]
    asked = [inquiry(target.dataset, target.known[0], fields) for _ in range(_BATCH + 1)]
    return _refused(caller, asked, f"{_BATCH + 1} inquiries")


def repeated_id(target: Target, caller: Caller) -> str:
    """Two inquiries of a call have one id."""
    fields = tuple(_served(target, caller))[:1]
    first, second = (inquiry(target.dataset, one, fields) for one in target.known[:2])
    second.inquiry_id = first.inquiry_id
    return _refused(caller, [first, second], "an id twice")


def malformed_requests(target: Target, caller: Caller) -> str:
    """No inquiry at all, one without a subject, one with a short id."""
    fields = tuple(_served(target, caller))[:1]
    nobody, short = (inquiry(target.dataset, target.known[0], fields) for _ in range(2))
    nobody.ClearField("reference" if nobody.HasField("reference") else "identifier")
    short.inquiry_id = os.urandom(15).hex()
    for what, asked in (("no inquiry", []), ("no subject", [nobody]), ("a short id", [short])):
        _refused(caller, asked, what)
    return "3 of 3 refused"


def _refused(caller: Caller, asked: Sequence[pb.Inquiry], what: str) -> str:
    try:
        answers = caller.fetch(asked)
    except grpc.RpcError as error:
        code: grpc.StatusCode = error.code()
        if code is grpc.StatusCode.INVALID_ARGUMENT:
            return code.name
        raise CheckFailed(f"{what}: {code.name}", "Refuse it with INVALID_ARGUMENT.") from None
    raise CheckFailed(f"{what}: {len(answers)} answers", "Refuse it with INVALID_ARGUMENT.")


def unknown_dataset(target: Target, caller: Caller) -> str:
    """A dataset that is not served cannot be answered; its neighbour in the call can."""
    fields, subject = tuple(_served(target, caller))[:1], target.known[0]
    asked = [inquiry(one, subject, fields) for one in (_NOWHERE, target.dataset)]
    nowhere, here = caller.answered(asked)
    record_of(here, asked[1], subject)
    advice = "Answer cannot_answer for a dataset that is not served."
    return _outcome(nowhere, ("cannot_answer",), advice)


def deadline_honoured(target: Target, caller: Caller) -> str:
    """Calls that were given up hold up none that follows."""
    fields, subject = tuple(_served(target, caller))[:2], target.known[0]
    hasty = [
        caller.begin([inquiry(target.dataset, subject, fields) for _ in range(_BATCH)], _HASTE_S)
        for _ in range(_HASTY_CALLS)
    ]
    for call in hasty:
        call.exception()
    asked = inquiry(target.dataset, subject, fields)
    try:
        (answer,) = caller.answered([asked])
    except grpc.RpcError as error:
        raise CheckFailed(
            f"{error.code().name} after calls that were given up",
            "End the work of a call when its deadline has passed or it is cancelled.",
        ) from None
    record_of(answer, asked, subject)
    return f"answered after {_HASTY_CALLS} calls that were given up"


def subjects_apart(target: Target, caller: Caller) -> str:
    """Two subjects in one call: the values are those that each has alone."""
    fields, subjects = tuple(_served(target, caller)), target.known[:2]
    alone = []
    for one in subjects:
        asked = inquiry(target.dataset, one, fields)
        alone.append(record_of(caller.answered([asked])[0], asked, one))
    if alone[0] == alone[1]:
        raise CheckFailed(
            "two known subjects with the same values", "Give two whose records differ."
        )
    both = [inquiry(target.dataset, one, fields) for one in subjects]
    answers = caller.answered(both)
    for one, asked, answer, right in zip(subjects, both, answers, alone, strict=True):
        if record_of(answer, asked, one) != right:
            raise CheckFailed(
                "values of one subject under the proof of another",
                "Take values and proof from the same record.",
            )
    return "2 subjects, each with its own values"


Check = Callable[[Target, Caller], str]
