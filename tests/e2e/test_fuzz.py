"""Damaged requests to every method: an answer or a refusal, never a crash; health throughout."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import grpc.aio
import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from support.fuzz_storm import Sample, assert_well, storm
from support.live_gateway import LiveGateway, running_gateway, underwriting_consent
from support.members import Member, fresh_applicant, record_request
from veilgate.v1 import audit_pb2, consent_pb2, exchange_pb2

PERSON = synthetic_subject(1)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder = tmp_path_factory.mktemp("fuzz") / "home"
    limits = {"calls_per_second": 1_000_000, "explains_per_minute": 100_000}
    with running_gateway(folder, **limits) as running:
        yield running


def _samples(gateway: LiveGateway, consent_id: str, to_revoke: str) -> list[Sample]:
    """One good request of each method."""
    profile = gateway.profile("lender-a")
    record = record_request(PERSON, "00000000-0000-4000-8000-000000000000", fields=["name"])
    explain = exchange_pb2.ExplainAccessRequest(
        subject=record.subject, dataset=record.dataset, purpose=record.purpose
    )
    grant = consent_pb2.GrantConsentRequest(consent=underwriting_consent(profile, PERSON))
    exchange, consent, audit = (
        f"/veilgate.v1.{name}Service/" for name in ("Exchange", "Consent", "Audit")
    )
    return [
        (exchange + "GetRecord", record),
        (exchange + "ExplainAccess", explain),
        (consent + "GrantConsent", grant),
        (consent + "GetConsent", consent_pb2.GetConsentRequest(consent_id=consent_id)),
        (consent + "RevokeConsent", consent_pb2.RevokeConsentRequest(consent_id=to_revoke)),
        (audit + "ListEvents", audit_pb2.ListEventsRequest(limit=5)),
        (audit + "GetCheckpoint", audit_pb2.GetCheckpointRequest()),
        (audit + "GetInclusionProof", audit_pb2.GetInclusionProofRequest(log_index=1)),
        (audit + "GetTile", audit_pb2.GetTileRequest(path="tile/entries/000.p/1")),
    ]


@pytest.mark.timeout(1_800)
@pytest.mark.parametrize("calls", [2_000, pytest.param(100_000, marks=pytest.mark.long)])
async def test_damaged_requests(gateway: LiveGateway, calls: int, tmp_path: Path) -> None:
    with Member(gateway, "lender-a") as lender:
        consent, to_revoke = lender.grant(PERSON), lender.grant(PERSON)
        samples = _samples(gateway, consent.consent_id, to_revoke.consent_id)
        met = await storm(gateway, "lender-a", samples, calls // 2)
        met += await storm(gateway, "auditor", samples, calls // 2)
        assert met.total() == calls // 2 * 2
        # The damage reaches past the first check, and some of what is sent is still right.
        assert met[grpc.StatusCode.OK] > calls // 50
        assert met[grpc.StatusCode.PERMISSION_DENIED] > calls // 50
        assert met[grpc.StatusCode.INVALID_ARGUMENT] > calls // 5
        assert_well(gateway, lender, fresh_applicant(), tmp_path)
