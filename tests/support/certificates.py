"""Certificates for tests: an authority, a gateway, some institutions, and channels that use them.

Everything is made anew in the folder that the test gives; no certificate is ever stored with the
project.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import grpc
import grpc.aio

from clients.cli.local.dev_authority import DevAuthority, Issued, LeafRequest
from gateway.servicers.transport import TlsFiles, TlsMaterial


@dataclass(frozen=True, slots=True)
class Pki:
    """An authority, the gateway's certificate and a client certificate per institution."""

    directory: Path
    authority: DevAuthority
    gateway: Issued
    institutions: Mapping[str, Issued]

    @property
    def tls(self) -> TlsMaterial:
        """What the gateway's server is built from."""
        return TlsMaterial(
            self.gateway.private_key, self.gateway.certificate, self.authority.certificate
        )

    @property
    def tls_files(self) -> TlsFiles:
        """The same, as files in ``directory``."""
        return TlsFiles(
            private_key=self.directory / "gateway.key",
            certificate_chain=self.directory / "gateway.pem",
            client_authorities=self.directory / "authority.pem",
        )


def make_pki(directory: Path, institutions: Sequence[str] = ("lender-a", "bureau-b")) -> Pki:
    """Make an authority, a gateway and the institutions, and write them to ``directory``.

    Files: ``authority``, ``gateway`` and one stem an institution, each ``.pem`` and ``.key``.
    """
    authority = DevAuthority.create()
    gateway = authority.issue(LeafRequest.gateway())
    clients = {name: authority.issue(LeafRequest.institution(name)) for name in institutions}
    authority.save(directory)
    gateway.write(directory, "gateway")
    for name, issued in clients.items():
        issued.write(directory, name)
    return Pki(directory, authority, gateway, MappingProxyType(clients))


def channel(
    port: int,
    roots: bytes,
    identity: Issued | None,
    options: Sequence[tuple[str, int | str]] = (),
) -> grpc.aio.Channel:
    """A channel to ``localhost:port`` that trusts ``roots`` and presents ``identity``, or nothing.

    It shares no connection with another channel.
    """
    credentials = grpc.ssl_channel_credentials(
        root_certificates=roots,
        private_key=identity.private_key if identity else None,
        certificate_chain=identity.certificate if identity else None,
    )
    return grpc.aio.secure_channel(
        f"localhost:{port}",
        credentials,
        options=[("grpc.use_local_subchannel_pool", 1), *options],
    )
