"""A copy of the audit log in a folder, in C2SP tlog-tiles layout, for offline verification.

Owns which files there are and the order in which they are written: the checkpoint last, so that
the folder is whole whenever it has one. Refuses to judge them: `gateway.crypto.log_verifier` does.
<https://c2sp.org/tlog-tiles>
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Protocol

import grpc

from clients.sdk.errors import VeilgateError
from clients.sdk.failure import AnswerError, SdkError
from clients.sdk.models.common import SignedCheckpoint
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.errors import CryptoError
from gateway.crypto.merkle import HASH_SIZE
from gateway.crypto.signed_note import SignedNote
from gateway.crypto.tiles import (
    MAX_LEVEL,
    TILE_HEIGHT,
    TILE_WIDTH,
    TileError,
    encode_bundle,
    entries_path,
    iter_bundle,
    tile_count,
    tile_path,
    tile_width,
)

CHECKPOINT = "checkpoint"
Progress = Callable[[int, int], None]
"""Called with (files done, files in all)."""


def ignore_progress(done: int, total: int) -> None:
    """Report progress to nobody."""


class LogSource(Protocol):
    """What an export is made from; ``VeilgateClient`` is one."""

    def checkpoint(self) -> SignedCheckpoint: ...  # noqa: D102

    def tile(self, path: str) -> bytes: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class ExportedLog:
    """An export: its folder, the checkpoint's size, and how many files were new."""

    folder: Path
    size: int
    fetched: int


@dataclass(frozen=True, slots=True)
class _File:
    """A hash tile (level 0 up) or an entry bundle (level None) of a certain width."""

    level: int | None
    index: int
    width: int

    @property
    def path(self) -> str:
        if self.level is None:
            return entries_path(self.index, self.width)
        return tile_path(self.level, self.index, self.width)

    def cut(self, content: bytes) -> bytes:
        """The file out of a wider one, or as it is."""
        if self.level is None:
            return encode_bundle(islice(iter_bundle(content), self.width))
        return content[: self.width * HASH_SIZE]

    def require_whole(self, content: bytes) -> None:
        """Raise AnswerError unless the content has the width that the path says."""
        try:
            bundle = self.level is None
            width = len(list(iter_bundle(content))) if bundle else len(content) / HASH_SIZE
        except TileError as error:
            raise AnswerError(f"is not a well-formed {self.path}") from error
        if width != self.width:
            raise AnswerError(f"does not have the width of {self.path}")


def export_log(
    client: LogSource, folder: Path, progress: Progress = ignore_progress
) -> ExportedLog:
    """Bring the folder up to the log's present checkpoint; files that are there already are kept.

    Raises:
        VeilgateError: a file cannot be fetched; start again to go on where this stopped.
        AnswerError: the gateway's checkpoint or a file is malformed.
        SdkError: the folder cannot be written.
    """
    note = client.checkpoint().note
    size = _size(note)
    files = list(_files(size))
    fetched = 0
    for done, file in enumerate(files, 1):
        target = folder / file.path
        if not target.is_file():
            _write(target, _fetch(client, file))
            fetched += 1
        progress(done, len(files))
    _write(folder / CHECKPOINT, note)
    return ExportedLog(folder, size, fetched)


def _size(note: bytes) -> int:
    try:
        return Checkpoint.parse(SignedNote.parse(note).text).size
    except CryptoError as error:
        raise AnswerError("is not a checkpoint") from error


def _files(size: int) -> Iterator[_File]:
    for index in range(tile_count(0, size)):
        yield _File(None, index, tile_width(0, index, size))
    for level in range(MAX_LEVEL + 1):
        if not size >> (TILE_HEIGHT * level):
            return
        for index in range(tile_count(level, size)):
            yield _File(level, index, tile_width(level, index, size))


def _fetch(client: LogSource, file: _File) -> bytes:
    try:
        content = client.tile(file.path)
    except VeilgateError as error:
        if error.code is not grpc.StatusCode.NOT_FOUND or file.width == TILE_WIDTH:
            raise
        # A log may drop a partial tile once the full one is there (tlog-tiles, "Partial Tiles").
        whole = _File(file.level, file.index, TILE_WIDTH)
        content = _cut(file, client.tile(whole.path))
    file.require_whole(content)
    return content


def _cut(file: _File, content: bytes) -> bytes:
    try:
        return file.cut(content)
    except TileError as error:
        raise AnswerError(f"is not a well-formed {file.path}") from error


def _write(target: Path, content: bytes) -> None:
    """Write a file whole or not at all: an interrupted export leaves no half of one."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        part.replace(target)
    except OSError as error:
        raise SdkError(
            f"{target} cannot be written: {error.strerror}",
            "Choose a folder that you may write to, with room in it, and start again.",
        ) from error
