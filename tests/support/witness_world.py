"""A gateway with three witness institutions, their keys, and a policy of 2 of 3.

Owns the files. The witnesses are the SDK's, over mutual TLS, each with a state folder of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from clients.cli.local.dev_members import ROLES
from clients.cli.local.home import AUDITOR, LENDER_A, Home, make_home
from clients.sdk.witnesses.key import write_witness_key
from clients.sdk.witnesses.policy import witness_policy
from clients.sdk.witnesses.state import WitnessState
from clients.sdk.witnesses.witness import Witness, Witnessed
from gateway.crypto.checkpoint import Checkpoint
from gateway.crypto.cosignature import Cosigner
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.note_key import VerifierKey
from gateway.crypto.signed_note import SignedNote
from gateway.crypto.witness_policy import WitnessPolicy
from support.faults_serving import wait_until
from support.live_gateway import LiveGateway, serve_home
from support.members import Member, fresh_applicant

NAMES = ("witness-1", "witness-2", "witness-3")
REQUIRED = 2


@dataclass(frozen=True)
class Trio:
    """Three witnesses: their keys, and folders for their states."""

    folder: Path
    cosigners: tuple[Cosigner, ...] = field(
        default_factory=lambda: tuple(
            Cosigner(f"witness.example/{name}", SigningKey.generate()) for name in NAMES
        )
    )

    @property
    def keys(self) -> list[str]:
        """Their verifier keys."""
        return [one.verifier_key.encode() for one in self.cosigners]

    @property
    def policy(self) -> WitnessPolicy:
        """2 of 3, as a partner counts them."""
        return witness_policy(self.keys, REQUIRED)

    def key_file(self, number: int) -> Path:
        """The file with a witness's private key."""
        path = self.folder / f"{NAMES[number]}.key"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_witness_key(path, self.cosigners[number])
        return path

    def state(self, number: int) -> Path:
        """The folder of a witness's state."""
        return self.folder / f"{NAMES[number]}.state"

    def look(self, gateway: LiveGateway, number: int, **options: Any) -> Witnessed:
        """One witness looks at a gateway once, as its institution."""
        key = VerifierKey.parse(gateway.home.log_verifier_key)
        with gateway.client(NAMES[number]) as client, WitnessState(self.state(number)) as state:
            return Witness(client, key, self.cosigners[number], state, **options).check_and_cosign()


def write_policy(home: Home, keys: Sequence[str], required: int = REQUIRED) -> None:
    """Write ``policies/witnesses.yaml`` for these keys, in the order of ``NAMES``."""
    lines = ["version: 1", f"required: {required}", "witnesses:"]
    for name, key in zip(NAMES, keys, strict=False):
        lines += [f"  - name: {key.split('+')[0]}", f'    key: "{key}"', f"    institution: {name}"]
    text = "\n".join([*lines, "...", ""])
    (home.folder / "policies" / "witnesses.yaml").write_text(text, "utf-8")


def make_witnessed_home(folder: Path, trio: Trio | None) -> Home:
    """A development home with three witness institutions, and the policy where there is a trio."""
    with patch.dict(ROLES, dict.fromkeys(NAMES, ("witness",))):
        home = make_home(folder, "localhost:0", development=True)
    if trio is not None:
        write_policy(home, trio.keys)
    return home


@contextmanager
def serving(home: Home) -> Iterator[LiveGateway]:
    """The gateway of a home, stopped at the end."""
    gateway = serve_home(home)
    try:
        yield gateway
    finally:
        gateway.stop()


def grow(gateway: LiveGateway, events: int = 1) -> None:
    """Let so many events come into the log."""
    with Member(gateway, LENDER_A) as lender:
        for _ in range(events):
            lender.grant(fresh_applicant())


def published(gateway: LiveGateway, more_than: int = -1) -> bytes:
    """The latest checkpoint's note, waited for until it is larger than ``more_than``."""
    notes: list[bytes] = []

    def is_there() -> bool:
        with gateway.client(AUDITOR) as auditor:
            notes.append(auditor.checkpoint().note)
        return size_of(notes[-1]) > more_than

    wait_until(is_there, f"a checkpoint of more than {more_than} entries")
    return notes[-1]


def grown(gateway: LiveGateway, events: int = 1) -> bytes:
    """A checkpoint of a log that grew since the one before."""
    before = size_of(published(gateway))
    grow(gateway, events)
    return published(gateway, before)


def size_of(note: bytes) -> int:
    """The size that a note says."""
    return Checkpoint.parse(SignedNote.parse(note).text).size
