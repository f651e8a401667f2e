"""What an upstream gateway answers, before any of it counts here."""

from __future__ import annotations

import pytest

from gateway.adapters.providers.contract_values import Contract
from gateway.adapters.providers.veilgate_provider import fetched
from gateway.application.ports.provider import Inquiry
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.subject import SubjectReference
from support.described_dataset import POLICY
from support.live_gateway import DATASET
from veilgate.v1 import exchange_pb2, policy_pb2

DOCUMENT = POLICY.datasets[DATASET].contract
EVENT = "0123456789abcdef" * 2
FIELDS = tuple(field.name for field in DOCUMENT.fields if field.type == "string")[:2]
INQUIRY = Inquiry("d", SubjectReference("1", bytes(64)), FIELDS, "p", "r", "c", "e")
CONTRACT = Contract(DOCUMENT, as_text=False)


def _answer(*names: str, event: str = EVENT) -> exchange_pb2.GetRecordResponse:
    fields = [exchange_pb2.ReleasedField(field=name, text=f"of {name}") for name in names]
    return exchange_pb2.GetRecordResponse(fields=fields, event_id=event)


def test_what_was_asked_for_comes_with_the_event() -> None:
    found = fetched(CONTRACT, INQUIRY, _answer(*reversed(FIELDS)))
    assert found.values == {name: f"of {name}" for name in FIELDS}
    assert found.event == EVENT


def test_a_withheld_field_is_no_value() -> None:
    answer = _answer(FIELDS[0])
    answer.withheld.append(policy_pb2.WithheldField(field=FIELDS[1]))
    assert fetched(CONTRACT, INQUIRY, answer).values[FIELDS[1]] is None


@pytest.mark.parametrize(
    "answer",
    [
        _answer(FIELDS[0]),
        _answer(*FIELDS, "more"),
        _answer(*FIELDS, FIELDS[0]),
        _answer(*FIELDS, event=""),
        _answer(*FIELDS, event="110101199003074290".ljust(32, "x")),
        _answer(*FIELDS, event=EVENT + "0"),
        _answer(*FIELDS, event=EVENT.upper()),
    ],
    ids=["too few", "too many", "twice", "no event", "a number for an event", "longer", "upper"],
)
def test_anything_else_is_invalid(answer: exchange_pb2.GetRecordResponse) -> None:
    with pytest.raises(Refused) as refused:
        fetched(CONTRACT, INQUIRY, answer)
    assert refused.value.reason is ErrorReason.PROVIDER_ANSWER_INVALID
    assert "110101" not in str(refused.value)
