from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.sdk import ClientProfile, VeilgateClient
from support.canned_gateway import CannedGateway, running
from support.canned_network import Network, network_running


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[CannedGateway, Path]]:
    with running(tmp_path / "pki") as pair:
        yield pair


@pytest.fixture
def gateway(served: tuple[CannedGateway, Path]) -> CannedGateway:
    return served[0]


@pytest.fixture
def client(served: tuple[CannedGateway, Path]) -> Iterator[VeilgateClient]:
    with VeilgateClient(ClientProfile.load(served[1])) as client:
        yield client


@pytest.fixture
def network_at(tmp_path: Path) -> Iterator[tuple[Network, Path]]:
    with network_running(tmp_path / "network") as pair:
        yield pair


@pytest.fixture
def network(network_at: tuple[Network, Path]) -> Network:
    return network_at[0]


@pytest.fixture
def network_profile(network_at: tuple[Network, Path]) -> ClientProfile:
    return ClientProfile.load(network_at[1])
