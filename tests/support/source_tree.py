"""The project's own files, for tests that read them.

Owns which files count: everything but hidden folders, caches and what was built. It asks no version
control, so that it works in an unpacked archive too.
"""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = frozenset({"__pycache__", "build", "dist", "node_modules"})
_HIDDEN_BUT_OURS = frozenset({".ci"})


def python_files(*folders: str) -> list[Path]:
    """Return the Python files under the folders, generated ones left out; at least one each."""
    found = []
    for folder in folders:
        some = [path for path in files(ROOT / folder) if is_written_python(path)]
        if not some:
            raise LookupError(f"no Python file under {folder}")
        found += some
    return found


def is_written_python(path: Path) -> bool:
    """Return whether a person wrote this Python file."""
    return path.suffix == ".py" and not path.stem.endswith(("_pb2", "_pb2_grpc"))


def files(top: Path = ROOT) -> Iterator[Path]:
    """Yield every file of the project under ``top``, in order."""
    for folder, subfolders, names in os.walk(top):
        subfolders[:] = sorted(name for name in subfolders if _is_ours(name))
        yield from (Path(folder, name) for name in sorted(names))


def _is_ours(folder: str) -> bool:
    if folder in _NOT_OURS or folder.endswith(".egg-info"):
        return False
    return not folder.startswith(".") or folder in _HIDDEN_BUT_OURS
