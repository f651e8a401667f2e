"""The files of a policy folder: which there may be, and their bytes.

Owns the folder's layout, its limits and its digest. Refuses unknown files, links that lead out of
the folder, and anything that is not a regular file; never reads beyond a limit. What the bytes say
is not its business.
"""

import os
import re
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from gateway.adapters.policy_files.strict_yaml import MAX_BYTES, Place

MAX_FILES = 500
MAX_TOTAL_BYTES = 4 * 1024 * 1024
FOLDERS = ("datasets", "masking", "rules")
AGGREGATES = "aggregates"
"""Optional: without it nobody asks for an aggregate."""
PURPOSES = "purposes.yaml"
WITNESSES = "witnesses.yaml"
REIDENTIFICATION = "reidentification.yaml"
SINGLE = frozenset((PURPOSES, WITNESSES, REIDENTIFICATION))
"""Optional: without it no checkpoint is witnessed."""
_SCHEMAS = "schema"
_DOCUMENTS = frozenset((*FOLDERS, AGGREGATES))
_KNOWN = (*FOLDERS, AGGREGATES, _SCHEMAS)
# The steward's guide, Git's line-end rule, and the policies' own tests decide nothing.
_IGNORED = frozenset({"README.md", ".gitattributes", "tests"})
_DOCUMENT = re.compile(r"[a-z0-9][a-z0-9._-]{0,95}\.yaml")
_SCHEMA = re.compile(r"[a-z]{1,40}\.schema\.json")
# A named pipe must not block the open, nor a link swapped in after the check be followed.
_FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)


class PolicyFileError(Exception):
    """One policy file is refused; ``str()`` is ``path:line:column: what. Next step: hint.``.

    ``path`` is relative to the policy folder, with forward slashes; ``.`` is the folder itself.
    ``line`` and ``column`` count from 1 and are None where the fault is the file as a whole.
    """

    def __init__(self, path: str, what: str, next_step: str, place: Place | None = None) -> None:
        """Take the file, the fault, the next step and, if there is one, the place."""
        self.path, self.what, self.next_step = path, what, next_step
        self.line: int | None = place[0] if place else None
        self.column: int | None = place[1] if place else None
        where = path if place is None else f"{path}:{place[0]}:{place[1]}"
        super().__init__(f"{where}: {what}. Next step: {next_step}.")


class PolicyFile(msgspec.Struct, frozen=True):
    """One document's relative path and bytes."""

    path: str
    data: bytes


def read_folder(folder: Path) -> tuple[PolicyFile, ...]:
    """Return the policy documents in ``folder``, sorted by path.

    Raises:
        PolicyFileError: the first file, in sorted order, that is refused; also if ``purposes.yaml``
            is missing or one of the document folders has no document.
    """
    try:
        root = folder.resolve(strict=True)
        paths = sorted(_documents(root))
        _require_complete(paths)
        return tuple(_read_all(root, paths))
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise PolicyFileError(".", reason, "check that the folder exists and can be read") from None


def digest(files: tuple[PolicyFile, ...]) -> str:
    """Return SHA-256 in hex over each path and content, each after its length in 8 bytes."""
    state = sha256()
    for file in files:
        for part in (file.path.encode(), file.data):
            state.update(len(part).to_bytes(8, "big") + part)
    return state.hexdigest()


def _documents(root: Path) -> Iterator[str]:
    """Yield the relative path of each document, having refused every file of unknown kind."""
    seen = 0
    for folder in ("", *_KNOWN):
        for name in _names(root, folder):
            seen += 1
            path = f"{folder}/{name}" if folder else name
            if seen > MAX_FILES:
                raise PolicyFileError(path, f"more than {MAX_FILES} files", "remove some")
            if path in SINGLE or (folder in _DOCUMENTS and _DOCUMENT.fullmatch(name)):
                yield path
            elif not _is_other(root, folder, name):
                raise PolicyFileError(ascii(path)[1:-1][:200], "an unknown file", _LAYOUT)


_LAYOUT = (
    "keep to purposes.yaml, witnesses.yaml, reidentification.yaml, datasets/, masking/, rules/ and"
    " aggregates/ with *.yaml, schema/, tests/"
)


def _names(root: Path, folder: str) -> list[str]:
    """Return the names in one folder, at most one more than are allowed, sorted."""
    path = root / folder
    if not path.is_dir():
        return []
    _inside(root, folder)
    with os.scandir(path) as entries:
        return sorted(entry.name for entry, _ in zip(entries, range(MAX_FILES + 1), strict=False))


def _is_other(root: Path, folder: str, name: str) -> bool:
    """Return whether the entry may be there without being a document."""
    if folder == _SCHEMAS:
        return _SCHEMA.fullmatch(name) is not None
    # Kubernetes mounts a volume's files as links into a folder "..data" beside them.
    if name.startswith(".."):
        return True
    known_folder = name in _KNOWN and (root / name).is_dir()
    return folder == "" and (name in _IGNORED or known_folder)


def _require_complete(paths: list[str]) -> None:
    """Refuse a set that lacks a kind of document: it could permit nothing, or forbid nothing."""
    if PURPOSES not in paths:
        raise PolicyFileError(PURPOSES, "missing", "write the purpose tree")
    for folder in FOLDERS:
        if not any(path.startswith(f"{folder}/") for path in paths):
            raise PolicyFileError(folder, "no document", "add a *.yaml file")


def _read_all(root: Path, paths: list[str]) -> Iterator[PolicyFile]:
    left = MAX_TOTAL_BYTES
    for path in paths:
        data = _read(root, path)
        left -= len(data)
        if left < 0:
            raise PolicyFileError(path, f"over {MAX_TOTAL_BYTES} bytes in all", "remove some")
        yield PolicyFile(path, data)


def _inside(root: Path, path: str) -> Path:
    """Return the path without links, or refuse one that leads out of the folder."""
    try:
        real = (root / path).resolve(strict=True)
    except (OSError, RuntimeError):
        raise PolicyFileError(path, "a link that leads nowhere", "put the file itself") from None
    if not real.is_relative_to(root):
        raise PolicyFileError(path, "a link that leaves the folder", "put the file itself")
    return real


def _read(root: Path, path: str) -> bytes:
    real = _inside(root, path)
    try:
        descriptor = os.open(real, _FLAGS)
    except OSError:
        raise PolicyFileError(path, "unreadable", "check its permissions") from None
    try:
        return _bounded(descriptor, path)
    finally:
        os.close(descriptor)


def _bounded(descriptor: int, path: str) -> bytes:
    """Return the open file's bytes. The size is looked at first, and the read bounded anyhow."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise PolicyFileError(path, "not a regular file", "put the file itself")
    if status.st_size <= MAX_BYTES:
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) <= MAX_BYTES:
            return data
    raise PolicyFileError(path, f"larger than {MAX_BYTES} bytes", "split the file")
