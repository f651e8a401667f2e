"""The Directory over the wire: newcomers, agreements, rotation, suspension, and who sees what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf import descriptor_pool

from clients.cli.local.demo_data.dataset import Applicant
from clients.cli.local.home import LENDER_A, LENDER_B, OPERATOR, PARTNERS, Home
from clients.sdk import VeilgateClient
from clients.sdk.consents.signing import load_signing_key
from clients.sdk.identity.channel import open_channel
from clients.sdk.identity.client_certificate import ClientCertificate
from clients.sdk.identity.enrolment import NamedKey
from clients.sdk.models.common import Record
from clients.sdk.models.directory import InstitutionStatus
from gateway.servicers.server import SERVICES
from support.faults_serving import events
from support.live_gateway import (
    DATASET,
    UNDERWRITING,
    LiveGateway,
    running_gateway,
    serve_home,
    start_gateway,
)
from support.live_gateway import underwriting_consent as consent_of
from support.members import fresh_applicant
from support.newcomers import Newcomer
from support.process import ProcessError
from support.refusals import denied, refusal_of, refused
from veilgate.v1 import directory_pb2 as pb

NOT_FOUND, EXISTS = grpc.StatusCode.NOT_FOUND, grpc.StatusCode.ALREADY_EXISTS
PRECONDITION, INVALID = grpc.StatusCode.FAILED_PRECONDITION, grpc.StatusCode.INVALID_ARGUMENT
METHODS = [
    f"/{service}/{method.name}"
    for service in SERVICES
    for method in descriptor_pool.Default().FindServiceByName(service).methods
]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("directory") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def operator(gateway: LiveGateway) -> Iterator[VeilgateClient]:
    with gateway.client(OPERATOR) as client:
        yield client


@pytest.fixture
def newcomer(gateway: LiveGateway, operator: VeilgateClient, tmp_path: Path) -> Newcomer:
    one = Newcomer(gateway, tmp_path)
    operator.enrol_institution(one.enrolment())
    return one


def record(client: VeilgateClient, applicant: Applicant) -> Record:
    kind, number = applicant.identity_type, applicant.identity_number
    return client.get_record(kind, number, UNDERWRITING, DATASET, ("name", "housing"))


def test_a_newcomer_is_nobody_until_it_is_enrolled_and_itself_from_then_on(
    gateway: LiveGateway, operator: VeilgateClient, tmp_path: Path
) -> None:
    one = Newcomer(gateway, tmp_path)
    with one.client() as client:
        with denied("CERTIFICATE_UNKNOWN"):
            client.get_institution(one.id)
        receipt = operator.enrol_institution(one.enrolment())
        found = client.get_institution(one.id)
    assert (found.id, found.status, found.roles) == (one.id, InstitutionStatus.ACTIVE, ("lender",))
    assert [known.fingerprint for known in found.certificates] == [one.fingerprint]
    assert found.certificates[0].not_after is not None
    assert [known.public_key for known in found.signing_keys] == [one.key.key.public_key.raw]
    (event,) = [e for e in events(gateway) if e["id"] == receipt.event_id]
    assert (event["kind"], event["institution"], event["by"], event["log_index"]) == (
        "INSTITUTION_ENROLLED",
        one.id,
        OPERATOR,
        receipt.log_index,
    )


def test_the_same_enrolment_again_changes_nothing_and_another_is_refused(
    gateway: LiveGateway, operator: VeilgateClient, tmp_path: Path
) -> None:
    one = Newcomer(gateway, tmp_path)
    signed = one.enrolment()
    first = operator.enrol_institution(signed)
    again = operator.enrol_institution(signed)
    assert (again.event_id, again.log_index) == ("", first.log_index)
    with refused("INSTITUTION_ALREADY_EXISTS", EXISTS):
        operator.enrol_institution(one.enrolment(legal_group="another-group"))
    thief = Newcomer(gateway, tmp_path)
    thief.key = one.key
    with refused("CREDENTIAL_IN_USE", EXISTS):
        operator.enrol_institution(thief.enrolment())


def test_an_agreement_opens_the_record_path_and_its_end_closes_it(
    gateway: LiveGateway, operator: VeilgateClient, newcomer: Newcomer
) -> None:
    applicant = fresh_applicant()
    with newcomer.client() as client:
        client.grant_consent(consent_of(newcomer.profile(), applicant))
        with denied("AGREEMENT_MISSING"):
            record(client, applicant)
        other = newcomer.agreement(purposes=("marketing",))
        operator.add_agreement(other)
        with denied("AGREEMENT_MISSING"):
            record(client, applicant)
        agreed = newcomer.agreement()
        added = operator.add_agreement(agreed)
        assert set(record(client, applicant).fields) == {"name", "housing"}
        assert operator.add_agreement(agreed).log_index == added.log_index
        ended = operator.end_agreement(agreed.agreement_id)
        with denied("AGREEMENT_MISSING"):
            record(client, applicant)
        own = {one.agreement_id: one for one in client.list_agreements()}
        assert set(own) == {agreed.agreement_id, other.agreement_id}
        assert own[agreed.agreement_id].ended_at is not None
        in_force = client.list_agreements(in_force_only=True)
        assert [one.agreement_id for one in in_force] == [other.agreement_id]
    logged = {event["log_index"]: event["kind"] for event in events(gateway, added.log_index)}
    assert logged[added.log_index] == "AGREEMENT_ADDED"
    assert logged[ended.log_index] == "AGREEMENT_ENDED"


def test_a_suspended_institution_gets_nothing_on_any_method(
    gateway: LiveGateway, operator: VeilgateClient, newcomer: Newcomer
) -> None:
    operator.suspend_institution(newcomer.id)
    with open_channel(newcomer.profile()) as channel:
        for method in METHODS:
            found = refusal_of(channel, method, b"")
            assert (method, found.reason) == (method, "INSTITUTION_SUSPENDED")
    with refused("INSTITUTION_TRANSITION_REFUSED", PRECONDITION):
        operator.suspend_institution(newcomer.id)
    operator.reactivate_institution(newcomer.id)
    with newcomer.client() as client:
        assert client.get_institution(newcomer.id).status is InstitutionStatus.ACTIVE
    kinds = [e["kind"] for e in events(gateway) if e.get("institution") == newcomer.id]
    assert kinds == ["INSTITUTION_ENROLLED", "INSTITUTION_SUSPENDED", "INSTITUTION_REACTIVATED"]


def test_a_rotated_certificate_takes_over_and_the_old_one_ends(newcomer: Newcomer) -> None:
    old, new = newcomer.profile(), newcomer.issued()
    change = newcomer.change([new], retire_certificates=(newcomer.fingerprint,))
    retire_now = newcomer.change(retire_certificates=(newcomer.fingerprint,), overlap=timedelta(0))
    with VeilgateClient(old) as client:
        receipt = client.change_credentials(change)
        assert receipt.retired_at is not None
        assert receipt.retired_at > datetime.now(UTC) + timedelta(days=6)
        assert client.get_institution(newcomer.id).id == newcomer.id
    newcomer.certificate = new
    with newcomer.client() as client:
        again = client.change_credentials(change)
        assert (again.event_id, again.log_index) == ("", receipt.log_index)
        assert again.retired_at == receipt.retired_at
        client.change_credentials(retire_now)
        assert client.get_institution(newcomer.id).id == newcomer.id
    with open_channel(old) as channel:
        for method in METHODS:
            found = refusal_of(channel, method, b"")
            assert (method, found.reason) == (method, "CERTIFICATE_UNKNOWN")


def test_a_new_signing_key_signs_and_a_retired_one_does_not(newcomer: Newcomer) -> None:
    old, new = newcomer.profile(), newcomer.made_key()
    change = newcomer.change(
        signing_keys=(new,), retire_signing_keys=(newcomer.key.key_id,), overlap=timedelta(0)
    )
    with newcomer.client() as client:
        client.change_credentials(change)
        # What it retired vouches for the repetition of this very change, and for nothing else.
        assert client.change_credentials(change).event_id == ""
        with refused("CONSENT_SIGNATURE_INVALID", INVALID):
            client.grant_consent(consent_of(old, fresh_applicant()))
        with refused("ENROLMENT_SIGNATURE_INVALID", INVALID):
            client.change_credentials(newcomer.change([newcomer.issued()]))
        newcomer.key = new
        client.grant_consent(consent_of(newcomer.profile(), fresh_applicant()))


def test_the_last_credential_stays(newcomer: Newcomer) -> None:
    with newcomer.client() as client, refused("LAST_CREDENTIAL", PRECONDITION):
        client.change_credentials(newcomer.change(retire_certificates=(newcomer.fingerprint,)))


def test_an_operator_changes_credentials_with_the_institutions_signature_only(
    gateway: LiveGateway, operator: VeilgateClient, newcomer: Newcomer
) -> None:
    forged = newcomer.change([newcomer.issued()], signed_by=newcomer.made_key())
    with refused("ENROLMENT_SIGNATURE_INVALID", INVALID):
        operator.change_credentials(forged)
    key, key_id = load_signing_key(gateway.profile(OPERATOR))
    with refused("ENROLMENT_SIGNATURE_INVALID", INVALID):
        signed_by = NamedKey(key_id, key)
        operator.change_credentials(newcomer.change([newcomer.issued()], signed_by=signed_by))
    operator.change_credentials(newcomer.change([newcomer.issued()]))
    assert len(operator.get_institution(newcomer.id).certificates) == 2


def test_every_key_of_an_enrolment_signs_these_very_bytes(
    gateway: LiveGateway, operator: VeilgateClient, tmp_path: Path
) -> None:
    one, other = Newcomer(gateway, tmp_path), Newcomer(gateway, tmp_path)
    signed, foreign = one.enrolment(), other.enrolment()
    unsigned = pb.Enrolment.FromString(signed.enrolment)
    extra = other.key.key.public_key.raw
    unsigned.signing_keys.add(key_id=other.key.key_id, public_key=extra)
    for broken in (
        replace(signed, signatures=foreign.signatures),
        replace(signed, signatures=(replace(foreign.signatures[0], key_id=one.key.key_id),)),
        replace(signed, enrolment=one.enrolment(jurisdiction="US").enrolment),
        replace(signed, enrolment=unsigned.SerializeToString()),
    ):
        with refused("ENROLMENT_SIGNATURE_INVALID", INVALID):
            operator.enrol_institution(broken)
    with refused("INSTITUTION_NOT_FOUND", NOT_FOUND):
        operator.get_institution(one.id)


def test_the_last_operator_is_not_suspended(
    gateway: LiveGateway, operator: VeilgateClient, tmp_path: Path
) -> None:
    with refused("INSTITUTION_TRANSITION_REFUSED", PRECONDITION):
        operator.suspend_institution(OPERATOR)
    second = Newcomer(gateway, tmp_path, ("operator",))
    operator.enrol_institution(second.enrolment())
    with second.client() as client:
        client.suspend_institution(OPERATOR)
        with denied("INSTITUTION_SUSPENDED"):
            operator.get_institution(OPERATOR)
        client.reactivate_institution(OPERATOR)
    operator.suspend_institution(second.id)


def test_the_partner_file_is_what_a_directory_begins_with(tmp_path: Path) -> None:
    with running_gateway(tmp_path / "home") as first:
        with first.client(OPERATOR) as client:
            client.suspend_institution(LENDER_B)
        late = Newcomer(first, tmp_path)
    partners = first.home.folder / PARTNERS
    text = partners.read_text().replace("lender-a-group", "another-group")
    partners.write_text(f"""{text}
