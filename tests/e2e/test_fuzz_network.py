"""Damaged requests to every method that ``test_fuzz`` leaves out: the network's services."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import LENDER_A, OPERATOR
from clients.sdk.models.directory import InstitutionStatus
from gateway.crypto.oprf_client import blind
from support.fuzz_storm import Sample, assert_well, storm
from support.live_gateway import (
    DATASET,
    UNDERWRITING,
    LiveGateway,
    running_gateway,
    underwriting_consent,
)
from support.members import Member, fresh_applicant, record_request
from veilgate.v1 import (
    audit_pb2,
    catalogue_pb2,
    consent_pb2,
    deid_pb2,
    directory_pb2,
    exchange_pb2,
    subject_pb2,
)

PERSON = synthetic_subject(1)
ELSEWHERE = {
    *("GetRecord", "ExplainAccess", "GrantConsent", "GetConsent", "RevokeConsent"),
    *("ListEvents", "GetCheckpoint", "GetInclusionProof", "GetTile"),
}
"""Methods whose plain form ``test_fuzz`` damages."""
_ZEROS = "0" * 32


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("fuzz") / "home"
    with running_gateway(folder, calls_per_second=1_000_000) as running:
        yield running


def _requests(gateway: LiveGateway, consent_id: str) -> list[Message]:
    """One request of each method, right in its form; two of GetRecord, in the ways of a network."""
    now = datetime.now(UTC).replace(microsecond=0)
    agreement = directory_pb2.Agreement(
        agreement_id=str(uuid4()),
        institution="lender-b",
        datasets=[DATASET],
        purposes=[UNDERWRITING],
        valid_from=Timestamp(seconds=int(now.timestamp())),
        valid_until=Timestamp(seconds=int((now + timedelta(days=30)).timestamp())),
        evidence_sha256=bytes(32),
    )
    enrolment = directory_pb2.Enrolment(institution="lender-c", legal_group="group-c")
    change = directory_pb2.CredentialChange(institution="lender-b", change_id=str(uuid4()))
    signature = directory_pb2.DirectorySignature(key_id="lender-b-1", signature=bytes(64))
    return [
        *_record_requests(gateway),
        consent_pb2.PauseConsentRequest(consent_id=consent_id),
        consent_pb2.ResumeConsentRequest(consent_id=consent_id),
        consent_pb2.ListConsentsRequest(dataset=DATASET, page_size=3),
        consent_pb2.GetConsentReceiptRequest(consent_id=consent_id),
        audit_pb2.GetConsistencyProofRequest(old_size=2, new_size=4),
        audit_pb2.AddCosignatureRequest(tree_size=3, signature_line="\u2014 w AAAA"),
        catalogue_pb2.ListDatasetsRequest(page_size=2),
        catalogue_pb2.DescribeDatasetRequest(dataset=DATASET),
        subject_pb2.EvaluateRequest(blinded_elements=[blind(b"a number").element]),
        subject_pb2.GetReferenceKeyRequest(),
        directory_pb2.EnrolInstitutionRequest(
            enrolment=enrolment.SerializeToString(), signatures=[signature]
        ),
        directory_pb2.ChangeCredentialsRequest(
            change=change.SerializeToString(), signatures=[signature]
        ),
        directory_pb2.SuspendInstitutionRequest(institution="lender-b"),
        directory_pb2.ReactivateInstitutionRequest(institution="lender-b"),
        directory_pb2.GetInstitutionRequest(institution=LENDER_A),
        directory_pb2.ListInstitutionsRequest(page_size=2),
        directory_pb2.AddAgreementRequest(agreement=agreement),
        directory_pb2.EndAgreementRequest(agreement_id=agreement.agreement_id),
        directory_pb2.ListAgreementsRequest(institution=LENDER_A),
        directory_pb2.ListExpiringRequest(within_days=60),
    ]


def _text_requests() -> list[Message]:
    text = "借款人张伟，手机13812345678，卡4111 1111 1111 1111, mail a@example.com"
    known = [deid_pb2.KnownValue(type="PERSON", value="张伟")]
    request_id, token = str(uuid4()), "tok1_PERSON_aaaa"
    return [
        deid_pb2.AnalyzeRequest(text=text, entities=["PERSON"], threshold=0.4, known=known),
        deid_pb2.DeidentifyRequest(text=text, purpose=UNDERWRITING, profile="notes.v1"),
        deid_pb2.RequestReidentificationRequest(
            request_id=request_id, purpose=UNDERWRITING, tokens=[token], justification="why"
        ),
        deid_pb2.ApproveReidentificationRequest(request_id=request_id, digest=bytes(32)),
        deid_pb2.ListReidentificationsRequest(page_size=2),
        deid_pb2.ReidentifyRequest(request_id=request_id, purpose=UNDERWRITING, tokens=[token]),
    ]


def _record_requests(gateway: LiveGateway) -> list[Message]:
    reference = subject_pb2.SubjectReference(key_version="1", value=bytes(64))
    by_reference = record_request(PERSON, str(uuid4()), subject_reference=reference)
    by_reference.ClearField("subject")
    consent = underwriting_consent(gateway.profile(LENDER_A), PERSON)
    carried = exchange_pb2.Forwarding(
        recipient=LENDER_A, consent=consent, path=["other.example/log"], event_id=_ZEROS
    )
    return [by_reference, record_request(PERSON, str(uuid4()), forwarding=carried)]


def _services() -> list[ServiceDescriptor]:
    modules = (
        *(exchange_pb2, consent_pb2, audit_pb2, catalogue_pb2, subject_pb2, directory_pb2),
        deid_pb2,
    )
    return [one for module in modules for one in module.DESCRIPTOR.services_by_name.values()]


def _samples(gateway: LiveGateway, consent_id: str) -> list[Sample]:
    requests = _requests(gateway, consent_id) + _text_requests()
    # A stream is met with one item, as its unary twin is.
    return [
        (f"/{service.full_name}/{method.name}", one)
        for one in requests
        for service in _services()
        for method in service.methods
        if method.input_type.full_name == one.DESCRIPTOR.full_name
    ]


def test_no_method_is_left_out(gateway: LiveGateway) -> None:
    damaged = {path.rsplit("/", 1)[1] for path, _ in _samples(gateway, str(uuid4()))}
    every = {method.name for service in _services() for method in service.methods}
    assert every == damaged | ELSEWHERE


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("calls", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
async def test_damaged_requests(gateway: LiveGateway, calls: int, tmp_path: Path) -> None:
    with Member(gateway, LENDER_A) as lender:
        samples = _samples(gateway, lender.grant(PERSON).consent_id)
        met = await storm(gateway, LENDER_A, samples, calls // 2)
        met += await storm(gateway, OPERATOR, samples, calls // 2)
        assert met.total() == calls // 2 * 2
        assert met[grpc.StatusCode.OK] > calls // 50
        assert met[grpc.StatusCode.PERMISSION_DENIED] > calls // 50
        assert met[grpc.StatusCode.INVALID_ARGUMENT] > calls // 5
        _reactivate_all(gateway)
        assert_well(gateway, lender, fresh_applicant(), tmp_path)


def _reactivate_all(gateway: LiveGateway) -> None:
    """Undo what the storm did in the operator's name."""
    with Member(gateway, OPERATOR) as operator:
        for one in list(operator.client.list_institutions(status=InstitutionStatus.SUSPENDED)):
            operator.client.reactivate_institution(one.id)
