"""Who sees what of the Directory, and its lists: filters, pages, tokens that are bound to both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from clients.cli.local.dev_members import CONTRIBUTORS, ROLES
from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, LENDER_C, OPERATOR, PROVIDER
from clients.sdk import VeilgateClient
from clients.sdk.identity.channel import open_channel
from clients.sdk.models.directory import Agreement, Certificate
from gateway.servicers.paging import next_token
from support.live_gateway import LiveGateway, running_gateway
from support.newcomers import Newcomer, agreement_of
from support.refusals import denied, refusal_of, refused
from veilgate.v1 import directory_pb2 as pb
from veilgate.v1 import directory_pb2_grpc

NOT_FOUND = grpc.StatusCode.NOT_FOUND
EVERYBODY = list(ROLES)
LENDERS = [LENDER_A, LENDER_B, LENDER_C]
SERVICE = "/veilgate.v1.DirectoryService/"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("views") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def operator(gateway: LiveGateway) -> Iterator[VeilgateClient]:
    with gateway.client(OPERATOR) as client:
        yield client


@pytest.mark.parametrize("who", [LENDER_A, AUDITOR])
def test_only_operators_change_the_directory(
    gateway: LiveGateway, tmp_path: Path, who: str
) -> None:
    one = Newcomer(gateway, tmp_path)
    with gateway.client(who) as client:
        changes: tuple[Callable[[], object], ...] = (
            lambda: client.enrol_institution(one.enrolment()),
            lambda: client.suspend_institution(LENDER_B),
            lambda: client.suspend_institution(who),
            lambda: client.reactivate_institution(LENDER_B),
            lambda: client.add_agreement(agreement_of(who)),
            lambda: client.end_agreement(agreement_of(who).agreement_id),
        )
        for change in changes:
            with denied("ROLE_MISSING"):
                change()


def test_others_do_not_exist_for_those_who_may_not_see_them(
    gateway: LiveGateway, operator: VeilgateClient, tmp_path: Path
) -> None:
    one = Newcomer(gateway, tmp_path, id=LENDER_B)
    with gateway.client(LENDER_A) as client:
        for look in (
            lambda: client.get_institution(LENDER_B),
            lambda: client.get_institution("no-such-one"),
            lambda: list(client.list_agreements(institution=LENDER_B)),
            lambda: client.change_credentials(one.change([one.issued()])),
        ):
            with refused("INSTITUTION_NOT_FOUND", NOT_FOUND):
                look()
        with denied("ROLE_MISSING"):
            list(client.list_institutions())
        assert client.get_institution(LENDER_A).id == LENDER_A
        assert {found.institution for found in client.list_agreements()} == {LENDER_A}
        assert {found.institution for found in client.list_expiring(within_days=60)} == {LENDER_A}
    with refused("INSTITUTION_NOT_FOUND", NOT_FOUND):
        operator.get_institution("no-such-one")
    with refused("AGREEMENT_NOT_FOUND", NOT_FOUND):
        operator.end_agreement(agreement_of(LENDER_A).agreement_id)


def test_auditors_see_everybody_and_what_ends_of_their_own(gateway: LiveGateway) -> None:
    with gateway.client(AUDITOR) as auditor:
        assert auditor.get_institution(LENDER_B).id == LENDER_B
        assert [one.id for one in auditor.list_institutions()] == sorted(EVERYBODY)
        assert {one.institution for one in auditor.list_agreements()} == set(LENDERS)
        assert {one.institution for one in auditor.list_expiring(within_days=60)} == {AUDITOR}


def test_institutions_are_filtered(operator: VeilgateClient) -> None:
    assert [one.id for one in operator.list_institutions(role="lender")] == LENDERS
    assert [one.id for one in operator.list_institutions(role="data_provider")] == [PROVIDER]
    assert list(operator.list_institutions(status="suspended")) == []
    assert len(list(operator.list_institutions(status="active"))) == len(EVERYBODY)
    found = operator.list_institutions(role="lender", legal_group="lender-b-group")
    assert [one.id for one in found] == [LENDER_B]


def test_pages_lead_through_all_of_a_list_and_no_further(operator: VeilgateClient) -> None:
    for size in (1, 2, 5):
        found = [one.id for one in operator.list_institutions(page_size=size)]
        assert found == sorted(EVERYBODY)
    ends = [one.ends_at for one in operator.list_expiring(within_days=60, page_size=2)]
    assert ends == sorted(ends)
    # The lenders have a second person each, the contributors an agent and a keyholder, with
    # certificates of their own.
    assert len(ends) == len(EVERYBODY) + len(LENDERS) + 2 * len(CONTRIBUTORS)


def test_agreements_are_filtered(operator: VeilgateClient) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    later = agreement_of(LENDER_A, purposes=("research.model",), valid_from=now + timedelta(days=5))
    operator.add_agreement(later)
    for filters, expected in (
        ({"institution": LENDER_A}, 2),
        ({"purpose": "research.model"}, 1),
        ({"purpose": "research"}, len(LENDERS)),
        ({"dataset": "credit.applicant", "institution": LENDER_A}, 2),
        ({"dataset": "credit"}, 0),
        ({"institution": LENDER_A, "in_force_only": True}, 1),
    ):
        found = list(operator.list_agreements(**filters, page_size=1))
        assert (filters, len(found)) == (filters, expected)
    (known,) = operator.list_agreements(purpose="research.model")
    assert known == later


def test_what_ends_names_the_certificate_and_the_day(operator: VeilgateClient) -> None:
    assert list(operator.list_expiring(within_days=6)) == []
    ending = [one for one in operator.list_expiring(within_days=365) if one.institution == LENDER_B]
    assert [type(one.what) for one in ending] == [*4 * [Certificate], Agreement]
    certificate = ending[0].what
    assert isinstance(certificate, Certificate)
    assert certificate.not_after == ending[0].ends_at


def test_a_token_belongs_to_its_list_and_its_filters(gateway: LiveGateway) -> None:
    with open_channel(gateway.profile(OPERATOR)) as channel:
        stub = directory_pb2_grpc.DirectoryServiceStub(channel)
        token = stub.ListInstitutions(pb.ListInstitutionsRequest(page_size=1)).next_page_token
        ending = pb.ListExpiringRequest(page_size=1, within_days=60)
        other = stub.ListExpiring(ending).next_page_token
        assert token
        assert other
        for method, request in (
            (
                "ListInstitutions",
                pb.ListInstitutionsRequest(page_token=token, role=pb.ROLE_LENDER),
            ),
            ("ListInstitutions", pb.ListInstitutionsRequest(page_token=other)),
            ("ListAgreements", pb.ListAgreementsRequest(page_token=token)),
            ("ListExpiring", pb.ListExpiringRequest(page_token=other, within_days=61)),
            ("ListExpiring", pb.ListExpiringRequest(page_token=token)),
            ("ListExpiring", pb.ListExpiringRequest(page_token="nonsense")),
        ):
            found = refusal_of(channel, SERVICE + method, request.SerializeToString())
            assert list(found.bad) == ["page_token"]


def test_made_up_places_in_a_token_are_refused(gateway: LiveGateway) -> None:
    made_up = (
        ("ListInstitutions", pb.ListInstitutionsRequest, (None, None, ""), "Not An Id"),
        ("ListAgreements", pb.ListAgreementsRequest, ("", "", "", False), "no-uuid"),
        ("ListExpiring", pb.ListExpiringRequest, (30,), "soon|certificate|aa"),
        ("ListExpiring", pb.ListExpiringRequest, (30,), "1|certificate|\x00"),
    )
    with open_channel(gateway.profile(OPERATOR)) as channel:
        for method, request, filters, place in made_up:
            body = request(page_token=next_token(place, *filters)).SerializeToString()
            assert list(refusal_of(channel, SERVICE + method, body).bad) == ["page_token"]
