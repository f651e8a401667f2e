"""Server material and limits: what is refused when built, and what grpc really enforces."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import fields, replace
from pathlib import Path

import grpc
import grpc.aio
import pytest

from clients.cli.local.dev_authority import LeafRequest
from gateway.servicers.transport import (
    TlsMaterial,
    TransportError,
    TransportLimits,
    server_credentials,
)
from support.certificates import Pki, channel, make_pki
from support.echo_server import Echo, echo_stub, serving


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Pki:
    return make_pki(tmp_path_factory.mktemp("pki"))


def test_files_hold_the_same_material(pki: Pki) -> None:
    assert pki.tls_files.load() == pki.tls


def test_the_key_is_not_shown(pki: Pki) -> None:
    assert "PRIVATE" not in repr(pki.tls)


def test_a_key_open_to_everyone_is_refused(pki: Pki, tmp_path: Path) -> None:
    key = tmp_path / "open.key"
    key.write_bytes(pki.gateway.private_key)
    key.chmod(0o604)
    with pytest.raises(TransportError, match="every user"):
        server_credentials(replace(pki.tls_files, private_key=key))


def test_a_missing_file_is_named(pki: Pki, tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="absent"):
        server_credentials(replace(pki.tls_files, certificate_chain=tmp_path / "absent.pem"))


def test_material_that_does_not_fit_together_is_refused(pki: Pki) -> None:
    other = pki.institutions["lender-a"]
    with pytest.raises(TransportError, match="does not belong"):
        replace(pki.tls, private_key=other.private_key)
    with pytest.raises(TransportError, match="not a CA"):
        replace(pki.tls, client_authorities=pki.authority.certificate + other.certificate)


@pytest.mark.parametrize("part", [item.name for item in fields(TlsMaterial)])
@pytest.mark.parametrize("junk", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_unparsable_parts_are_refused(pki: Pki, part: str, junk: bytes) -> None:
    with pytest.raises(TransportError, match="cannot be parsed"):
        replace(pki.tls, **{part: junk})


def test_the_root_may_come_with_further_roots(pki: Pki, tmp_path: Path) -> None:
    second = make_pki(tmp_path, ("bank-c",))
    both = pki.authority.certificate + second.authority.certificate

    async def answered() -> list[str]:
        echo = Echo()
        credentials = server_credentials(replace(pki.tls, client_authorities=both))
        async with serving(echo, credentials) as port:
            for identity in (pki.institutions["lender-a"], second.institutions["bank-c"]):
                async with channel(port, pki.authority.certificate, identity) as client:
                    await echo_stub(client)(b"", timeout=10)
        return [peer.institution_id for peer in echo.answered]

    assert asyncio.run(answered()) == ["lender-a", "bank-c"]


def test_every_argument_is_known_to_grpc() -> None:
    """grpc ignores an unknown argument in silence, so a misspelt limit would be none."""
    core = Path(str(sys.modules["grpc._cython.cygrpc"].__file__)).read_bytes()
    for name, value in TransportLimits(connection_age_ms=60_000).to_channel_args():
        assert name.encode() + b"\0" in core, name
        assert type(value) is int


@pytest.mark.parametrize("value", [0, -1, 2**31])
@pytest.mark.parametrize(
    "name", [f.name for f in fields(TransportLimits) if f.name not in {"share_port"}]
)
def test_no_limit_can_be_switched_off(name: str, value: int) -> None:
    with pytest.raises(TransportError):
        replace(TransportLimits(connection_age_ms=1), **{name: value})  # type: ignore[arg-type]


def test_a_percentage_ends_at_one_hundred() -> None:
    with pytest.raises(TransportError, match="percentage"):
        TransportLimits(reset_ping_percent=101)


async def _send(
    pki: Pki,
    body: bytes,
    limits: TransportLimits,
    compression: grpc.Compression = grpc.Compression.NoCompression,
    metadata: tuple[tuple[str, str], ...] = (),
) -> grpc.StatusCode:
    echo = Echo()
    async with serving(echo, server_credentials(pki.tls), limits) as port:
        identity = pki.institutions["lender-a"]
        options = (("grpc.max_receive_message_length", -1), ("grpc.max_metadata_size", 2**20))
        async with channel(port, pki.authority.certificate, identity, options) as client:
            call = echo_stub(client)(body, timeout=10, compression=compression, metadata=metadata)
            code = await call.code()
        assert len(echo.answered) == (code is grpc.StatusCode.OK)
        return code


SMALL = TransportLimits(receive_message_bytes=1000)


@pytest.mark.parametrize(
    ("size", "compression", "code"),
    [
        (1000, grpc.Compression.NoCompression, grpc.StatusCode.OK),
        (1001, grpc.Compression.NoCompression, grpc.StatusCode.RESOURCE_EXHAUSTED),
        (1000, grpc.Compression.Gzip, grpc.StatusCode.OK),
        (100_000, grpc.Compression.Gzip, grpc.StatusCode.RESOURCE_EXHAUSTED),
    ],
)
def test_messages_over_the_limit_are_not_handled_even_when_they_travel_compressed(
    pki: Pki, size: int, compression: grpc.Compression, code: grpc.StatusCode
) -> None:
    assert asyncio.run(_send(pki, bytes(size), SMALL, compression)) is code


def test_metadata_over_the_limit_is_not_handled(pki: Pki) -> None:
    limits = TransportLimits(metadata_bytes=4096)
    fits, exceeds = (("x-note", "n" * 2000),), (("x-note", "n" * 4096),)
    assert asyncio.run(_send(pki, b"", limits, metadata=fits)) is grpc.StatusCode.OK
    refused = asyncio.run(_send(pki, b"", limits, metadata=exceeds))
    assert refused is grpc.StatusCode.RESOURCE_EXHAUSTED


@pytest.mark.parametrize("share", [False, True])
def test_a_taken_port_is_an_error_unless_sharing_was_asked_for(pki: Pki, share: bool) -> None:
    async def second_server() -> int:
        limits = TransportLimits(share_port=share)
        credentials = server_credentials(pki.tls)
        async with serving(Echo(), credentials, limits) as port:
            server = grpc.aio.server(options=limits.to_channel_args())
            return server.add_secure_port(f"127.0.0.1:{port}", credentials)

    if share:
        assert asyncio.run(second_server()) > 0
    else:
        with pytest.raises(RuntimeError, match="bind"):
            asyncio.run(second_server())


def test_an_institution_certificate_makes_no_authority(pki: Pki) -> None:
    leaf = pki.authority.issue(LeafRequest.institution("lender-a"))
    with pytest.raises(TransportError, match="not a CA"):
        replace(pki.tls, client_authorities=leaf.certificate)
