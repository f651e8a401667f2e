"""Development homes for tests: made once a process, and copied for whoever needs one.

Making a home draws keys, certificates, people and loan books, a second or two of work, and none of
it is what most tests are about. Owns the first copy; refuses two homes that have to differ, as two
gateways of one network do: those are made by ``make_home``.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

from clients.cli.local.home import Home, make_home


@cache
def _first() -> Home:
    folder = Path(tempfile.mkdtemp(prefix="veilgate-first-home-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return make_home(folder / "home", "localhost:0", development=True)


def development_home(folder: Path) -> Home:
    """Return a development home in ``folder`` (absent or empty) that listens on any free port.

    Its keys and people are those of every other home that this process copied.
    """
    shutil.copytree(_first().folder, folder, dirs_exist_ok=True)
    return replace(_first(), folder=folder)