[[partner]]
id = "{late.id}"
legal_group = "late-group"
roles = ["lender"]
jurisdiction = "CN"
certificates = ["{late.fingerprint}"]
""")
    again = serve_home(first.home)
    late.gateway = again
    try:
        with again.client(OPERATOR) as client:
            assert client.get_institution(LENDER_B).status is InstitutionStatus.SUSPENDED
            assert client.get_institution(LENDER_A).legal_group == "lender-a-group"
        with late.client() as client:
            assert client.get_institution(late.id).certificates[0].not_after is None
        enrolled = [e for e in events(again) if e["kind"] == "INSTITUTION_ENROLLED"]
    finally:
        again.stop()
    assert [event["institution"] for event in enrolled].count(LENDER_A) == 1
    assert (enrolled[-1]["institution"], enrolled[-1]["source"]) == (late.id, "file")


def test_a_partner_file_that_claims_anothers_certificate_stops_the_start(tmp_path: Path) -> None:
    def claim(home: Home) -> None:
        partners = home.folder / PARTNERS
        fingerprint = ClientCertificate(
            (home.profile(LENDER_A).parent / f"{LENDER_A}.pem").read_bytes()
        ).fingerprint
        partners.write_text(f"""{partners.read_text()}
[[partner]]
id = "claimant"
legal_group = "claimant"
roles = ["lender"]
jurisdiction = "CN"
certificates = ["{fingerprint}"]
""")

    with pytest.raises(ProcessError, match="partner claimant: CREDENTIAL_IN_USE certificate"):
        start_gateway(tmp_path / "home", prepare=claim)
