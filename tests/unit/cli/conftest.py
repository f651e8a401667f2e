from collections.abc import Iterator
from pathlib import Path

import pytest

from support.canned_gateway import CannedGateway, running


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[CannedGateway, Path]]:
    with running(tmp_path / "pki") as pair:
        yield pair


@pytest.fixture
def gateway(served: tuple[CannedGateway, Path]) -> CannedGateway:
    return served[0]


@pytest.fixture
def profile(served: tuple[CannedGateway, Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VEILGATE_PROFILE", str(served[1]))
    return served[1]
