"""Owns the process-wide setting under which gRPC completes no handshake below TLS 1.3.

grpcio has no server option for a minimum TLS version (grpc/grpc issue 37305). Its core does read
``GRPC_SSL_CIPHER_SUITES``, a list that governs TLS 1.2 only: BoringSSL fixes the suites of 1.3
(grpc/grpc pull request 23165). The one suite named here takes a pre-shared key, gRPC configures
none, and so a TLS 1.2 client finds no shared cipher whatever key type the server has.

This module imports no gRPC: the core reads the variable while it loads, and a later change is
ignored without a word. Peers are checked once more on every call, in ``gateway.servicers.peer``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Container, MutableMapping
from typing import Final

CIPHER_VARIABLE: Final = "GRPC_SSL_CIPHER_SUITES"
TLS13_ONLY: Final = "ECDHE-PSK-CHACHA20-POLY1305"
_GRPC_CORE: Final = "grpc._cython.cygrpc"


class TlsFloorError(RuntimeError):
    """The TLS 1.3 floor cannot take effect in this process."""


def install_tls13_floor(
    environment: MutableMapping[str, str] | None = None,
    loaded_modules: Container[str] | None = None,
) -> None:
    """Make every gRPC endpoint of this process and of its children refuse TLS 1.2.

    Call it before anything imports ``grpc``. It may be repeated, and a spawned child inherits it.
    Raises TlsFloorError where the variable already says something else, or gRPC is loaded.
    """
    environment = os.environ if environment is None else environment
    loaded_modules = sys.modules if loaded_modules is None else loaded_modules
    current = environment.get(CIPHER_VARIABLE)
    if current == TLS13_ONLY:
        return
    if current is not None:
        raise TlsFloorError(f"{CIPHER_VARIABLE} is set to another list: unset it")
    if _GRPC_CORE in loaded_modules:
        raise TlsFloorError("gRPC is loaded already: install the TLS 1.3 floor before importing it")
    environment[CIPHER_VARIABLE] = TLS13_ONLY
