"""A sandbox's folder: a development home, with a data provider of its own process added to it.

Owns what is in the folder beside the home, and its renewal at every start. Refuses a folder that
holds anything but a sandbox: nothing of anybody's is written over.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from clients.cli.local.dev_authority import MAX_LIFETIME, DevAuthority, LeafRequest
from clients.cli.local.dev_members import make_member
from clients.cli.local.home import (
    AUDITOR,
    AUTHORITY,
    CONFIG,
    PARTNERS,
    Home,
    HomeError,
    make_home,
    place_of,
)
from clients.cli.local.sandbox_provider import INCOME, PAYROLL, write_people
from clients.cli.local.sandbox_samples import write_samples
from clients.cli.output import UsageError
from clients.sdk.identity.client_certificate import ClientCertificate

MARKER: Final = "sandbox.json"
"""Written last: a folder without it was not made to its end."""
PROVIDER_FOLDER: Final = "provider"
PROVIDER_PROFILE: Final = "provider/profile.toml"
PEOPLE: Final = "provider/people.csv"
USUAL_PORT: Final = 7443
_GATEWAY: Final = "sandbox-gateway"
_DATA: Final = Path(__file__).parent / "sandbox_data"
_PROVIDER_PROFILE: Final = f"""listen = "localhost:0"
certificate = "server.pem"
key = "server.key"
ca = "../{AUTHORITY}/authority.pem"
gateways = ["{_GATEWAY}"]
"""
_REMOTE: Final = f"""
[[providers]]
id = "{PAYROLL}"
dataset = "{INCOME}"
kind = "remote"
address = "localhost:1"
ca = "{AUTHORITY}/authority.pem"
certificate = "tls/to-providers.pem"
key = "tls/to-providers.key"
"""
_BUREAU_ONLY: Final = 'datasets = ["credit.applicant"]'
_BOTH: Final = f'datasets = ["credit.applicant", "{INCOME}"]'


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the marker says: the gateway's port, and the consent of the samples."""

    port: int
    consent_id: str


@dataclass(frozen=True, slots=True)
class SandboxFolder:
    """A sandbox's folder that is whole."""

    folder: Path
    port: int
    consent_id: str

    def profile(self, institution: str) -> Path:
        """Return the client profile of one of its institutions."""
        return self.folder / "clients" / institution / "profile.toml"

    def point_to_provider(self, port: int) -> None:
        """Have the gateway look for its data provider on this port."""
        config = self.folder / CONFIG
        text = config.read_text(encoding="utf-8")
        address = re.compile(r'^address = "localhost:\d+"$', re.MULTILINE)
        config.write_text(address.sub(f'address = "localhost:{port}"', text), encoding="utf-8")


def known_port(folder: Path) -> int:
    """Return the port of the sandbox in ``folder``; 7443 where there is none yet."""
    made = _read_marker(folder)
    return made.port if made else USUAL_PORT


def open_or_make(folder: Path, port: int) -> SandboxFolder:
    """Return the sandbox in ``folder``, on this port; made anew if that is absent or empty.

    Raises:
        UsageError: the folder holds something else, is only half made, or its certificates ended.
    """
    made = _read_marker(folder)
    if made is None:
        return _make(folder, port)
    _require_valid(folder)
    _issue(folder)
    if port != made.port:
        made = _move(folder, made, port)
    return SandboxFolder(folder, made.port, made.consent_id)


def _read_marker(folder: Path) -> Made | None:
    try:
        return msgspec.json.decode((folder / MARKER).read_bytes(), type=Made)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (msgspec.MsgspecError, OSError) as error:
        raise UsageError(f"{folder / MARKER} cannot be used", "Name a new folder.") from error


def _make(folder: Path, port: int) -> SandboxFolder:
    try:
        home = make_home(folder, f"localhost:{port}", development=True)
    except HomeError as error:
        raise UsageError(str(error), "Name a new folder, or that of a sandbox.") from error
    _add_provider(home, port)
    _issue(folder)
    made = Made(port, write_samples(folder))
    (folder / MARKER).write_bytes(msgspec.json.encode(made))
    return SandboxFolder(folder, port, made.consent_id)


def _add_provider(home: Home, port: int) -> None:
    folder = home.folder
    shutil.copy(_DATA / "income.employment.yaml", folder / "policies" / "datasets")
    shutil.copy(_DATA / "income.yaml", folder / "policies" / "rules")
    place = place_of(home, f"localhost:{port}", DevAuthority.load(folder / AUTHORITY))
    member = make_member(place, PAYROLL, ("data_provider",))
    partners = (folder / PARTNERS).read_text(encoding="utf-8").replace(_BUREAU_ONLY, _BOTH)
    (folder / PARTNERS).write_text(f"{partners}\n{member}", encoding="utf-8")
    config = home.config.read_text(encoding="utf-8")
    home.config.write_text(config + _REMOTE, encoding="utf-8")
    (folder / PROVIDER_FOLDER).mkdir(mode=0o700)
    (folder / PROVIDER_PROFILE).write_text(_PROVIDER_PROFILE, encoding="utf-8")
    write_people(folder / PEOPLE)


def _issue(folder: Path) -> None:
    """Issue the certificates of both servers, and the gateway's for its provider, anew."""
    authority = DevAuthority.load(folder / AUTHORITY)
    server = replace(LeafRequest.gateway(), lifetime=MAX_LIFETIME)
    authority.issue(server).write(folder / "tls", "gateway")
    authority.issue(server).write(folder / PROVIDER_FOLDER, "server")
    caller = LeafRequest.institution(_GATEWAY, "gateway", MAX_LIFETIME)
    authority.issue(caller).write(folder / "tls", "to-providers")


def _require_valid(folder: Path) -> None:
    ends = ClientCertificate((folder / "clients" / AUDITOR / f"{AUDITOR}.pem").read_bytes()).ends
    if ends <= datetime.now(UTC):
        raise UsageError(
            f"the certificates in {folder} ended at {ends:%Y-%m-%d %H:%M} UTC", "Name a new folder."
        )


def _move(folder: Path, made: Made, port: int) -> Made:
    for file in (folder / CONFIG, *folder.glob("clients/*/profile.toml")):
        text = file.read_text(encoding="utf-8")
        before, after = f'"localhost:{made.port}"', f'"localhost:{port}"'
        file.write_text(text.replace(before, after), encoding="utf-8")
    moved = msgspec.structs.replace(made, port=port)
    (folder / MARKER).write_bytes(msgspec.json.encode(moved))
    return moved
