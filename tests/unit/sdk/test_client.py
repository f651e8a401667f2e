from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from clients.sdk import AnswerError, ConsentDraft, RequestError, VeilgateClient, VeilgateError, sign
from clients.sdk.codecs.log import decode_events
from clients.sdk.consents.draft import read_terms
from clients.sdk.vocabulary import ConsentState, Operator, WithheldBecause
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.errors import CryptoError
from support.canned_gateway import KEY_ID, SIGNING_KEY, CannedGateway, denial
from support.crypto_log import ATTACKER, VKEY
from veilgate.v1 import audit_pb2, exchange_pb2, policy_pb2, subject_pb2

NUMBER = "11010119900307001X"
ASK = ("CN_RESIDENT_ID", NUMBER, "credit.underwriting", "credit.applicant")


def canned_record() -> exchange_pb2.GetRecordResponse:
    return exchange_pb2.GetRecordResponse(
        event_id="event-1", log_index=12, rule="underwriting-applicant", consent_id="c-1",
        policy_digest="ab" * 32,
        fields=[
            exchange_pb2.ReleasedField(field="name", operator=policy_pb2.OPERATOR_MASK, text="王*"),
            exchange_pb2.ReleasedField(field="age", operator=policy_pb2.OPERATOR_KEEP, number=0),
            exchange_pb2.ReleasedField(field="job", operator=policy_pb2.OPERATOR_KEEP),
        ],
        withheld=[
            policy_pb2.WithheldField(
                field="card_cvn", because=policy_pb2.WITHHELD_BECAUSE_C3
            )
        ],
        obligations=[
            policy_pb2.Obligation(id="delete_within", article="PIPL 19", days=180),
            policy_pb2.Obligation(id="log_use", article="PIPL 55"),
        ],
    )  # fmt: skip


def draft() -> ConsentDraft:
    document = {
        "controller": "lender-a", "collector": "lender-a", "providers": ["bureau-b"],
        "datasets": ["credit.applicant"], "purposes": ["credit"], "categories": ["identity"],
        "evidence_sha256": "ab" * 32, "subject": {"type": "CN_RESIDENT_ID", "value": NUMBER},
    }  # fmt: skip
    return read_terms(document, ConsentDraft)


