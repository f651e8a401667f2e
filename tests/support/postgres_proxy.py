"""A way to the PostgreSQL server that can be cut: a socket of its own in front of the server's.

Owns two kinds of outage: stalled, where bytes stay on the way and nobody is told; and dropped,
where connections break and no new one is made. The server itself goes on in both.
"""

import asyncio
import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_NAME = ".s.PGSQL.5432"
_CHUNK = 1 << 16
_STOP_S = 10


class PostgresProxy:
    """Listens in ``folder`` as long as it is open."""

    def __init__(self, server: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="veilgate-way-"))
        self._server = server / _NAME
        self._loop = asyncio.new_event_loop()
        self._flows = asyncio.Event()
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._run, daemon=True)
        ready = threading.Event()
        self._ready = ready
        self._thread.start()
        assert ready.wait(_STOP_S)

    @contextmanager
    def stalled(self) -> Iterator[None]:
        """Let nothing through; at the end what was held back goes on."""
        self._do(self._flows.clear)
        try:
            yield
        finally:
            self._do(self._flows.set)

    @contextmanager
    def lost(self) -> Iterator[None]:
        """Let nothing through; at the end what was held back is lost with its connections."""
        self._do(self._flows.clear)
        try:
            yield
        finally:
            self._do(self._break)
            self._do(self._flows.set)

    @contextmanager
    def dropped(self) -> Iterator[None]:
        """Break every connection, and refuse new ones until the end."""
        self._do(lambda: self._refuse(True))
        try:
            yield
        finally:
            self._do(lambda: self._refuse(False))

    def close(self) -> None:
        """Break every connection and stop listening."""
        self._do(self._break)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_STOP_S)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))

    async def _listen(self) -> None:
        self._flows.set()
        await asyncio.start_unix_server(self._join, str(self.folder / _NAME))
        self._ready.set()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.close()
            return
        with suppress(OSError):
            their_reader, their_writer = await asyncio.open_unix_connection(str(self._server))
            self._writers |= {writer, their_writer}
            await asyncio.gather(self._pump(reader, their_writer), self._pump(their_reader, writer))
            return
        writer.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while chunk := await reader.read(_CHUNK):
                await self._flows.wait()
                writer.write(chunk)
                await writer.drain()
        await self._flows.wait()
        writer.close()
        self._writers.discard(writer)

    def _refuse(self, refuses: bool) -> None:
        self._refuses = refuses
        if refuses:
            self._break()

    def _break(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        self._writers = set()

    def _do(self, action: object) -> None:
        done = threading.Event()

        def run() -> None:
            assert callable(action)
            action()
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(_STOP_S)
