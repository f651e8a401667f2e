"""The connection to a gateway: mutual TLS and its limits.

Owns the channel's options. Refuses to connect without the three files of the profile, and to
repeat a call that the gateway may have begun: gRPC itself sends again only what it never took.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import grpc
import grpc.aio

from clients.sdk.identity.profile import ClientProfile, ProfileError

MAX_ANSWER_SIZE: Final = 17 * 1024 * 1024
"""Bytes: a bundle of 256 log entries, each at its largest, fits."""
MAX_REQUEST_SIZE: Final = 1024 * 1024
_MAX_DETAILS_SIZE: Final = 64 * 1024
"""Bytes of trailing metadata: a denial's findings exceed gRPC's 8 KiB."""

_OPTIONS: Final[tuple[tuple[str, int], ...]] = (
    ("grpc.max_receive_message_length", MAX_ANSWER_SIZE),
    ("grpc.max_send_message_length", MAX_REQUEST_SIZE),
    ("grpc.max_metadata_size", _MAX_DETAILS_SIZE),
    ("grpc.absolute_max_metadata_size", _MAX_DETAILS_SIZE),
    # Two profiles of one process never share a connection, and so never an identity.
    ("grpc.use_local_subchannel_pool", 1),
)


def open_channel(profile: ClientProfile) -> grpc.Channel:
    """A channel that presents the profile's certificate; it connects at the first call.

    Raises:
        ProfileError: a file of the profile cannot be read.
    """
    return grpc.secure_channel(profile.gateway, _credentials(profile), options=_OPTIONS)


def open_async_channel(profile: ClientProfile) -> grpc.aio.Channel:
    """``open_channel`` for the event loop that runs now.

    Raises:
        ProfileError: a file of the profile cannot be read.
    """
    return grpc.aio.secure_channel(profile.gateway, _credentials(profile), options=_OPTIONS)


def _credentials(profile: ClientProfile) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(
        root_certificates=_read(profile.ca),
        private_key=_read(profile.key),
        certificate_chain=_read(profile.certificate),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ProfileError(
            f"{path} cannot be read: {error.strerror}", "Check its owner and its permissions."
        ) from error
