"""The process-wide setting under which gRPC completes no handshake below TLS 1.3.

gRPC has no option for it (grpc/grpc issue 37305). Its core reads a list of the suites of TLS 1.2
while it loads; the one suite named here takes a pre-shared key, and none is ever configured. The
gateway does the same. Each call is looked at as well: see `peer`. Imports nothing that loads gRPC.
"""

from __future__ import annotations

import os
import sys
from typing import Final

VARIABLE: Final = "GRPC_SSL_CIPHER_SUITES"
_TLS13_ONLY: Final = "ECDHE-PSK-CHACHA20-POLY1305"
_GRPC_CORE: Final = "grpc._cython.cygrpc"


def install_tls13_floor() -> None:
    """Set the floor where it can still take effect and nothing else was set."""
    if _GRPC_CORE not in sys.modules:
        os.environ.setdefault(VARIABLE, _TLS13_ONLY)


def tls13_floor_stands() -> bool:
    """Return whether the floor was set; gRPC has to have been loaded after it."""
    return os.environ.get(VARIABLE) == _TLS13_ONLY
