"""The databases of providers' tests: one for each folder, on this process's PostgreSQL server."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from support.postgres_server import shared_server


@cache
def database(folder: Path) -> str:
    """The URL of the database that belongs to a folder, made when first asked for."""
    return shared_server().create()
