"""Mutants of an exported log: each class of tampering is caught, and named as exactly as it can be.

Entries are distinct, so that a shifted or swapped entry always differs from the one it replaces.
"""

import base64
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gateway.crypto.log_verifier import LogMismatch, verify_log
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.tiles import encode_bundle, entries_path, tile_path, tile_width
from support.crypto_log import ATTACKER, SIGNER, VKEY, ExportedLog, export_log

SIZE = 600
ENTRIES = [b"event %d" % number for number in range(SIZE)]
HONEST = export_log(ENTRIES)
INDEX = st.integers(0, SIZE - 1)
EARLIER = {size: export_log(ENTRIES[:size]) for size in (0, 1, 100, 256, 257, 512, 599, 600)}
EARLIER_SIZE = st.sampled_from(sorted(EARLIER))

mutants = settings(max_examples=200, deadline=None)


def verify(log: ExportedLog, previous: bytes | None = None) -> None:
    verify_log(log.checkpoint, VKEY, log.files.__getitem__, previous)


def mismatch(log: ExportedLog, previous: bytes | None = None) -> LogMismatch:
    with pytest.raises(LogMismatch) as caught:
        verify(log, previous)
    return caught.value


def with_files(changed: dict[str, bytes], log: ExportedLog = HONEST) -> ExportedLog:
    return ExportedLog(log.files | changed, log.checkpoint)


def with_bundles(entries: list[bytes]) -> ExportedLog:
    """The honest log with its entry bundles laid out anew from `entries`, tiles untouched."""
    count = (SIZE + 255) // 256
    bundles = [entries[n * 256 : (n + 1) * 256] for n in range(count - 1)]
    bundles.append(entries[(count - 1) * 256 :])
    return with_files({bundle_path(n * 256): encode_bundle(b) for n, b in enumerate(bundles)})


