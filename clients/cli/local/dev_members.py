"""The institutions of a development home: certificates, keys, profiles, the partner file.

Owns who they are and what they may do. Refuses to be used in production: every private key lies on
this machine, and the contracts behind the agreements are stand-ins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from clients.cli.local.dev_authority import TRUST_DOMAIN, DevAuthority, Issued, LeafRequest
from gateway.crypto.ed25519 import SigningKey

PROVIDER: Final = "demo-bureau"
LENDER_A, LENDER_B, LENDER_C = "lender-a", "lender-b", "lender-c"
AUDITOR, OPERATOR = "auditor", "operator"
WITNESS: Final = "witness-1"
SECOND_PERSON: Final = "privacy-officer"
"""The workload whose certificate approves re-identifications."""
KEYHOLDER, AGENT = "keyholder", "agent"
"""Workloads that ask and that answer encrypted aggregates."""
ROLES: Final = {
    PROVIDER: ("bureau", "data_provider"),
    LENDER_A: ("lender",),
    LENDER_B: ("lender",),
    LENDER_C: ("lender",),
    AUDITOR: ("auditor",),
    OPERATOR: ("operator",),
    WITNESS: ("witness",),
}
_DATASETS: Final = ("credit.applicant",)
_PURPOSES: Final = ("credit", "fraud", "marketing", "reporting", "research")
"""All of them: in a development home, rules and consents say what is denied."""
CONTRIBUTORS: Final = (PROVIDER, LENDER_A, LENDER_B, LENDER_C)
"""Who has an agent."""
_CERTIFICATE_LIFE: Final = timedelta(days=30)
_STATEMENT_LIFE: Final = timedelta(days=7)
"""The longest that signers of statements are believed."""
_AGREEMENT_LIFE: Final = timedelta(days=365)
_CONTRACT: Final = b"A stand-in for the contract between the operator and the institution.\n"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the institutions go: a folder of client folders, and the gateway that they call."""

    folder: Path
    gateway: str
    log_verifier_key: str
    receipt_key: str
    reference_key: str
    round_key: str
    authority: DevAuthority
    agents: Path
    """A folder of agents' folders."""


def make_member(place: Place, institution: str, roles: tuple[str, ...] = ()) -> str:
    """Make one institution's client folder; return its part of the partner file.

    ``roles`` are those of ``ROLES`` where none are given.
    """
    folder = place.folder / institution
    folder.mkdir(mode=0o700, parents=True)
    issued = place.authority.issue(LeafRequest.institution(institution, lifetime=_CERTIFICATE_LIFE))
    issued.write(folder, institution)
    certificates = [issued]
    if "lender" in (roles or ROLES[institution]):
        certificates.append(_second_person(place, institution, folder))
    if institution in CONTRIBUTORS:
        certificates.append(_workload(place, institution, KEYHOLDER, folder))
        certificates.append(_workload(place, institution, AGENT, place.agents / institution))
    signing = SigningKey.generate()
    write_signing_key(folder / "signing.pem", signing)
    (folder / "ca.pem").write_bytes(place.authority.certificate)
    profile = _profile(place, institution)
    (folder / "profile.toml").write_text(profile, encoding="utf-8")
    return _partner(institution, roles or ROLES[institution], certificates, signing)


def _second_person(place: Place, institution: str, folder: Path) -> Issued:
    """Make a certificate for whoever approves what a colleague asks for, and its profile."""
    request = LeafRequest.institution(institution, SECOND_PERSON, _CERTIFICATE_LIFE)
    issued = place.authority.issue(request)
    issued.write(folder, SECOND_PERSON)
    profile = _profile(place, institution, SECOND_PERSON)
    (folder / f"{SECOND_PERSON}.toml").write_text(profile, encoding="utf-8")
    return issued


def _workload(place: Place, institution: str, workload: str, folder: Path) -> Issued:
    """Make the certificate of a workload that signs statements."""
    issued = place.authority.issue(LeafRequest.institution(institution, workload, _STATEMENT_LIFE))
    issued.write(folder, workload)
    return issued


def _profile(place: Place, institution: str, stem: str = "") -> str:
    stem = stem or institution
    keyholder = _keyholder(place) if institution in CONTRIBUTORS else ""
    return f"""gateway = "{place.gateway}"
ca = "ca.pem"
certificate = "{stem}.pem"
key = "{stem}.key"
institution = "{institution}"
signing_key = "signing.pem"
signing_key_id = "{institution}-1"
log_verifier_key = "{place.log_verifier_key}"
receipt_key = "{place.receipt_key}"
reference_key = "{place.reference_key}"
{keyholder}"""


def _keyholder(place: Place) -> str:
    return f"""statement_certificate = "{KEYHOLDER}.pem"
statement_key = "{KEYHOLDER}.key"
anchors = "ca.pem"
trust_domain = "{TRUST_DOMAIN}"
round_key = "{place.round_key}"
keyholder_state = "{KEYHOLDER}"
"""


def _partner(
    institution: str, roles: tuple[str, ...], issued: list[Issued], signing: SigningKey
) -> str:
    certificates = ", ".join(_certificate(one) for one in issued)
    part = f"""[[partner]]
id = "{institution}"
legal_group = "{institution}-group"
roles = {_texts(roles)}
jurisdiction = "CN"
certificates = [{certificates}]
signing_keys = {{ "{institution}-1" = "{signing.public_key.raw.hex()}" }}
"""
    return part + _agreement() if "lender" in roles else part


def _certificate(issued: Issued) -> str:
    end = x509.load_pem_x509_certificate(issued.certificate).not_valid_after_utc
    return f'{{ fingerprint = "{fingerprint(issued)}", not_after = {_moment(end)} }}'


def _agreement() -> str:
    now = datetime.now(UTC)
    return f"""
[[partner.agreements]]
id = "{uuid4()}"
datasets = {_texts(_DATASETS)}
purposes = {_texts(_PURPOSES)}
valid_from = {_moment(now - timedelta(days=1))}
valid_until = {_moment(now + _AGREEMENT_LIFE)}
evidence_sha256 = "{sha256(_CONTRACT).hexdigest()}"
"""


def _texts(words: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{word}"' for word in words) + "]"


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def fingerprint(issued: Issued) -> str:
    """Return the SHA-256 of a certificate, in hex, as the Directory holds it."""
    return x509.load_pem_x509_certificate(issued.certificate).fingerprint(hashes.SHA256()).hex()


def write_signing_key(path: Path, key: SigningKey) -> None:
    """Write an Ed25519 key as PKCS #8 PEM, readable by its owner only."""
    pem = Ed25519PrivateKey.from_private_bytes(key.seed()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path.touch(mode=0o600)
    path.write_bytes(pem)
