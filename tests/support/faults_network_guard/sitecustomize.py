"""Refuses every address beyond loopback to the Python code of a process, and writes down each try.

Python imports this module at its start where the folder is on PYTHONPATH. Sockets that a library
opens in C are not seen by audit hooks; ``faults_network`` looks at those from outside.
"""

import ipaddress
import os
import sys
from typing import Any

_NAMES = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}
_LOOK_UPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_LOG = os.open(os.environ["FAULTS_NETWORK_LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _write(word: str, rest: str) -> None:
    os.write(_LOG, f"{word} {os.getpid()} {rest}\n".encode())


def _is_local(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    try:
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _NAMES:
        address = arguments[1]
        # A path is a socket of this machine; an address of none is that of a connected socket.
        if isinstance(address, tuple) and not _is_local(address[0]):
            _refuse(event)
    elif event in _LOOK_UPS and not _is_local(arguments[0]):
        _refuse(event)


def _refuse(event: str) -> None:
    _write("refused", event)
    raise PermissionError("the network beyond loopback is refused")


sys.addaudithook(_guard)
_write("guarded", " ".join(sys.orig_argv))
