"""The SDK against a real gateway: records verified, lists followed, references, both clients."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from uuid import uuid4

import pytest

from clients.cli.local.home import AUDITOR, LENDER_A
from clients.sdk import (
    AsyncVeilgateClient,
    CheckpointStore,
    ClientProfile,
    ErrorReason,
    VeilgateClient,
    VeilgateError,
    VerificationError,
)
from clients.sdk.models.common import Record
from support.live_gateway import (
    DATASET,
    UNDERWRITING,
    LiveGateway,
    running_gateway,
    underwriting_consent,
)
from support.members import fresh_applicant


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    with running_gateway(tmp_path_factory.mktemp("sdk") / "home") as running:
        yield running


@pytest.fixture(scope="module")
def profile(gateway: LiveGateway) -> ClientProfile:
    return gateway.profile(LENDER_A)


def released(profile: ClientProfile, client: VeilgateClient) -> Record:
    applicant = fresh_applicant()
    client.grant_consent(underwriting_consent(profile, applicant))
    return client.get_record(
        applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET
    )


def test_a_record_verifies_against_the_log_and_a_changed_one_does_not(
    profile: ClientProfile, tmp_path: Path
) -> None:
    store = CheckpointStore(tmp_path)
    with VeilgateClient(profile, checkpoints=store) as client:
        record = released(profile, client)
        verified = client.verify_record(record)
        assert verified.event.says["institution"] == LENDER_A
        assert verified.event.says["dataset"] == DATASET
        name, value = next((n, v) for n, v in record.fields.items() if isinstance(v, str))
        changed = dict(record.fields) | {name: value + " "}
        with pytest.raises(VerificationError, match="values"):
            client.verify_record(replace(record, fields=MappingProxyType(changed)))


def test_the_same_request_again_verifies_as_its_own_release(profile: ClientProfile) -> None:
    applicant, request_id = fresh_applicant(), str(uuid4())
    with VeilgateClient(profile) as client:
        client.grant_consent(underwriting_consent(profile, applicant))
        ask = (applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET)
        first, second = (client.get_record(*ask, request_id=request_id) for _ in range(2))
        assert (first.repeat, second.repeat) == (False, True)
        for record in (first, second):
            client.verify_record(record)


def test_an_event_of_another_institution_is_not_shown(
    gateway: LiveGateway, profile: ClientProfile
) -> None:
    with VeilgateClient(profile) as client:
        index = released(profile, client).log_index
    with gateway.client("lender-b") as other, pytest.raises(VeilgateError) as caught:
        other.verify_event(index)
    assert caught.value.reason == ErrorReason.ROLE_MISSING
    with gateway.client(AUDITOR) as auditor:
        assert auditor.verify_event(index).says["kind"] == "RELEASE"


def test_the_asynchronous_client_does_the_same_at_once(profile: ClientProfile) -> None:
    people = [fresh_applicant() for _ in range(8)]

    async def one(client: AsyncVeilgateClient, at: int) -> Record:
        applicant = people[at]
        await client.grant_consent(underwriting_consent(profile, applicant))
        return await client.get_record(
            applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET
        )

    async def many() -> list[Record]:
        async with AsyncVeilgateClient(profile) as client:
            records = await asyncio.gather(*(one(client, at) for at in range(len(people))))
            await asyncio.gather(*(client.verify_record(record) for record in records))
            return records

    records = asyncio.run(many())
    assert len({record.log_index for record in records}) == len(people)


def test_a_refusal_says_what_would_help(profile: ClientProfile) -> None:
    applicant = fresh_applicant()
    with VeilgateClient(profile) as client, pytest.raises(VeilgateError) as caught:
        client.get_record(applicant.identity_type, applicant.identity_number, UNDERWRITING, DATASET)
    error = caught.value
    assert error.reason is ErrorReason.CONSENT_ABSENT
    assert error.event_id
    assert error.request_id
    assert error.fix == error.decision.smallest_change_en if error.decision else False
    assert not error.retryable


def test_references_are_proven_and_stable(profile: ClientProfile) -> None:
    first, second = fresh_applicant(), fresh_applicant()
    people = [(one.identity_type, one.identity_number) for one in (first, second, first)]
    with VeilgateClient(profile) as client:
        found = client.references(people)
        assert found[0] == found[2] != found[1]
        assert client.reference(*people[0]) == found[0]


def test_a_consent_is_found_by_its_subject_s_reference(profile: ClientProfile) -> None:
    applicant = fresh_applicant()
    with VeilgateClient(profile) as client:
        granted = client.grant_consent(underwriting_consent(profile, applicant))
        reference = client.reference(applicant.identity_type, applicant.identity_number)
        listed = [one.consent_id for one in client.list_consents(subject=reference)]
        assert listed == [granted.consent_id]


def test_lists_are_followed_page_by_page(profile: ClientProfile) -> None:
    with VeilgateClient(profile) as client:
        for _ in range(3):
            client.grant_consent(underwriting_consent(profile, fresh_applicant()))
        whole = list(client.list_consents())
        assert list(client.list_consents(page_size=2)) == whole
        assert len({one.consent_id for one in whole}) == len(whole) >= 3
        assert [one.dataset for one in client.list_datasets(page_size=1)] == [DATASET]


def test_growth_verifies_and_a_store_follows_it(profile: ClientProfile, tmp_path: Path) -> None:
    store = CheckpointStore(tmp_path)
    with VeilgateClient(profile, checkpoints=store) as client:
        first = client.verify_record(released(profile, client))
        before = client.checkpoint().note
        second = client.verify_record(released(profile, client))
        assert second.event.checkpoint.size > first.event.checkpoint.size
        grown = client.verify_consistency(before)
        assert grown.old.size < grown.new.size


def test_events_are_followed_and_filtered(gateway: LiveGateway, profile: ClientProfile) -> None:
    with VeilgateClient(profile) as client:
        record = released(profile, client)
    with gateway.client(AUDITOR) as auditor:
        whole = list(auditor.events(page_size=3))
        assert [one.index for one in whole] == list(range(len(whole)))
        some = list(auditor.events(page_size=3, kinds=("RELEASE",), institution=LENDER_A))
        assert record.log_index in {one.index for one in some}
        assert all(b'"kind":"RELEASE"' in one.event for one in some)
        assert set(some) < set(whole)
