"""A provider's server that can be told to misbehave, and a line to it that can be cut.

Owns the misbehaviours by name. It answers over real TLS; what is wrong is in its answers, or in the
bytes between it and the gateway.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import grpc

from clients.provider.base import Answering
from clients.provider.messages import read_inquiries
from support.remote_provider import Ends, People
from veilgate.v1 import provider_pb2 as pb

Response: TypeAlias = pb.FetchRecordsResponse
Spoil = Callable[[Response], Response | bytes]
SECRET: Final = "zqsecretvalueofnobody"
"""Stands in what is wrong, so that it can be looked for."""


def _each(change: Callable[[pb.InquiryAnswer], None]) -> Spoil:
    def spoil(response: Response) -> Response:
        for answer in response.answers:
            change(answer)
        return response

    return spoil


def _of_another(answer: pb.InquiryAnswer) -> None:
    answer.record.subject_proof = bytes(32)


def _twice(response: Response) -> Response:
    return Response(answers=[one for one in response.answers for _ in range(2)])


def _under_another_id(answer: pb.InquiryAnswer) -> None:
    answer.inquiry_id = answer.inquiry_id[::-1]


def _extra(answer: pb.InquiryAnswer) -> None:
    answer.record.values.add(field="card_cvn", text=SECRET)


def _field_twice(answer: pb.InquiryAnswer) -> None:
    answer.record.values.append(answer.record.values[0])


def _first(change: Callable[[pb.FieldValue], None]) -> Spoil:
    return _each(lambda answer: change(answer.record.values[0]))


def _text_for_number(value: pb.FieldValue) -> None:
    value.text = SECRET if value.WhichOneof("value") == "number" else value.text
    if value.WhichOneof("value") == "text" and value.text != SECRET:
        value.number = 7


def _overlong(value: pb.FieldValue) -> None:
    value.text = SECRET * 1_000


def _huge(megabytes: int) -> Spoil:
    def spoil(response: Response) -> Response:
        response.answers[0].record.values[0].text = SECRET + "x" * (megabytes << 20)
        return response

    return spoil


def _no_outcome(answer: pb.InquiryAnswer) -> None:
    answer.ClearField("outcome")


def _bad_event(answer: pb.InquiryAnswer) -> None:
    answer.event_id = f"{SECRET} & more"


def _long_event(answer: pb.InquiryAnswer) -> None:
    answer.event_id = "e" * 65


INVALID: Final[dict[str, Spoil]] = {
    "of another subject": _each(_of_another),
    "twice": _twice,
    "under another id": _each(_under_another_id),
    "not at all": lambda _: Response(),
    "with an extra field": _each(_extra),
    "with a field twice": _each(_field_twice),
    "without a field": _each(lambda answer: answer.record.values.pop() and None),
    "with a wrong type": _first(_text_for_number),
    "with an overlong text": _first(_overlong),
    "without an outcome": _each(_no_outcome),
    "with an event id that is none": _each(_bad_event),
    "with an overlong event id": _each(_long_event),
    "with bytes that are no message": lambda _: b"\xff" + SECRET.encode(),
}
"""Answers that break the contract, by what is wrong with them."""
HUGE: Final = _huge(100)


@dataclass(slots=True)
class FaultyRemote:
    """A provider's server; set ``spoil``, ``delay``, ``code`` or ``compression`` at any time."""

    ends: Ends
    people: People
    spoil: Spoil = lambda response: response
    release: threading.Event = field(default_factory=threading.Event)
    late: bool = False
    code: grpc.StatusCode | None = None
    compression: grpc.Compression = grpc.Compression.NoCompression
    calls: int = 0
    port: int = 0
    _server: Any = None

    def start(self, port: int = 0) -> int:
        """Listen, on the same port as before if it is named."""
        self._server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
        handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
            self._fetch
        )
        service = "veilgate.v1.ProviderService"
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {"FetchRecords": handler}),)
        )
        key, certificate, authority = self.ends.profile().read_tls()
        credentials = grpc.ssl_server_credentials([(key, certificate)], authority, True)
        self.port = self._server.add_secure_port(f"localhost:{port}", credentials)
        self._server.start()
        return self.port

    def stop(self) -> None:
        """Close every connection at once."""
        self.release.set()
        self._server.stop(0).wait(30)

    def honest(self) -> None:
        """Behave from now on."""
        self.spoil = lambda response: response
        self.late, self.code = False, None
        self.compression = grpc.Compression.NoCompression
        self.release.set()

    def _fetch(self, body: bytes, context: grpc.ServicerContext) -> bytes:
        self.calls += 1
        if self.code is not None:
            context.abort(self.code, SECRET)
        if self.late:
            self.release.clear()
            self.release.wait(30)
        request = pb.FetchRecordsRequest.FromString(body)
        answered = self.spoil(Response(answers=asyncio.run(self._answers(request))))
        context.set_compression(self.compression)
        return answered if isinstance(answered, bytes) else answered.SerializeToString()

    async def _answers(self, request: pb.FetchRecordsRequest) -> list[pb.InquiryAnswer]:
        answering = Answering(self.people, 4)
        try:
            return await answering.answers(read_inquiries(request), 10)
        finally:
            answering.close()


class Line:
    """A TCP relay to a server; ``mode`` is relay, mute (takes connections, says nothing) or cut."""

    def __init__(self, port: int) -> None:
        self.mode = "relay"
        self.muted = 0
        self.to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_all(self) -> None:
        """Close every connection that is open."""
        opened, self._open = self._open, []
        for one in opened:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self._listener.close()
        self.cut_all()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(near)
            if self.mode == "mute":
                self.muted += 1
            else:
                threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(("127.0.0.1", self.to), timeout=10)
        except OSError:
            near.close()
            return
        far.settimeout(None)
        self._open.append(far)
        threading.Thread(target=self._relay, args=(near, far, False), daemon=True).start()
        self._relay(far, near, True)

    def _relay(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(1 << 16):
                if answers and self.mode == "cut":
                    sink.sendall(chunk[: len(chunk) // 2])
                    break
                sink.sendall(chunk)
        for one in (source, sink):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@contextmanager
def faulty_remote(ends: Ends, people: People) -> Iterator[tuple[FaultyRemote, Line]]:
    """A server that behaves, and the line to it."""
    remote = FaultyRemote(ends, people)
    line = Line(remote.start())
    try:
        yield remote, line
    finally:
        line.close()
        remote.stop()
