"""Two live gateways of which one is the other's provider, each with a log of its own.

Owns the homes: ``downstream`` is the lenders' gateway, ``upstream`` holds the records. Both know
the same lenders, by the same signing keys; the downstream gateway calls upstream as the institution
GATEWAY. Refuses nothing: what a test leaves out or spoils is its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import grpc

from clients.cli.local.dev_authority import DevAuthority, LeafRequest
from clients.cli.local.dev_members import fingerprint
from clients.cli.local.home import AUTHORITY, LENDER_A, ORIGIN, PROVIDER, Home, make_home
from clients.sdk.identity.channel import open_channel
from gateway.adapters.keys.keyring import load_keyring
from gateway.crypto.ed25519 import SigningKey
from gateway.crypto.note_key import NoteSigner
from support.live_gateway import LiveGateway, serve_home
from support.process import free_port

GATEWAY: Final = "downstream-gateway"
"""The institution as which the downstream gateway calls upstream."""
DOWNSTREAM_ORIGIN: Final = "downstream.example/log"
UPSTREAM_ORIGIN: Final = ORIGIN
TEXTS: Final = ("name", "phone", "housing", "job")
"""Fields that are text as upstream releases them, so that they fit the contract downstream."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both gateways, serving."""

    downstream: LiveGateway
    upstream: LiveGateway


@dataclass(frozen=True, slots=True)
class PairOfHomes:
    """Both homes before they are served; a test may change them."""

    downstream: Home
    upstream: Home
    downstream_port: int
    upstream_port: int


def make_pair(folder: Path, *, roles: str = '["gateway"]', circle: bool = False) -> PairOfHomes:
    """Make the homes; with ``circle`` upstream's provider is the downstream gateway."""
    folder.mkdir(parents=True, exist_ok=True)
    homes = [make_home(folder / name, "localhost:0", development=True) for name in ("down", "up")]
    pair = PairOfHomes(_renamed(homes[0]), homes[1], free_port(), free_port())
    _same_signing_keys(pair)
    _join(pair.downstream, pair.upstream, pair.upstream_port, roles)
    if circle:
        _join(pair.upstream, pair.downstream, pair.downstream_port, roles)
    return pair


@contextmanager
def serving(pair: PairOfHomes, **settings: Any) -> Iterator[Pair]:
    """Serve both; the settings are for both."""
    upstream = serve_home(pair.upstream, listen=f"localhost:{pair.upstream_port}", **settings)
    try:
        downstream = serve_home(
            pair.downstream,
            listen=f"localhost:{pair.downstream_port}",
            **settings,
        )
        try:
            yield Pair(downstream, upstream)
        finally:
            downstream.stop()
    finally:
        upstream.stop()


def _renamed(home: Home) -> Home:
    """Give the log an origin of its own: two gateways never share one."""
    text = home.config.read_text(encoding="utf-8")
    home.config.write_text(text.replace(ORIGIN, DOWNSTREAM_ORIGIN), encoding="utf-8")
    seed = load_keyring(home.folder / "keys").log_key.private_bytes_raw()
    signer = NoteSigner(DOWNSTREAM_ORIGIN, SigningKey.from_seed(seed))
    return replace(home, log_verifier_key=signer.verifier_key.encode())


def _same_signing_keys(pair: PairOfHomes) -> None:
    """Upstream knows the lenders' signing keys of downstream: it is the same institutions."""
    ours = _signing_lines(pair.downstream)
    partners = pair.upstream.folder / "partners.toml"
    text = partners.read_text(encoding="utf-8")
    for old, new in zip(_signing_lines(pair.upstream), ours, strict=True):
        text = text.replace(old, new)
    partners.write_text(text, encoding="utf-8")


def _signing_lines(home: Home) -> list[str]:
    text = (home.folder / "partners.toml").read_text(encoding="utf-8")
    return re.findall(r"^signing_keys = .*$", text, re.MULTILINE)


def _join(caller: Home, called: Home, port: int, roles: str) -> None:
    """Let ``caller`` have its records from ``called``."""
    authority = DevAuthority.load(called.folder / AUTHORITY)
    request = LeafRequest.institution(GATEWAY, lifetime=timedelta(days=30))
    issued = authority.issue(request)
    files = caller.folder / "upstream"
    files.mkdir(mode=0o700)
    certificate, key = issued.write(files, GATEWAY)
    (files / "ca.pem").write_bytes(authority.certificate)
    _enrol(called, fingerprint(issued), roles)
    config = caller.config.read_text(encoding="utf-8")
    head = config.split("[[providers]]")[0]
    caller.config.write_text(
        head
        + f"""[[providers]]
kind = "veilgate"
id = "{PROVIDER}"
dataset = "credit.applicant"
address = "localhost:{port}"
ca = "upstream/ca.pem"
certificate = "upstream/{certificate.name}"
key = "upstream/{key.name}"
""",
        encoding="utf-8",
    )


def gateway_channel(pair: Pair) -> grpc.Channel:
    """A channel to the upstream gateway with the downstream gateway's own certificate."""
    files = pair.downstream.home.folder / "upstream"
    profile = replace(
        pair.upstream.profile(LENDER_A),
        ca=files / "ca.pem",
        certificate=files / f"{GATEWAY}.pem",
        key=files / f"{GATEWAY}.key",
        institution=GATEWAY,
    )
    return open_channel(profile)


def _enrol(home: Home, certificate: str, roles: str) -> None:
    end = (datetime.now(UTC) + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with (home.folder / "partners.toml").open("a", encoding="utf-8") as partners:
        partners.write(f"""
[[partner]]
id = "{GATEWAY}"
legal_group = "{GATEWAY}-group"
roles = {roles}
jurisdiction = "CN"
certificates = [{{ fingerprint = "{certificate}", not_after = {end} }}]
signing_keys = {{}}
""")
