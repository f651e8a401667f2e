"""The connection to a provider over gRPC: mutual TLS, and the limits of what may come back.

Owns the files of a connection and the channel's options. Refuses key files that others can read,
and to send anything through a proxy that the environment names.
"""

from pathlib import Path
from typing import Final

import grpc
import grpc.aio
import msgspec

MAX_ANSWER_BYTES: Final = 4 * 1024 * 1024
MAX_REQUEST_BYTES: Final = 1024 * 1024
_MAX_DETAILS_BYTES: Final = 64 * 1024
"""Of trailing metadata: a gateway's denial exceeds the 8 KiB that gRPC takes by default."""
_OTHERS: Final = 0o007
_FIRST_PAUSE_MS: Final = 100
_LONGEST_PAUSE_MS: Final = 2_000
_HANDSHAKE_MS: Final = 2_000
"""Until an attempt to connect is given up: a peer may take a connection and say nothing."""
_PING_MS: Final = 30_000
_PING_ANSWER_MS: Final = 5_000


class RemoteFileError(Exception):
    """A file of the connection is missing or readable by others; the text names it."""


class RemoteAddress(msgspec.Struct, frozen=True):
    """Where a provider listens, and the PEM files of the connection to it.

    ``address`` is ``host:port``; ``server_name`` is the name in its certificate where that is not
    the host's, or empty.
    """

    address: str
    ca: str
    certificate: str
    key: str
    server_name: str = ""


class RemoteChannel:
    """A channel that is opened at the first call, on the event loop that runs then."""

    def __init__(self, remote: RemoteAddress) -> None:
        """Read the files; raises ``RemoteFileError``. Nothing is connected yet."""
        self._remote = remote
        self._credentials = grpc.ssl_channel_credentials(
            root_certificates=_read(remote.ca),
            private_key=_read_private(remote.key),
            certificate_chain=_read(remote.certificate),
        )
        self._channel: grpc.aio.Channel | None = None

    def opened(self) -> grpc.aio.Channel:
        """Return the channel; it connects, and connects again, by itself."""
        if self._channel is None:
            self._channel = grpc.aio.secure_channel(
                self._remote.address, self._credentials, options=self._options()
            )
        return self._channel

    async def close(self) -> None:
        """End the channel; calls under way are cancelled."""
        if self._channel is not None:
            await self._channel.close()

    def _options(self) -> list[tuple[str, int | str]]:
        options: list[tuple[str, int | str]] = [
            ("grpc.max_receive_message_length", MAX_ANSWER_BYTES),
            ("grpc.max_send_message_length", 2 * MAX_REQUEST_BYTES),
            ("grpc.max_metadata_size", _MAX_DETAILS_BYTES),
            ("grpc.absolute_max_metadata_size", _MAX_DETAILS_BYTES),
            ("grpc.keepalive_time_ms", _PING_MS),
            ("grpc.keepalive_timeout_ms", _PING_ANSWER_MS),
            ("grpc.initial_reconnect_backoff_ms", _FIRST_PAUSE_MS),
            ("grpc.min_reconnect_backoff_ms", _HANDSHAKE_MS),
            ("grpc.max_reconnect_backoff_ms", _LONGEST_PAUSE_MS),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.enable_http_proxy", 0),
            ("grpc.service_config_disable_resolution", 1),
        ]
        if self._remote.server_name:
            options.append(("grpc.ssl_target_name_override", self._remote.server_name))
        return options


def _read(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise RemoteFileError(f"{name} cannot be read: {error.strerror}") from error


def _read_private(name: str) -> bytes:
    try:
        mode = Path(name).stat().st_mode
    except OSError as error:
        raise RemoteFileError(f"{name} cannot be read: {error.strerror}") from error
    if mode & _OTHERS:
        raise RemoteFileError(f"{name} can be read by every user of the machine: chmod 600 {name}")
    return _read(name)
