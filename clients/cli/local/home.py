"""A gateway's home: the folder with its configuration, keys, policies and data.

Owns the layout. Refuses to write into a folder that holds anything: keys are never overwritten.
With ``development`` it also makes certificates, institutions and a provider with invented people,
for the demo and for trying things out; none of that belongs into production.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.cli.local.dev_members import (
    AUDITOR,
    CONTRIBUTORS,
    LENDER_A,
    LENDER_B,
    LENDER_C,
    OPERATOR,
    PROVIDER,
    ROLES,
    WITNESS,
    Place,
    fingerprint,
    make_member,
    write_signing_key,
)
from gateway.adapters.keys.keyring import Keyring, create_keyring, load_keyring
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.note_key import NoteSigner

CONFIG: Final = "gateway.toml"
PARTNERS: Final = "partners.toml"
AGENTS: Final = "agents"
"""Of a development home: a folder for each institution that answers aggregates."""
AUTHORITY: Final = "authority"
"""Of a development home: the folder of the authority that signed its certificates."""
ORIGIN: Final = "veilgate.example/log"
_ADDRESS: Final = re.compile(r"([^\s/:\"\\]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", re.ASCII)
__all__ = [
    "AUDITOR",
    "LENDER_A",
    "LENDER_B",
    "LENDER_C",
    "OPERATOR",
    "PROVIDER",
    "WITNESS",
    "Home",
    "HomeError",
    "fingerprint",
    "make_home",
    "place_of",
    "write_signing_key",
]


class HomeError(Exception):
    """The folder cannot become a home; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home that was made: its folder and the keys that others verify what it gives with."""

    folder: Path
    log_verifier_key: str
    receipt_key: str
    """Ed25519, 64 hex digits."""
    reference_key: str = ""
    """The public key of references, ristretto255, 64 hex digits."""
    round_key: str = ""
    """What rosters and results of aggregates are signed with, Ed25519, 64 hex digits."""

    @property
    def config(self) -> Path:
        """Return the configuration file."""
        return self.folder / CONFIG

    def profile(self, institution: str) -> Path:
        """Return the client profile of a development institution."""
        return self.folder / "clients" / institution / "profile.toml"

    def agent(self, institution: str) -> Path:
        """Return the profile of a development institution's agent."""
        return self.folder / AGENTS / institution / "agent.toml"


def make_home(folder: Path, listen: str, development: bool) -> Home:
    """Fill ``folder``, which must be absent or empty; raises ``HomeError``.

    ``listen`` is ``host:port``.
    """
    if _ADDRESS.fullmatch(listen) is None:
        raise HomeError("--listen is not an address: write host and port, such as localhost:7443")
    try:
        if folder.exists() and any(folder.iterdir()):
            raise HomeError(f"{folder} is not empty: name a new folder")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _fill(folder, listen, development)
    except OSError as error:
        place = error.filename or folder
        raise HomeError(f"{place} cannot be written: {error.strerror}") from error


def _fill(folder: Path, listen: str, development: bool) -> Home:
    create_keyring(folder / "keys")
    shutil.copytree(packaged_policies(), folder / "policies")
    keys = load_keyring(folder / "keys")
    receipt_key = keys.receipt_key.public_key.raw.hex()
    home = Home(
        folder,
        _verifier_key(keys),
        receipt_key,
        keys.oblivious.public_key.hex(),
        keys.round_key.public_key.raw.hex(),
    )
    (folder / CONFIG).write_text(_config(listen), encoding="utf-8")
    if development:
        _make_development(home, listen, keys)
    else:
        (folder / PARTNERS).write_text(_PARTNER_EXAMPLE, encoding="utf-8")
    return home


def packaged_policies() -> Path:
    """Return the policies that come with this release."""
    import clients

    return Path(clients.__file__).resolve().parent.parent / "policies"


def _verifier_key(keys: Keyring) -> str:
    seed = keys.log_key.private_bytes_raw()
    return NoteSigner(ORIGIN, SigningKey.from_seed(seed)).verifier_key.encode()


def _config(listen: str) -> str:
    return f'''# The gateway's configuration; `veilgate config reference` lists every setting.
# Paths are relative to this file.
listen = "{listen}"
log_origin = "{ORIGIN}"

[tls]
key = "tls/gateway.key"
certificate = "tls/gateway.pem"
client_authorities = "tls/client-authorities.pem"

[[providers]]
id = "{PROVIDER}"
dataset = "credit.applicant"
database = "data/applicants.db"
table = "applicant"
'''


_PARTNER_EXAMPLE: Final = """# The institutions that a gateway begins with, its operator among them.
# Who is in the Directory already stays as it is there; others enrol with `veilgate partner`.
#
# [[partner]]
# id = "lender-a"
# legal_group = "lender-a-group"
# roles = ["lender"]  # bureau, data_provider, auditor, regulator, operator, witness, gateway
# jurisdiction = "CN"           # CN, US, GB, AU, SG
# certificates = ["<SHA-256 of the client certificate, 64 hex digits>"]
# signing_keys = { "lender-a-1" = "<Ed25519 public key, 64 hex digits>" }
#
# [[partner.agreements]]
# id = "<a UUID>"
# datasets = ["credit.applicant"]
# purposes = ["credit"]         # with everything below it
# valid_from = 2026-01-01T00:00:00Z
# valid_until = 2027-01-01T00:00:00Z
# evidence_sha256 = "<SHA-256 of the signed contract, 64 hex digits>"
partner = []
"""


def place_of(home: Home, listen: str, authority: DevAuthority) -> Place:
    """Return where institutions of a development home go."""
    return Place(
        folder=home.folder / "clients",
        gateway=listen,
        log_verifier_key=home.log_verifier_key,
        receipt_key=home.receipt_key,
        reference_key=home.reference_key,
        round_key=home.round_key,
        authority=authority,
        agents=home.folder / AGENTS,
    )


_SAMPLE_FORM: Final = "A stand-in for the signed form or the recording that a lender keeps.\n"


def _make_development(home: Home, listen: str, keys: Keyring) -> None:
    # Imported here: the generator of invented people is not part of every installation.
    from clients.cli.local.demo_data.dataset import build_provider_database, synthetic_subject
    from clients.cli.local.dev_agents import make_agent

    authority = DevAuthority.create()
    tls = home.folder / "tls"
    tls.mkdir(mode=0o700)
    authority.issue(LeafRequest.gateway()).write(tls, "gateway")
    (tls / "client-authorities.pem").write_bytes(authority.certificate)
    authority.save(home.folder / AUTHORITY)
    place = place_of(home, listen, authority)
    partners = [make_member(place, one) for one in ROLES]
    for one in CONTRIBUTORS:
        make_agent(place, one, keys)
    (home.folder / PARTNERS).write_text("\n".join(partners), encoding="utf-8")
    (home.folder / "data").mkdir(mode=0o700)
    build_provider_database(home.folder / "data" / "applicants.db")
    samples = home.folder / "samples"
    samples.mkdir()
    first = synthetic_subject(1)
    (samples / "applicant.txt").write_text(f"{first.identity_number}\n", encoding="utf-8")
    (samples / "consent-form.txt").write_text(_SAMPLE_FORM, encoding="utf-8")
