from pathlib import Path

import pytest

from clients.sdk import AnswerError, SdkError, VeilgateClient, VeilgateError, export_log
from gateway.crypto.log_verifier import verify_log
from support.canned_gateway import CannedGateway, event
from support.crypto_log import VKEY
from support.crypto_log import export_log as honest_export


def verified_size(folder: Path) -> int:
    checkpoint = (folder / "checkpoint").read_bytes()
    return verify_log(checkpoint, VKEY, lambda path: (folder / path).read_bytes()).size


def files(folder: Path) -> set[str]:
    return {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}


def test_an_export_verifies_offline(client: VeilgateClient, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    exported = export_log(client, tmp_path / "log", lambda done, total: steps.append((done, total)))
    assert exported.size == 300
    assert steps == [(done, exported.fetched) for done in range(1, exported.fetched + 1)]
    assert verified_size(tmp_path / "log") == 300
    assert files(tmp_path / "log") == {
        "checkpoint",
        "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
        "tile/entries/000", "tile/entries/001.p/44",
    }  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 256, 257, 700])
def test_every_shape_of_log(
    client: VeilgateClient, gateway: CannedGateway, tmp_path: Path, size: int
) -> None:
    gateway.events = [event(at) for at in range(size)]
    assert export_log(client, tmp_path).size == size
    assert verified_size(tmp_path) == size


def test_full_tiles_are_fetched_once(
    client: VeilgateClient, gateway: CannedGateway, tmp_path: Path
) -> None:
    export_log(client, tmp_path)
    gateway.events.append(event(300))
    gateway.asked.clear()
    again = export_log(client, tmp_path)
    assert (again.size, again.fetched) == (301, 2)
    assert {one.path for one in gateway.asked[1:]} == {"tile/entries/001.p/45", "tile/0/001.p/45"}
    assert verified_size(tmp_path) == 301


def test_an_interrupted_export_goes_on(
    client: VeilgateClient, gateway: CannedGateway, tmp_path: Path
) -> None:
    gateway.missing_tiles = {"tile/0/000"}
    with pytest.raises(VeilgateError, match="LOG_ENTRY_NOT_FOUND"):
        export_log(client, tmp_path)
    assert "checkpoint" not in files(tmp_path)
    gateway.missing_tiles = set()
    assert export_log(client, tmp_path).fetched == 3
    assert verified_size(tmp_path) == 300


def test_a_partial_tile_is_cut_from_the_full_one(
    client: VeilgateClient, gateway: CannedGateway, tmp_path: Path
) -> None:
    class Grown:
        """The log outgrew its partial tiles of level 0 between checkpoint and tiles."""

        def checkpoint(self) -> object:
            note = client.checkpoint()
            grown = honest_export([event(at) for at in range(600)]).files
            gateway.tiles = {**grown, "tile/1/000.p/1": gateway.tiles["tile/1/000.p/1"]}
            return note

        tile = client.tile

    assert export_log(Grown(), tmp_path).size == 300  # type: ignore[arg-type]
    assert verified_size(tmp_path) == 300


def test_a_tile_of_the_wrong_width_is_refused(
    client: VeilgateClient, gateway: CannedGateway, tmp_path: Path
) -> None:
    class Short:
        checkpoint = client.checkpoint

        def tile(self, path: str) -> bytes:
            return client.tile(path)[:-1]

    with pytest.raises(AnswerError):
        export_log(Short(), tmp_path)
    assert "checkpoint" not in files(tmp_path)


def test_a_folder_that_cannot_be_written(client: VeilgateClient, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(SdkError, match="cannot be written") as caught:
        export_log(client, tmp_path / "taken")
    assert caught.value.next_step
