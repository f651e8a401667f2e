"""The offline verifier: what it reports, and where it cannot name an entry."""

from collections.abc import Callable

import pytest

from gateway.crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.crypto.errors import CryptoError, KeyMaterialError
from gateway.crypto.log_verifier import LogMismatch, VerifiedLog, verify_log
from gateway.crypto.merkle import EMPTY_ROOT
from support.crypto_log import (
    ORIGIN,
    SIGNER,
    VKEY,
    ExportedLog,
    export_log,
    reference_root,
)

ENTRIES = [b"event %d" % number for number in range(300)]
LOG = export_log(ENTRIES)


def reader(log: ExportedLog) -> Callable[[str], bytes]:
    return log.files.__getitem__


def test_it_says_what_it_verified() -> None:
    root = reference_root(ENTRIES)
    assert verify_log(LOG.checkpoint, VKEY, reader(LOG)) == VerifiedLog(ORIGIN, 300, root, None)
    older = export_log(ENTRIES[:7]).checkpoint
    assert verify_log(LOG.checkpoint, VKEY, reader(LOG), older).consistent_from == 7


def test_it_reports_progress_by_bundle() -> None:
    seen: list[tuple[int, int]] = []
    verify_log(
        LOG.checkpoint, VKEY, reader(LOG), progress=lambda done, size: seen.append((done, size))
    )
    assert seen == [(256, 300), (300, 300)]


def test_an_empty_log_verifies_without_a_file() -> None:
    empty = export_log([])
    assert empty.files == {}
    verified = verify_log(empty.checkpoint, VKEY, reader(empty), empty.checkpoint)
    assert verified == VerifiedLog(ORIGIN, 0, EMPTY_ROOT, 0)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 512])
def test_sizes_about_the_tile_width(size: int) -> None:
    log = export_log([b"%d" % number for number in range(size)])
    assert verify_log(log.checkpoint, VKEY, reader(log)).size == size


def test_a_log_of_three_levels_and_a_tile_altered_at_the_second() -> None:
    log = export_log([b"%d" % number for number in range(65_536 + 300)])
    assert verify_log(log.checkpoint, VKEY, reader(log)).size == 65_836
    tile = bytearray(log.files["tile/1/000"])
    tile[255 * 32] ^= 1
    log.files["tile/1/000"] = bytes(tile)
    with pytest.raises(LogMismatch) as caught:
        verify_log(log.checkpoint, VKEY, reader(log))
    assert (caught.value.first_bad_entry, caught.value.path) == (None, "tile/1/000")
    assert caught.value.entries == range(65_280, 65_536)
    tile[255 * 32] ^= 1
    log.files["tile/1/000"] = bytes(tile)
    log.files["tile/2/000.p/1"] = bytes(32)
    with pytest.raises(LogMismatch) as caught:
        verify_log(log.checkpoint, VKEY, reader(log))
    assert (caught.value.path, caught.value.entries) == ("tile/2/000.p/1", range(65_536))


def test_the_first_of_two_disagreements_is_reported() -> None:
    """A tile damaged over early entries comes before an entry damaged later, and the reverse."""
    bundle = LOG.files["tile/entries/001.p/44"]
    late_entry = {"tile/entries/001.p/44": bundle[:-1] + b"x"}
    upper_tile = {"tile/1/000.p/1": bytes(32)}
    both = ExportedLog(LOG.files | late_entry | upper_tile, LOG.checkpoint)
    with pytest.raises(LogMismatch) as caught:
        verify_log(LOG.checkpoint, VKEY, reader(both))
    assert (caught.value.path, caught.value.entries) == ("tile/1/000.p/1", range(256))
    early = {"tile/entries/000": b"\0\0" + LOG.files["tile/entries/000"]}
    both = ExportedLog(LOG.files | early | upper_tile, LOG.checkpoint)
    with pytest.raises(LogMismatch) as caught:
        verify_log(LOG.checkpoint, VKEY, reader(both))
    assert caught.value.first_bad_entry == 0


def test_an_earlier_checkpoint_is_checked_where_it_ends_within_a_bundle() -> None:
    fork = export_log([b"fork", *ENTRIES[1:]])
    bundle = fork.files["tile/entries/000"].replace(b"event 200", b"event 2OO")
    damaged = ExportedLog(fork.files | {"tile/entries/000": bundle}, fork.checkpoint)
    for size, expected in ((100, None), (201, 200)):
        older = export_log(ENTRIES[:size]).checkpoint
        with pytest.raises(LogMismatch) as caught:
            verify_log(damaged.checkpoint, VKEY, reader(damaged), older)
        assert caught.value.first_bad_entry == expected


def test_a_checkpoint_of_another_log_by_the_same_key_is_refused() -> None:
    other = sign_checkpoint(Checkpoint("log.example/other", 0, EMPTY_ROOT), SIGNER).encode()
    with pytest.raises(LogMismatch) as caught:
        verify_log(other, VKEY, reader(LOG))
    assert caught.value.path == "checkpoint"
    with pytest.raises(LogMismatch) as caught:
        verify_log(LOG.checkpoint, VKEY, reader(LOG), other)
    assert caught.value.path == "previous checkpoint"


def test_a_key_that_is_none_is_the_caller_s_mistake() -> None:
    with pytest.raises(KeyMaterialError):
        verify_log(LOG.checkpoint, "not a key", reader(LOG))


def test_a_failing_disk_is_not_called_a_mismatch() -> None:
    def read(path: str) -> bytes:
        raise PermissionError(path)

    with pytest.raises(PermissionError):
        verify_log(LOG.checkpoint, VKEY, read)


def test_a_finding_holds_no_entry_and_is_a_crypto_error() -> None:
    bundle = LOG.files["tile/entries/000"].replace(b"event 42", b"SECRET42")
    damaged = ExportedLog(LOG.files | {"tile/entries/000": bundle}, LOG.checkpoint)
    with pytest.raises(CryptoError) as caught:
        verify_log(damaged.checkpoint, VKEY, reader(damaged))
    assert "SECRET" not in str(caught.value)
    assert str(caught.value).startswith("entry 42 (tile/entries/000): ")
