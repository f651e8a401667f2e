"""The TLS 1.3 floor: it is set in time, or it says that it cannot be."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gateway.servicers.tls_floor import (
    CIPHER_VARIABLE,
    TLS13_ONLY,
    TlsFloorError,
    install_tls13_floor,
)

CORE = "grpc._cython.cygrpc"


def test_it_is_set_before_grpc_loads_and_may_be_repeated() -> None:
    environment: dict[str, str] = {}
    install_tls13_floor(environment, loaded_modules=())
    install_tls13_floor(environment, loaded_modules=(CORE,))
    assert environment == {CIPHER_VARIABLE: TLS13_ONLY}


def test_too_late_is_an_error() -> None:
    environment: dict[str, str] = {}
    with pytest.raises(TlsFloorError, match="before importing"):
        install_tls13_floor(environment, loaded_modules=(CORE,))
    assert environment == {}


def test_another_list_is_not_overruled_in_silence() -> None:
    with pytest.raises(TlsFloorError, match="unset it"):
        install_tls13_floor({CIPHER_VARIABLE: "HIGH"}, loaded_modules=())


def test_the_module_itself_does_not_load_grpc() -> None:
    program = f"import sys, gateway.servicers.tls_floor; sys.exit({CORE!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
