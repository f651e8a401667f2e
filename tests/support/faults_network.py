"""Whether processes stay on this machine: what the guard wrote, and the kernel's tables.

Owns starting guarded processes and finding the peers of a process's sockets in /proc, which shows
those that gRPC opens in C as well. Refuses nothing itself: the guard does.
"""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from types import TracebackType
from typing import Self

from support.faults_serving import python_path

_GUARD = Path(__file__).with_name("faults_network_guard")
_TABLES = ("tcp", "tcp6", "udp", "udp6")
_POLL_S = 0.01


def guarded(log: Path) -> dict[str, str]:
    """The environment under which a process and its children are guarded."""
    return {"PYTHONPATH": python_path(_GUARD), "FAULTS_NETWORK_LOG": str(log)}


def lines(log: Path, word: str) -> list[str]:
    """The guard's lines that begin with a word."""
    return [line for line in log.read_text().splitlines() if line.startswith(word)]


def peers(pid: int) -> set[str]:
    """The remote addresses of a process's sockets; a listening one has the unspecified address."""
    inodes = set(_socket_inodes(pid))
    return {
        peer
        for table in _TABLES
        for inode, peer in _rows(Path(f"/proc/{pid}/net/{table}"))
        if inode in inodes
    }


def foreign(addresses: set[str]) -> set[str]:
    """Those that are neither of this machine nor of no one."""
    return {one for one in addresses if not _is_local(one)}


def _is_local(address: str) -> bool:
    parsed = ip_address(address)
    mapped = getattr(parsed, "ipv4_mapped", None) or parsed
    return bool(mapped.is_loopback or mapped.is_unspecified)


def _socket_inodes(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                target = os.readlink(entry.path)
                if target.startswith("socket:["):
                    yield target[8:-1]


def _rows(table: Path) -> Iterator[tuple[str, str]]:
    """Yield inode and remote address; the kernel writes addresses as words in its own order."""
    with suppress(OSError):
        for line in table.read_text().splitlines()[1:]:
            cells = line.split()
            words = bytes.fromhex(cells[2].partition(":")[0])
            packed = b"".join(
                struct.pack("=I", *struct.unpack(">I", words[at : at + 4]))
                for at in range(0, len(words), 4)
            )
            family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
            yield cells[9], socket.inet_ntop(family, packed)


class Watch:
    """Looks at the sockets of a group of processes again and again, in a thread."""

    def __init__(self, group: int) -> None:
        self._group = group
        self.seen: set[str] = set()
        self.processes: set[int] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_S):
            for pid in _members(self._group):
                self.processes.add(pid)
                self.seen |= peers(pid)


def _members(group: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                if os.getpgid(int(entry.name)) == group:
                    yield int(entry.name)