def test_a_record_arrives_typed(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.record = canned_record()
    record = client.get_record(*ASK, fields=["name", "age", "job", "card_cvn"], consent_id="c-1")
    (asked,) = gateway.asked
    assert asked.subject.value == NUMBER
    assert asked.subject.type == subject_pb2.IDENTIFIER_TYPE_CN_RESIDENT_ID
    assert (asked.purpose, asked.dataset) == ("credit.underwriting", "credit.applicant")
    assert list(asked.fields) == ["name", "age", "job", "card_cvn"]
    assert str(UUID(asked.request_id)) == record.request_id
    assert record.fields == {"name": "王*", "age": 0, "job": None}
    assert record.operators["name"] is Operator.MASK
    assert record.withheld == {"card_cvn": WithheldBecause.C3}
    assert [one.days for one in record.obligations] == [180, None]
    assert (record.event_id, record.log_index, record.repeat) == ("event-1", 12, False)
    assert "王*" not in repr(record)


def test_the_caller_s_request_id_is_sent(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.record = exchange_pb2.GetRecordResponse(repeat=True)
    record = client.get_record(*ASK, request_id="my-id")
    assert (record.request_id, record.repeat) == ("my-id", True)


@pytest.mark.parametrize(
    "change",
    [
        exchange_pb2.GetRecordResponse(request_id="another"),
        exchange_pb2.GetRecordResponse(
            fields=[exchange_pb2.ReleasedField(field="name", operator=99)]  # type: ignore[arg-type]
        ),
        exchange_pb2.GetRecordResponse(fields=[exchange_pb2.ReleasedField(field="name")]),
        exchange_pb2.GetRecordResponse(withheld=[policy_pb2.WithheldField(field="name")]),
        exchange_pb2.GetRecordResponse(
            fields=[exchange_pb2.ReleasedField(field="phone", operator=policy_pb2.OPERATOR_KEEP)]
        ),
        exchange_pb2.GetRecordResponse(
            fields=[exchange_pb2.ReleasedField(field="name", operator=policy_pb2.OPERATOR_KEEP)] * 2
        ),
    ],
)
def test_an_answer_that_makes_no_sense_is_not_used(
    client: VeilgateClient, gateway: CannedGateway, change: exchange_pb2.GetRecordResponse
) -> None:
    gateway.record = change
    with pytest.raises(AnswerError):
        client.get_record(*ASK, fields=["name"])


@pytest.mark.parametrize(
    ("kind", "value"), [("PASSPORT", "1"), ("US_SSN", ""), ("US_SSN", "\ud800")]
)
def test_no_subject_no_call(
    client: VeilgateClient, gateway: CannedGateway, kind: str, value: str
) -> None:
    with pytest.raises(RequestError):
        client.get_record(kind, value, "credit", "credit.applicant")
    assert gateway.asked == []


def test_an_explanation_arrives_typed(client: VeilgateClient, gateway: CannedGateway) -> None:
    gateway.explanation = exchange_pb2.ExplainAccessResponse(
        decision=denial(),
        released=[policy_pb2.PlannedField(field="name", operator=policy_pb2.OPERATOR_MASK)],
        event_id="event-2",
    )
    explanation = client.explain_access(*ASK)
    assert not explanation.decision.allow
    assert explanation.released == {"name": Operator.MASK}
    gateway.explanation = exchange_pb2.ExplainAccessResponse()
    with pytest.raises(AnswerError):
        client.explain_access(*ASK)


def test_a_consent_is_granted_shown_and_revoked(client: VeilgateClient) -> None:
    original = draft()
    receipt = client.grant_consent(sign(original, SIGNING_KEY, KEY_ID))
    assert (receipt.consent_id, receipt.log_index) == (original.consent_id, 7)
    status = client.get_consent(original.consent_id)
    assert status.draft == original
    assert (status.state, status.uses, status.key_id) == (ConsentState.ACTIVE, 2, KEY_ID)
    assert status.granted_at == datetime(2026, 1, 1, tzinfo=UTC)
    assert client.revoke_consent(original.consent_id).state is ConsentState.REVOKED


def test_a_consent_signed_by_another_key_is_refused(client: VeilgateClient) -> None:
    with pytest.raises(VeilgateError) as caught:
        client.grant_consent(sign(draft(), SigningKey.generate(), KEY_ID))
    assert caught.value.reason == "CONSENT_SIGNATURE_INVALID"


def test_another_consent_in_the_answer_is_not_used(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    wanted = draft().consent_id
    gateway.consents[wanted] = sign(draft(), SIGNING_KEY, KEY_ID)
    with pytest.raises(AnswerError, match="another consent"):
        client.get_consent(wanted)
    gateway.consents[wanted].artefact = b"\xff"
    with pytest.raises(AnswerError, match="no well-formed consent"):
        client.get_consent(wanted)


def test_events_come_in_pages(client: VeilgateClient, gateway: CannedGateway) -> None:
    page = client.list_events(250, 40)
    assert [one.index for one in page.entries] == list(range(250, 290))
    assert page.entries[0].event == gateway.events[250]
    assert (page.next, page.size) == (290, 300)


@pytest.mark.parametrize(
    ("indices", "leads_to"), [((4, 3), 9), ((3, 3), 9), ((1,), 9), ((3, 5), 5)]
)
def test_a_filtered_page_out_of_order_is_not_used(indices: tuple[int, ...], leads_to: int) -> None:
    entries = [audit_pb2.LogEntry(log_index=one, event=b"{}") for one in indices]
    page = audit_pb2.ListEventsResponse(entries=entries, next=leads_to, size=9)
    with pytest.raises(AnswerError):
        decode_events(2, page, filtered=True)


def test_a_filtered_page_may_leave_entries_out() -> None:
    entries = [audit_pb2.LogEntry(log_index=one, event=b"{}") for one in (3, 7)]
    page = audit_pb2.ListEventsResponse(entries=entries, next=8, size=9)
    assert [one.index for one in decode_events(2, page, filtered=True).entries] == [3, 7]
    with pytest.raises(AnswerError):
        decode_events(2, page)


def test_an_inclusion_proof_leads_to_the_signed_root(
    client: VeilgateClient, gateway: CannedGateway
) -> None:
    proof = client.inclusion_proof(257)
    assert proof.verify(VKEY).size == 300
    with pytest.raises(CryptoError):
        replace(proof, event=gateway.events[256]).verify(VKEY)
    with pytest.raises(CryptoError):
        proof.verify(ATTACKER.verifier_key.encode())


def test_a_closed_client_is_done(client: VeilgateClient) -> None:
    client.checkpoint()
    client.close()
    with pytest.raises(ValueError, match="closed"):
        client.checkpoint()