def bundle_path(index: int) -> str:
    return entries_path(index // 256, tile_width(0, index // 256, SIZE))


def leaf_tile(index: int) -> str:
    return tile_path(0, index // 256, tile_width(0, index // 256, SIZE))


def flip(data: bytes, at: int, bit: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]


@given(EARLIER_SIZE)
@settings(deadline=None)
def test_an_honest_log_that_grew_verifies(size: int) -> None:
    verify(HONEST, EARLIER[size].checkpoint)


@given(INDEX, st.binary(max_size=20))
@mutants
def test_an_edited_entry_is_named(index: int, edit: bytes) -> None:
    assume(edit != ENTRIES[index])
    found = mismatch(with_bundles([*ENTRIES[:index], edit, *ENTRIES[index + 1 :]]))
    assert (found.first_bad_entry, found.path) == (index, bundle_path(index))


@given(INDEX)
@mutants
def test_a_deleted_entry_is_named(index: int) -> None:
    found = mismatch(with_bundles(ENTRIES[:index] + ENTRIES[index + 1 :]))
    assert found.first_bad_entry == index


@given(st.integers(0, SIZE), st.binary(max_size=6))
@mutants
def test_an_inserted_entry_is_named(index: int, entry: bytes) -> None:
    found = mismatch(with_bundles([*ENTRIES[:index], entry, *ENTRIES[index:]]))
    assert found.first_bad_entry == index


@given(st.lists(INDEX, min_size=2, max_size=2, unique=True))
@mutants
def test_a_reordering_is_named_where_it_starts(pair: list[int]) -> None:
    first, second = sorted(pair)
    entries = list(ENTRIES)
    entries[first], entries[second] = entries[second], entries[first]
    assert mismatch(with_bundles(entries)).first_bad_entry == first


@given(INDEX, st.integers(1, 6))
@mutants
def test_a_bundle_cut_short_names_the_first_entry_lost(index: int, bytes_kept: int) -> None:
    first = index // 256 * 256
    kept = encode_bundle(ENTRIES[first:index]) + encode_bundle([ENTRIES[index]])[:bytes_kept]
    assert mismatch(with_files({bundle_path(index): kept})).first_bad_entry == index


@given(st.sampled_from(sorted(HONEST.files)))
@mutants
def test_a_missing_file_is_named(path: str) -> None:
    files = {name: data for name, data in HONEST.files.items() if name != path}
    found = mismatch(ExportedLog(files, HONEST.checkpoint))
    assert found.path == path
    assert found.entries is not None
    assert (found.first_bad_entry is not None) == path.startswith("tile/entries/")


@given(st.sampled_from(sorted(HONEST.files)), st.data())
@mutants
def test_any_flipped_bit_in_any_file_is_found(path: str, data: st.DataObject) -> None:
    content = HONEST.files[path]
    at = data.draw(st.integers(0, len(content) - 1))
    found = mismatch(with_files({path: flip(content, at, data.draw(st.integers(0, 7)))}))
    if path.startswith("tile/0/"):
        base = int(path.split("/")[2].partition(".")[0]) * 256
        assert found.first_bad_entry == base + at // 32
    elif path.startswith("tile/1/"):
        assert (found.first_bad_entry, found.path) == (None, path)
        assert found.entries == range(at // 32 * 256, (at // 32 + 1) * 256)
    else:
        assert found.path == path


@given(st.sampled_from(sorted(HONEST.files)), st.data())
@mutants
def test_any_file_cut_short_or_extended_is_found(path: str, data: st.DataObject) -> None:
    content = HONEST.files[path]
    cut = content[: data.draw(st.integers(0, len(content) - 1))]
    assert mismatch(with_files({path: data.draw(st.sampled_from([cut, content + b"\0"]))}))


@given(INDEX)
@mutants
def test_an_entry_edited_with_its_leaf_hash_is_confined_to_its_tile(index: int) -> None:
    edit = b"edited"
    bundle = list(ENTRIES[index // 256 * 256 : index // 256 * 256 + 256])
    bundle[index % 256] = edit
    tile = HONEST.files[leaf_tile(index)]
    at = index % 256 * 32
    tile = tile[:at] + leaf_hash(edit) + tile[at + 32 :]
    changed = {bundle_path(index): encode_bundle(bundle), leaf_tile(index): tile}
    found = mismatch(with_files(changed))
    assert found.first_bad_entry is None
    assert found.entries is not None
    assert index in found.entries
    if index < 512:
        assert (found.path, found.entries.start) == ("tile/1/000.p/2", index // 256 * 256)
    else:
        assert found.path == "checkpoint"


def rewritten(index: int) -> list[bytes]:
    return [*ENTRIES[:index], b"rewritten", *ENTRIES[index + 1 :]]


@given(INDEX, EARLIER_SIZE)
@settings(max_examples=100, deadline=None)
def test_a_log_rewritten_throughout_does_not_have_the_signed_root(index: int, size: int) -> None:
    forged = ExportedLog(export_log(rewritten(index)).files, HONEST.checkpoint)
    found = mismatch(forged, EARLIER[size].checkpoint)
    assert found.first_bad_entry is None
    if index < size:
        assert (found.path, found.entries) == ("previous checkpoint", range(size))
    else:
        assert (found.path, found.entries) == ("checkpoint", range(size, SIZE))


@given(INDEX, EARLIER_SIZE)
@settings(max_examples=100, deadline=None)
def test_history_rewritten_and_signed_again_by_the_log_breaks_the_earlier_checkpoint(
    index: int, size: int
) -> None:
    fork = export_log(rewritten(index), SIGNER)
    if index < size:
        found = mismatch(fork, EARLIER[size].checkpoint)
        assert (found.first_bad_entry, found.path) == (None, "previous checkpoint")
        assert found.entries == range(size)
    else:
        verify(fork, EARLIER[size].checkpoint)


def test_a_rewrite_by_the_log_itself_shows_only_against_an_earlier_checkpoint() -> None:
    fork = export_log(rewritten(3), SIGNER)
    verify(fork)
    assert mismatch(fork, EARLIER[100].checkpoint).path == "previous checkpoint"


@given(st.integers(0, SIZE - 1), st.integers(0, 40))
@settings(max_examples=100, deadline=None)
def test_a_fork_is_found_whatever_follows_it(at: int, more: int) -> None:
    fork = export_log([*ENTRIES[:at], b"fork", *ENTRIES[at : at + more]])
    found = mismatch(fork, HONEST.checkpoint)
    assert found.path == ("checkpoint" if at + 1 + more < SIZE else "previous checkpoint")


@given(INDEX)
@mutants
def test_a_log_truncated_or_rolled_back_names_the_first_entry_lost(size: int) -> None:
    found = mismatch(export_log(ENTRIES[:size]), HONEST.checkpoint)
    assert (found.first_bad_entry, found.path) == (size, "checkpoint")
    assert found.entries == range(size, SIZE)


@given(INDEX)
@settings(max_examples=50, deadline=None)
def test_truncated_files_do_not_satisfy_the_genuine_checkpoint(size: int) -> None:
    mismatch(ExportedLog(export_log(ENTRIES[:size]).files, HONEST.checkpoint))


@given(INDEX)
@settings(max_examples=50, deadline=None)
def test_a_log_signed_by_another_key_of_the_same_name_is_refused(index: int) -> None:
    assert mismatch(export_log(rewritten(index), ATTACKER)).path == "checkpoint"


def swap_key_id(checkpoint: bytes) -> bytes:
    """Present the attacker's signature under the genuine key's id."""
    head, _, encoded = checkpoint.decode().rstrip("\n").rpartition(" ")
    raw = SIGNER.verifier_key.key_id + base64.b64decode(encoded)[4:]
    return f"{head} {base64.b64encode(raw).decode()}\n".encode()


def test_a_borrowed_key_id_does_not_help() -> None:
    forged = export_log(ENTRIES, ATTACKER)
    borrowed = swap_key_id(forged.checkpoint)
    assert mismatch(ExportedLog(forged.files, borrowed)).path == "checkpoint"
    assert mismatch(HONEST, borrowed).path == "previous checkpoint"


@given(st.integers(0, len(HONEST.checkpoint) - 1), st.integers(0, 7))
@mutants
def test_any_flipped_bit_in_the_checkpoint_is_found(at: int, bit: int) -> None:
    flipped = ExportedLog(HONEST.files, flip(HONEST.checkpoint, at, bit))
    assert mismatch(flipped).path == "checkpoint"


@given(EARLIER_SIZE.filter(lambda size: size < SIZE))
@settings(deadline=None)
def test_an_older_genuine_checkpoint_is_a_rollback_to_who_kept_a_newer_one(size: int) -> None:
    older = ExportedLog(HONEST.files, EARLIER[size].checkpoint)
    assert mismatch(older, HONEST.checkpoint).first_bad_entry == size


@given(st.lists(st.tuples(INDEX, st.sampled_from(["edit", "leaf"])), min_size=2, max_size=5))
@mutants
def test_of_several_changes_the_first_is_named(changes: list[tuple[int, str]]) -> None:
    entries = list(ENTRIES)
    tiles: dict[str, bytes] = {}
    apply: dict[str, Callable[[int], None]] = {
        "edit": lambda i: entries.__setitem__(i, b"edited %d" % i),
        "leaf": lambda i: tiles.__setitem__(
            leaf_tile(i), flip(tiles.get(leaf_tile(i), HONEST.files[leaf_tile(i)]), i % 256 * 32)
        ),
    }
    for index, kind in {change[0]: change for change in changes}.values():
        apply[kind](index)
    log = with_files(tiles, with_bundles(entries))
    assert mismatch(log).first_bad_entry == min(index for index, _ in changes)
