"""A gateway of prepared answers for every method of every service, over real mutual TLS.

Owns one handler for all methods, made from the protos' own descriptors, and a queue of failures
that come before any answer. It decides nothing: a test says what a method is answered with.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_status import rpc_status

from support.canned_gateway import write_profile
from support.certificates import Pki, make_pki
from veilgate.v1 import (
    audit_pb2,
    catalogue_pb2,
    consent_pb2,
    deid_pb2,
    directory_pb2,
    exchange_pb2,
    subject_pb2,
)

FILES = (
    audit_pb2, catalogue_pb2, consent_pb2, deid_pb2, directory_pb2, exchange_pb2, subject_pb2,
)  # fmt: skip
"""Of the services that a client calls; ProviderService is called by the gateway."""
METHODS = {
    f"/{service.full_name}/{method.name}": method
    for file in FILES
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
}
Failure = Any
"""A google.rpc.Status, or a bare grpc.StatusCode, as a broken connection leaves one."""


@dataclass
class Network:
    """What each method (by its name) is answered with, and every request in order.

    A method without an answer gets an empty one. ``failures`` are taken first, one a call; None
    lets a call through.
    """

    answers: dict[str, Callable[[Any], Message]] = field(default_factory=dict)
    failures: deque[Failure | None] = field(default_factory=deque)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    time_left: list[float | None] = field(default_factory=list)
    """Seconds that each caller was still ready to wait; None: for ever."""

    def count(self, name: str) -> int:
        """How often a method was called."""
        return sum(one == name for one, _ in self.asked)

    def answer(self, name: str, empty: Message, request: Message, context: Any) -> Message:
        self.asked.append((name, request))
        self.time_left.append(context.time_remaining())
        failure = self.failures.popleft() if self.failures else None
        if isinstance(failure, grpc.StatusCode):
            context.abort(failure, "")
        if failure is not None:
            context.abort_with_status(rpc_status.to_status(failure))
        return self.answers[name](request) if name in self.answers else empty


class _Handler(grpc.GenericRpcHandler):
    def __init__(self, network: Network) -> None:
        self._network = network

    def service(self, handler_call_details: Any) -> Any:
        method = METHODS[handler_call_details.method]
        empty = GetMessageClass(method.output_type)()

        def answer(request: Message, context: Any) -> Message:
            return self._network.answer(method.name, empty, request, context)

        def answer_each(requests: Iterator[Message], context: Any) -> Iterator[Message]:
            for request in requests:
                yield answer(request, context)

        forms: dict[str, Any] = {
            "request_deserializer": GetMessageClass(method.input_type).FromString,
            "response_serializer": lambda message: message.SerializeToString(),
        }
        if method.client_streaming:
            return grpc.stream_stream_rpc_method_handler(answer_each, **forms)
        return grpc.unary_unary_rpc_method_handler(answer, **forms)


@contextmanager
def serve(network: Network, pki: Pki) -> Iterator[int]:
    """Serve on a free port; clients must present a certificate of the authority."""
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((_Handler(network),))
    credentials = grpc.ssl_server_credentials(
        [(pki.gateway.private_key, pki.gateway.certificate)],
        root_certificates=pki.authority.certificate,
        require_client_auth=True,
    )
    port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


@contextmanager
def network_running(folder: Path) -> Iterator[tuple[Network, Path]]:
    """A server with certificates of its own, and the path of a profile that reaches it."""
    pki = make_pki(folder)
    network = Network()
    with serve(network, pki) as port:
        yield network, write_profile(folder, port)
