"""A gateway over PostgreSQL: what every service reads and writes, over real gRPC.

The same services over SQLite have tests of their own, and the ports below have contract tests for
both engines; here stands that no service has a statement that only one engine takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, OPERATOR
from clients.sdk import VeilgateError
from clients.sdk.vocabulary import ConsentState
from support.expected_record import assert_no_raw_value, expected_fields
from support.faults_serving import events, kinds, verified
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, running_gateway
from support.members import Member, fresh_applicant
from support.postgres_server import shared_server


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("postgres") / "home"
    with running_gateway(folder, store=shared_server().create()) as running:
        yield running


@pytest.fixture(scope="module")
def lender(gateway: LiveGateway) -> Iterator[Member]:
    with Member(gateway, LENDER_A) as member:
        yield member


def _reason(error: pytest.ExceptionInfo[VeilgateError]) -> str:
    return error.value.reason


def test_a_record_is_released_once_and_repeated_for_nothing(lender: Member) -> None:
    raw, request_id = fresh_applicant(), str(uuid4())
    consent = lender.grant(raw, uses=1)
    record = lender.get(raw, request_id=request_id)
    shown = {name: record.fields[name] for name in expected_fields(raw)}
    assert shown == expected_fields(raw)
    assert_no_raw_value(record, raw)
    assert lender.get(raw, request_id=request_id).repeat
    assert lender.client.get_consent(consent.consent_id).uses == 1
    with pytest.raises(VeilgateError) as spent:
        lender.get(raw)
    assert _reason(spent) == "CONSENT_USES_SPENT"


def test_a_decision_is_explained_and_a_denial_recorded(
    gateway: LiveGateway, lender: Member
) -> None:
    raw = fresh_applicant()
    assert not lender.explain(raw).decision.allow
    with pytest.raises(VeilgateError) as denied:
        lender.get(raw)
    assert _reason(denied) == "CONSENT_ABSENT"
    assert kinds(events(gateway))[-2:] == ["EXPLANATION", "DENIAL"]


def test_a_consent_lives_and_is_listed(gateway: LiveGateway, lender: Member) -> None:
    raw = fresh_applicant()
    ids = [lender.grant(raw).consent_id for _ in range(3)]
    lender.client.pause_consent(ids[0])
    with pytest.raises(VeilgateError) as paused:
        lender.get(raw, consent_id=ids[0])
    assert _reason(paused) == "CONSENT_PAUSED"
    lender.client.resume_consent(ids[0])
    assert lender.get(raw, consent_id=ids[0]).consent_id == ids[0]
    lender.client.revoke_consent(ids[1])
    listed = [one.consent_id for one in lender.client.list_consents(page_size=2)]
    assert set(ids) <= set(listed)
    revoked = lender.client.list_consents(state=ConsentState.REVOKED)
    assert [one.consent_id for one in revoked] == [ids[1]]
    assert lender.client.get_consent_receipt(ids[2])
    with gateway.client(LENDER_B) as other:
        assert list(other.list_consents()) == []


def test_the_directory_is_read_and_changed(gateway: LiveGateway, lender: Member) -> None:
    with gateway.client(OPERATOR) as operator:
        listed = [one.id for one in operator.list_institutions(page_size=2)]
        assert {LENDER_A, LENDER_B, AUDITOR, OPERATOR} <= set(listed)
        assert [one.institution for one in operator.list_agreements(institution=LENDER_A)]
        assert {one.institution for one in operator.list_expiring(within_days=365)} <= set(listed)
        operator.suspend_institution(LENDER_A)
        try:
            with pytest.raises(VeilgateError) as suspended:
                lender.get(fresh_applicant())
            assert _reason(suspended) == "INSTITUTION_SUSPENDED"
        finally:
            operator.reactivate_institution(LENDER_A)


def test_the_catalogue_knows_what_is_left(lender: Member) -> None:
    (offer,) = lender.client.describe_dataset(DATASET, UNDERWRITING).offers
    assert offer.offered


def test_a_reference_is_evaluated_and_asked_with(lender: Member) -> None:
    raw = fresh_applicant()
    lender.grant(raw)
    reference = lender.client.reference(raw.identity_type, raw.identity_number)
    assert lender.client.explain_access_by_reference(
        reference, UNDERWRITING, DATASET
    ).decision.allow


def test_the_log_is_one_that_verifies(gateway: LiveGateway, tmp_path: Path) -> None:
    with gateway.client(AUDITOR) as auditor:
        first = auditor.checkpoint()
        assert auditor.inclusion_proof(0)
    assert verified(gateway, tmp_path / "export", first.note).size > 0
