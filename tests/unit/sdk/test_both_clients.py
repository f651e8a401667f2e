"""The blocking and the asynchronous client: the same methods, requests, values and errors."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import Any, assert_type
from uuid import UUID

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from clients.sdk import (
    AsyncVeilgateClient,
    ClientProfile,
    RequestError,
    RetryPolicy,
    Subject,
    SubjectReference,
    VeilgateClient,
    VeilgateError,
)
from clients.sdk.calls import audit, catalogue, consents, deid, directory, exchange, subjects
from clients.sdk.calls.call import Rpc
from clients.sdk.calls.every import GatewayCalls
from clients.sdk.models.common import Record
from clients.sdk.models.consents import ConsentSummary
from clients.sdk.models.deid import KnownValue
from clients.sdk.models.directory import (
    Agreement,
    DirectorySignature,
    SignedChange,
    SignedEnrolment,
)
from clients.sdk.vocabulary import IdentifierType
from support.canned_gateway import refusal
from support.canned_network import METHODS, Network
from veilgate.v1 import (
    audit_pb2,
    catalogue_pb2,
    consent_pb2,
    deid_pb2,
    directory_pb2,
    exchange_pb2,
    subject_pb2,
)

MODULES: tuple[ModuleType, ...] = (
    audit, catalogue, consents, deid, directory, exchange, subjects,
)  # fmt: skip
RPCS = {one.path: one for module in MODULES for one in vars(module).values() if type(one) is Rpc}
NUMBER = "11010519491231002X"
REFERENCE = SubjectReference("1", b"\x05" * 64)
REQUEST_ID = "0b0e7c1a-7f0e-4b43-8a53-111111111111"
DAY = datetime(2026, 1, 1, tzinfo=UTC)
AGREEMENT = Agreement(
    "0b0e7c1a-7f0e-4b43-8a53-222222222222", "lender-a", ("credit.applicant",), ("credit",),
    DAY, DAY + timedelta(days=30), "ab" * 32,
)  # fmt: skip
SIGNATURES = (DirectorySignature("lender-a-1", b"\x01" * 64),)


# Written short: the generated modules take a dict for a message and a number for a word.
EXCHANGE: Any = exchange_pb2
CONSENT: Any = consent_pb2
AUDIT: Any = audit_pb2
DEID: Any = deid_pb2
DIRECTORY: Any = directory_pb2
CATALOGUE: Any = catalogue_pb2
SUBJECTS: Any = subject_pb2


def answers() -> dict[str, Callable[[Any], Message]]:
    """An answer with something in it for every method that refuses an empty one, or decodes."""
    institution = DIRECTORY.Institution(
        id="lender-b", status=DIRECTORY.INSTITUTION_STATUS_ACTIVE, roles=[1]
    )
    artefact = CONSENT.ConsentArtefact
    return {
        "GetRecord": lambda asked: EXCHANGE.GetRecordResponse(
            request_id=asked.request_id, event_id="e-1",
            fields=[EXCHANGE.ReleasedField(field="name", operator=2, text="王*")],
        ),
        "ExplainAccess": lambda asked: EXCHANGE.ExplainAccessResponse(
            decision={"allow": True, "rule": "r"}, event_id="e-2"
        ),
        "GetConsent": lambda asked: CONSENT.GetConsentResponse(
            consent={"artefact": artefact.SerializeToString(stored(asked.consent_id))}, state=1,
        ),
        "RevokeConsent": lambda asked: CONSENT.RevokeConsentResponse(state=3, log_index=4),
        "PauseConsent": lambda asked: CONSENT.PauseConsentResponse(state=2, log_index=5),
        "ResumeConsent": lambda asked: CONSENT.ResumeConsentResponse(state=1, log_index=6),
        "GetConsentReceipt": lambda asked: CONSENT.GetConsentReceiptResponse(
            receipt=b"{}", key_id="r", signature=b"\x02" * 64
        ),
        "GetInstitution": lambda asked: DIRECTORY.GetInstitutionResponse(
            institution=institution
        ),
        "ListInstitutions": lambda asked: DIRECTORY.ListInstitutionsResponse(
            institutions=[institution], next_page_token="" if asked.page_token else "more"
        ),
        "ListDatasets": lambda asked: CATALOGUE.ListDatasetsResponse(
            datasets=[{"dataset": f"d-{asked.page_token}"}],
            next_page_token="" if asked.page_token == "2" else str(len(asked.page_token) + 1),
        ),
        "ListEvents": lambda asked: AUDIT.ListEventsResponse(
            entries=[AUDIT.LogEntry(log_index=asked.start, event=b"{}")],
            next=asked.start + 1, size=7,
        ),
        "Analyze": lambda asked: DEID.AnalyzeResponse(
            findings=[DEID.PiiFinding(type="PERSON", end=len(asked.text), score=0.5, checked=False)]
        ),
        "Deidentify": lambda asked: DEID.DeidentifyResponse(
            text=f"<{asked.purpose}>", items=[DEID.MaskedItem(type="PERSON", operator="mask")],
        ),
        "AnalyzeMany": lambda asked: DEID.AnalyzeResult(
            response=DEID.AnalyzeResponse(findings=[{"type": "PERSON", "end": len(asked.text)}])
        ),
        "DeidentifyMany": lambda asked: DEID.DeidentifyResult(
            refusal=DEID.TextRefusal(reason=93, message=asked.text, message_zh="无")
        ),
        "ListReidentifications": lambda asked: DEID.ListReidentificationsResponse(
            reidentifications=[{"request_id": REQUEST_ID, "state": 2, "expires_at": 9}],
            next_page_token="" if asked.page_token else "more",
        ),
        "Reidentify": lambda asked: DEID.ReidentifyResponse(
            values=[{"token": one, "type": "PERSON", "value": "v"} for one in asked.tokens]
        ),
        "Evaluate": lambda asked: SUBJECTS.EvaluateResponse(
            evaluated_elements=asked.blinded_elements, proof=b"p", key_version="1"
        ),
    }  # fmt: skip


def stored(consent_id: str) -> Any:
    return CONSENT.ConsentArtefact(
        consent_id=consent_id, version=1,
        subject_reference={"key_version": "1", "value": b"r" * 64},
        controller="a", collector="b", providers=["p"], datasets=["d"], purposes=["u"],
        fields=["f"], lawful_basis=1, valid_from={"seconds": 1}, valid_until={"seconds": 99},
        data_life_days=3, evidence_sha256=b"\x01" * 32,
    )  # fmt: skip


SUBJECT = ("CN_RESIDENT_ID", NUMBER)
CASES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("get_record", (*SUBJECT, "credit", "d", ["name"]), {"request_id": REQUEST_ID}),
    ("get_record_by_reference", (REFERENCE, "credit", "d"), {"request_id": REQUEST_ID}),
    ("explain_access", (*SUBJECT, "credit", "d", ["name"], "c-1"), {}),
    ("explain_access_by_reference", (REFERENCE, "credit", "d"), {"consent_id": "c-1"}),
    ("grant_consent", (consent_pb2.SignedConsent(key_id="k"),), {}),
    ("get_consent", (REQUEST_ID,), {}),
    ("revoke_consent", (REQUEST_ID,), {}),
    ("pause_consent", (REQUEST_ID,), {}),
    ("resume_consent", (REQUEST_ID,), {}),
    ("list_consents", (), {"state": "active", "subject": REFERENCE, "valid_until_before": DAY}),
    ("list_consents", (), {"subject": Subject(IdentifierType.CN_RESIDENT_ID, NUMBER)}),
    ("get_consent_receipt", (REQUEST_ID,), {}),
    ("checkpoint", (), {"witnessed": True}),
    ("list_events", (3, 1), {}),
    ("list_events", (3,), {"kinds": ("DENIAL",), "institution": "lender-a"}),
    ("events", (4,), {"page_size": 1}),
    ("inclusion_proof", (3, 7), {}),
    ("consistency_proof", (3, 7), {}),
    ("add_cosignature", (7, "— w line"), {}),
    ("tile", ("tile/0/000",), {}),
    ("enrol_institution", (SignedEnrolment(b"e", SIGNATURES),), {}),
    ("change_credentials", (SignedChange(b"c", SIGNATURES),), {}),
    ("suspend_institution", ("lender-b",), {}),
    ("reactivate_institution", ("lender-b",), {}),
    ("get_institution", ("lender-b",), {}),
    ("list_institutions", (), {"role": "lender", "status": "active", "legal_group": "g"}),
    ("add_agreement", (AGREEMENT,), {}),
    ("end_agreement", (AGREEMENT.agreement_id,), {}),
    ("list_agreements", (), {"institution": "lender-a", "in_force_only": True, "page_size": 2}),
    ("list_expiring", (), {"within_days": 9}),
    ("list_datasets", (), {"provider": "p", "purpose": "credit"}),
    ("describe_dataset", ("d", "credit"), {}),
    ("reference_key", (), {}),
    ("evaluate", ([b"\x01" * 32],), {}),
    ("analyze", ("text", ["PERSON"], 0.3, [KnownValue("PERSON", "v")]), {}),
    ("deidentify", ("text", "credit", "tight.v1"), {"subject_key": b"k"}),
    ("analyze_many", (["a", "bc"],), {"timeout": 10}),
    ("deidentify_many", (["a", "bc"], "credit"), {"timeout": 10}),
    ("request_reidentification", (["tok"], "credit", "why"), {"request_id": REQUEST_ID}),
    ("approve_reidentification", (REQUEST_ID, b"\x01" * 32), {}),
    ("list_reidentifications", (), {}),
    ("reidentify", (REQUEST_ID, ["tok"], "credit"), {}),
]


def by_blocking(profile: ClientProfile, name: str, args: Any, named: Any) -> Any:
    with VeilgateClient(profile, RetryPolicy.none()) as client:
        value = getattr(client, name)(*args, **named)
        return list(value) if isinstance(value, Iterator) else value


def by_awaiting(profile: ClientProfile, name: str, args: Any, named: Any) -> Any:
    async def call() -> Any:
        async with AsyncVeilgateClient(profile, RetryPolicy.none()) as client:
            value = getattr(client, name)(*args, **named)
            if isinstance(value, AsyncIterator):
                return [one async for one in value]
            return await value

    return asyncio.run(call())


def test_every_method_of_the_protos_is_described_once() -> None:
    assert set(RPCS) == set(METHODS)
    assert len(RPCS) == sum(type(o) is Rpc for module in MODULES for o in vars(module).values())
    for path, rpc in RPCS.items():
        assert rpc.answer is GetMessageClass(METHODS[path].output_type), path


def test_every_method_of_the_clients_is_in_the_cases() -> None:
    # Those of verification, and references, make the calls of these cases.
    composed = {
        "verify_event", "verify_record", "verify_consistency", "reference", "references",
    }  # fmt: skip
    listed = {name for name in dir(GatewayCalls) if not name.startswith("_")}
    assert listed - composed == {name for name, _, _ in CASES}


def test_both_clients_do_the_same(network: Network, network_profile: ClientProfile) -> None:
    network.answers = answers()
    for name, args, named in CASES:
        values = []
        asked = []
        for call in (by_blocking, by_awaiting):
            network.asked.clear()
            values.append(call(network_profile, name, args, named))
            asked.append(list(network.asked))
        assert values[0] == values[1], name
        assert asked[0] == asked[1], name
        assert asked[0], name


def test_every_method_was_reached(network: Network, network_profile: ClientProfile) -> None:
    network.answers = answers()
    for name, args, named in CASES:
        by_blocking(network_profile, name, args, named)
    assert {name for name, _ in network.asked} == {one.name for one in METHODS.values()}


def test_a_list_is_followed_to_its_end(network: Network, network_profile: ClientProfile) -> None:
    network.answers = answers()
    found = by_awaiting(network_profile, "list_datasets", (), {})
    assert [one.dataset for one in found] == ["d-", "d-1", "d-2"]
    events = by_blocking(network_profile, "events", (4,), {})
    assert [one.index for one in events] == [4, 5, 6]


def test_a_stream_is_answered_in_its_order_and_ends_with_the_readers_interest(
    network: Network, network_profile: ClientProfile
) -> None:
    network.answers = answers()
    texts = ["a" * length for length in range(1, 40)]
    found = by_awaiting(network_profile, "analyze_many", (texts,), {"timeout": 10})
    assert [one[0].end for one in found] == [len(text) for text in texts]
    refused = by_blocking(network_profile, "deidentify_many", (["x"], "p"), {"timeout": 10})
    assert [(one.reason, one.en) for one in refused] == [("DETECTION_FAILED", "x")]
    with VeilgateClient(network_profile) as client:
        endless = client.analyze_many(itertools.repeat("abc"), timeout=10)
        assert next(endless)[0].end == 3  # type: ignore[index]
        endless.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("call", [by_blocking, by_awaiting])
def test_an_error_of_whoever_makes_the_texts_comes_back(
    network: Network, network_profile: ClientProfile, call: Callable[..., Any]
) -> None:
    def texts() -> Iterator[str]:
        yield "a"
        raise LookupError("no more")

    network.answers = answers()
    with pytest.raises(LookupError, match="no more"):
        call(network_profile, "analyze_many", (texts(),), {"timeout": 10})


def test_a_page_that_leads_to_itself_ends_the_list(
    network: Network, network_profile: ClientProfile
) -> None:
    network.answers["ListDatasets"] = lambda asked: catalogue_pb2.ListDatasetsResponse(
        next_page_token="again"
    )
    with pytest.raises(Exception, match="same page"):
        by_blocking(network_profile, "list_datasets", (), {})
    assert network.count("ListDatasets") == 2


@pytest.mark.parametrize("call", [by_blocking, by_awaiting])
def test_both_clients_fail_the_same(
    network: Network, network_profile: ClientProfile, call: Callable[..., Any]
) -> None:
    network.failures.append(refusal("CONSENT_NOT_FOUND", grpc.StatusCode.NOT_FOUND, zh="没有"))
    with pytest.raises(VeilgateError) as caught:
        call(network_profile, "get_consent", (REQUEST_ID,), {})
    error = caught.value
    assert (error.reason, error.code) == ("CONSENT_NOT_FOUND", grpc.StatusCode.NOT_FOUND)
    assert error.texts == {"en": "refused", "zh": "没有"}
    assert isinstance(error.__cause__, grpc.RpcError)


@pytest.mark.parametrize("call", [by_blocking, by_awaiting])
@pytest.mark.parametrize("timeout", [0, -1, float("inf"), float("nan")])
def test_no_call_without_a_deadline(
    network: Network, network_profile: ClientProfile, call: Callable[..., Any], timeout: float
) -> None:
    with pytest.raises(RequestError):
        call(network_profile, "checkpoint", (), {"timeout": timeout})
    assert network.asked == []


@pytest.mark.parametrize("call", [by_blocking, by_awaiting])
def test_every_call_has_a_deadline(
    network: Network, network_profile: ClientProfile, call: Callable[..., Any]
) -> None:
    network.answers = answers()
    for name, args, named in CASES:
        call(network_profile, name, args, named)
    # gRPC rounds a deadline up on the wire.
    assert all(left is not None and 0 < left < 11 for left in network.time_left)
    network.time_left.clear()
    call(network_profile, "checkpoint", (), {"timeout": 300})
    assert network.time_left[0] is not None
    assert 200 < network.time_left[0] < 310


def test_both_clients_are_typed(network: Network, network_profile: ClientProfile) -> None:
    network.answers = answers()

    async def awaited() -> None:
        async with AsyncVeilgateClient(network_profile) as client:
            assert_type(await client.get_record(*SUBJECT, "credit", "d"), Record)
            assert_type(client.list_consents(state="active"), AsyncIterator[ConsentSummary])

    with VeilgateClient(network_profile) as client:
        assert_type(client.get_record(*SUBJECT, "credit", "d"), Record)
        assert_type(client.list_consents(state="active"), Iterator[ConsentSummary])
    asyncio.run(awaited())


def test_requests_without_an_id_get_a_fresh_one(
    network: Network, network_profile: ClientProfile
) -> None:
    network.answers = answers()
    for _ in range(2):
        by_awaiting(network_profile, "get_record", (*SUBJECT, "credit", "d"), {})
    ids = {UUID(asked.request_id) for _, asked in network.asked}
    assert len(ids) == 2
