"""The adapter of remote providers, against a real server: batches, halving, cancelling, files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from gateway.adapters.providers.addressing import Address
from gateway.adapters.providers.grpc_provider import GrpcProvider
from gateway.adapters.providers.inquiry_batches import MAX_BATCH
from gateway.adapters.providers.remote_channel import RemoteAddress, RemoteFileError
from gateway.application.ports.provider import Fetched, Inquiry
from gateway.bootstrap.settings import load_policy
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.subject import normalise
from gateway.domain.vocabulary import IdentifierType
from support.faults_serving import wait_until
from support.faulty_remote import FaultyRemote, faulty_remote
from support.remote_provider import DATASET, Ends, People, identifier
from support.source_tree import ROOT
from veilgate.v1 import provider_pb2 as pb

CONTRACT = load_policy(ROOT / "policies").datasets[DATASET].contract
KNOWN = 20
_LONG_S = 30.0


@pytest.fixture(scope="module")
def ends(tmp_path_factory: pytest.TempPathFactory) -> Ends:
    return Ends.make(tmp_path_factory.mktemp("ends"))


@pytest.fixture
def remote(ends: Ends) -> Iterator[FaultyRemote]:
    with faulty_remote(ends, People(KNOWN)) as (remote, _):
        yield remote


def _address(ends: Ends, port: int, **changes: str) -> RemoteAddress:
    files = {
        "ca": str(ends.path("authority.pem")),
        "certificate": str(ends.path("gateway.pem")),
        "key": str(ends.path("gateway.key")),
    }
    return RemoteAddress(f"localhost:{port}", **{**files, **changes})


def _provider(
    remote: FaultyRemote, at_once: int = 4, timeout_s: float = _LONG_S, **changes: str
) -> GrpcProvider:
    address = _address(remote.ends, remote.port, **changes)
    provider = GrpcProvider(address, DATASET, timeout_s, at_once)
    provider.use_contract(CONTRACT)
    return provider


async def _look_up(
    provider: GrpcProvider, number: int, fields: tuple[str, ...] = ("name", "credit_amount")
) -> Fetched | None:
    person = identifier(synthetic_subject(number))
    kind = IdentifierType(person.type.value)
    inquiry = Inquiry(
        *(DATASET, normalise(kind, person.value), fields),
        *("credit.underwriting", "lender-a", "c", "e"),
    )
    return await provider.look_up(Address(kind.value, person.value), inquiry)


async def _asked(remote: FaultyRemote, calls: int) -> None:
    await asyncio.to_thread(wait_until, lambda: remote.calls == calls, f"{calls} calls")


async def test_look_ups_of_one_moment_go_together(remote: FaultyRemote) -> None:
    provider = _provider(remote)
    numbers = [1 + at % KNOWN for at in range(3 * MAX_BATCH + 1)]
    found = await asyncio.gather(*(_look_up(provider, number) for number in numbers))
    provider.close()
    for number, one in zip(numbers, found, strict=True):
        applicant = synthetic_subject(number)
        assert one is not None
        assert one.values == {
            "name": applicant.name,
            "credit_amount": applicant.credit_amount,
        }
    assert remote.calls == 4


async def test_so_many_calls_at_once_and_the_rest_go_together(remote: FaultyRemote) -> None:
    provider = _provider(remote, at_once=2)
    remote.late = True
    waiting = []
    for number in range(1, 11):
        waiting.append(asyncio.ensure_future(_look_up(provider, number)))
        # Turns of the loop for each, so that they do not come at one moment.
        for _ in range(3):
            await asyncio.sleep(0)
    await _asked(remote, 2)
    remote.honest()
    assert all(await asyncio.gather(*waiting))
    provider.close()
    assert remote.calls == 3


async def test_a_record_of_a_monstrous_size_fails_alone(remote: FaultyRemote) -> None:
    spoilt = synthetic_subject(3).credit_amount

    def spoil(response: pb.FetchRecordsResponse) -> pb.FetchRecordsResponse:
        for answer in response.answers:
            if any(value.number == spoilt for value in answer.record.values):
                answer.record.values[0].text = "x" * (5 << 20)
        return response

    remote.spoil = spoil
    provider = _provider(remote)
    numbers = range(1, KNOWN + 1)
    found = await asyncio.gather(
        *(_look_up(provider, number) for number in numbers), return_exceptions=True
    )
    provider.close()
    refused = found.pop(2)
    assert isinstance(refused, Refused)
    assert refused.reason is ErrorReason.PROVIDER_ANSWER_INVALID
    assert all(isinstance(one, Fetched) for one in found)


async def test_a_call_whose_askers_are_gone_is_cancelled(remote: FaultyRemote) -> None:
    provider = _provider(remote, at_once=1)
    remote.late = True
    given_up = [asyncio.ensure_future(_look_up(provider, number)) for number in (1, 2)]
    await _asked(remote, 1)
    for one in given_up:
        one.cancel()
    await asyncio.gather(*given_up, return_exceptions=True)
    remote.late = False
    # The one call that may be under way is free again, though the server still waits.
    assert await _look_up(provider, 3)
    assert not remote.release.is_set()
    provider.close()


async def test_what_waits_when_it_is_closed_is_refused(remote: FaultyRemote) -> None:
    provider = _provider(remote, at_once=1)
    remote.late = True
    under_way = asyncio.ensure_future(_look_up(provider, 1))
    await _asked(remote, 1)
    behind = asyncio.ensure_future(_look_up(provider, 2))
    await asyncio.sleep(0)
    provider.close()
    for one in (under_way, behind):
        with pytest.raises(Refused) as caught:
            await one
        assert caught.value.reason is ErrorReason.PROVIDER_UNAVAILABLE


async def test_without_a_contract_or_for_another_dataset_nothing_is_asked(
    remote: FaultyRemote,
) -> None:
    provider = GrpcProvider(_address(remote.ends, remote.port), DATASET, _LONG_S, 1)
    with pytest.raises(Refused):
        await _look_up(provider, 1)
    assert remote.calls == 0
    provider.close()


async def test_a_server_of_another_name_or_authority_is_not_asked(
    remote: FaultyRemote, tmp_path: Path
) -> None:
    strange = Ends.make(tmp_path)
    authority = str(strange.path("authority.pem"))
    for provider in (
        _provider(remote, timeout_s=5.0, server_name="other.example"),
        _provider(remote, timeout_s=5.0, ca=authority),
    ):
        with pytest.raises(Refused) as caught:
            await _look_up(provider, 1)
        assert caught.value.reason is ErrorReason.PROVIDER_UNAVAILABLE
        provider.close()
    assert remote.calls == 0


def test_files_that_cannot_be_used_are_named(ends: Ends, tmp_path: Path) -> None:
    for name in ("ca", "certificate", "key"):
        with pytest.raises(RemoteFileError, match=r"missing\.pem"):
            GrpcProvider(_address(ends, 1, **{name: str(tmp_path / "missing.pem")}), "d", 1, 1)
    exposed = tmp_path / "exposed.key"
    exposed.write_bytes(ends.path("gateway.key").read_bytes())
    exposed.chmod(0o644)
    with pytest.raises(RemoteFileError, match="chmod 600"):
        GrpcProvider(_address(ends, 1, key=str(exposed)), "d", 1, 1)
