"""A gateway's home: the folder with its configuration, keys, policies and data.

Owns the layout. Refuses to write into a folder that holds anything: keys are never overwritten.
With ``development`` it also makes certificates, three institutions and a provider with invented
people, for the demo and for trying things out; none of that belongs into production.
"""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

from clients.cli.local.dev_authority import DevAuthority, Issued, LeafRequest
from gateway.adapters.keyring import create_keyring, load_keyring
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.note_key import NoteSigner

CONFIG: Final = "gateway.toml"
PARTNERS: Final = "partners.toml"
ORIGIN: Final = "veilgate.example/log"
PROVIDER: Final = "demo-bureau"
LENDER_A, LENDER_B, AUDITOR = "lender-a", "lender-b", "auditor"
_ADDRESS: Final = re.compile(r"([^\s/:\"\\]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}", re.ASCII)
_ROLES: Final = {
    PROVIDER: ("bureau", "data_provider"),
    LENDER_A: ("lender",),
    LENDER_B: ("lender",),
    AUDITOR: ("auditor",),
}


class HomeError(Exception):
    """The folder cannot become a home; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Home:
    """A home that was made: its folder and the audit log's verifier key."""

    folder: Path
    log_verifier_key: str

    @property
    def config(self) -> Path:
        """Return the configuration file."""
        return self.folder / CONFIG

    def profile(self, institution: str) -> Path:
        """Return the client profile of a development institution."""
        return self.folder / "clients" / institution / "profile.toml"


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
    home = Home(folder, _verifier_key(folder))
    (folder / CONFIG).write_text(_config(listen), encoding="utf-8")
    if development:
        _make_development(home, listen)
    else:
        (folder / PARTNERS).write_text(_PARTNER_EXAMPLE, encoding="utf-8")
    return home


def packaged_policies() -> Path:
    """Return the policies that come with this release."""
    import clients

    return Path(clients.__file__).resolve().parent.parent / "policies"


def _verifier_key(folder: Path) -> str:
    seed = load_keyring(folder / "keys").log_key.private_bytes_raw()
    return NoteSigner(ORIGIN, SigningKey.from_seed(seed)).verifier_key.encode()


def _config(listen: str) -> str:
    return f'''# The gateway's configuration; gateway/README.md lists every setting.
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


_PARTNER_EXAMPLE: Final = """# The institutions that this gateway serves. Restart it after a change.
#
# [[partner]]
# id = "lender-a"
# legal_group = "lender-a-group"
# roles = ["lender"]            # lender, bureau, data_provider, auditor, regulator
# jurisdiction = "CN"           # CN, US, GB, AU, SG
# certificates = ["<SHA-256 of the client certificate, 64 hex digits>"]
# signing_keys = { "lender-a-1" = "<Ed25519 public key, 64 hex digits>" }
partner = []
"""


_SAMPLE_FORM: Final = "A stand-in for the signed form or the recording that a lender keeps.\n"


def _make_development(home: Home, listen: str) -> None:
    # Imported here: the generator of invented people is not part of every installation.
    from clients.cli.local.demo_data.dataset import build_provider_database, synthetic_subject

    authority = DevAuthority.create()
    tls = home.folder / "tls"
    tls.mkdir(mode=0o700)
    authority.issue(LeafRequest.gateway()).write(tls, "gateway")
    (tls / "client-authorities.pem").write_bytes(authority.certificate)
    partners = [_member(home, authority, listen, one) for one in _ROLES]
    (home.folder / PARTNERS).write_text("\n".join(partners), encoding="utf-8")
    (home.folder / "data").mkdir(mode=0o700)
    build_provider_database(home.folder / "data" / "applicants.db")
    samples = home.folder / "samples"
    samples.mkdir()
    first = synthetic_subject(1)
    (samples / "applicant.txt").write_text(f"{first.identity_number}\n", encoding="utf-8")
    (samples / "consent-form.txt").write_text(_SAMPLE_FORM, encoding="utf-8")


def _member(home: Home, authority: DevAuthority, listen: str, institution: str) -> str:
    """Make one institution's client folder; return its part of the partner file."""
    folder = home.profile(institution).parent
    folder.mkdir(mode=0o700, parents=True)
    issued = authority.issue(LeafRequest.institution(institution))
    issued.write(folder, institution)
    signing = SigningKey.generate()
    write_signing_key(folder / "signing.pem", signing)
    (folder / "ca.pem").write_bytes(authority.certificate)
    home.profile(institution).write_text(
        f'''gateway = "{listen}"
ca = "ca.pem"
certificate = "{institution}.pem"
key = "{institution}.key"
institution = "{institution}"
signing_key = "signing.pem"
signing_key_id = "{institution}-1"
log_verifier_key = "{home.log_verifier_key}"
''',
        encoding="utf-8",
    )
    roles = ", ".join(f'"{role}"' for role in _ROLES[institution])
    return f'''[[partner]]
id = "{institution}"
legal_group = "{institution}-group"
roles = [{roles}]
jurisdiction = "CN"
certificates = ["{fingerprint(issued)}"]
signing_keys = {{ "{institution}-1" = "{signing.public_key.raw.hex()}" }}
'''


def fingerprint(issued: Issued) -> str:
    """Return the SHA-256 of a certificate, in hex, as the partner file holds it."""
    return x509.load_pem_x509_certificate(issued.certificate).fingerprint(hashes.SHA256()).hex()


def write_signing_key(path: Path, key: SigningKey) -> None:
    """Write an Ed25519 key as PKCS #8 PEM, readable by its owner only."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    pem = Ed25519PrivateKey.from_private_bytes(key.seed()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.touch(mode=0o600)
    path.write_bytes(pem)
