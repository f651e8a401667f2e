"""The keyholder that the ``aggregate`` commands work with, and what they print everywhere.

Owns opening it from a profile. Refuses nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clients.cli.profile import load_profile
from clients.keyholder.calls import KeyholderClient
from clients.keyholder.identity import identity_of
from clients.keyholder.keyholder import Keyholder


@contextmanager
def open_keyholder(profile: Path | None) -> Iterator[Keyholder]:
    """Give the profile's keyholder, connected."""
    own = load_profile(profile)
    identity = identity_of(own)
    with KeyholderClient(own) as client:
        yield Keyholder(identity, client)
