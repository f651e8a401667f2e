"""Providers' servers with one fault each: ``python -m support.bad_providers ENDS_FOLDER``.

Owns a fault for each check of the conformance test, in a form that no other check asks in. Serves
all of them, each on a port of its own, and prints name and port a line. Whether TLS 1.2 is ruled
out is the environment's: it has to be set before gRPC loads.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeAlias

import grpc

from clients.provider.base import Answering
from clients.provider.messages import MalformedRequest, description, read_inquiries
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.subject_proof import subject_proof
from support.remote_provider import DATASET, FIELDS, Ends, People
from veilgate.v1 import provider_pb2 as pb

Request: TypeAlias = pb.FetchRecordsRequest
Response: TypeAlias = pb.FetchRecordsResponse
Honest = Callable[[Request], Response]
Bad = Callable[[Request, Honest], Response]
KNOWN: Final = 10


def _alone(request: Request) -> bool:
    return len(request.inquiries) == 1


def _wrong_type(request: Request, honest: Honest) -> Response:
    response = honest(request)
    for answer in response.answers:
        if len(answer.record.values) == len(FIELDS):
            for value in answer.record.values:
                if value.WhichOneof("value") == "number":
                    value.text = str(value.number)
    return response


def _evasive(request: Request, honest: Honest) -> Response:
    response = honest(request)
    if _alone(request) and response.answers[0].WhichOneof("outcome") == "no_such_subject":
        response.answers[0].cannot_answer.SetInParent()
    return response


def _generous(request: Request, honest: Honest) -> Response:
    response = honest(request)
    if _alone(request) and len(response.answers[0].record.values) == 1:
        response.answers[0].record.values.add(field="remark", text="more")
    return response


def _leaves_out(request: Request, honest: Honest) -> Response:
    for one in request.inquiries:
        if not FIELDS.keys() >= set(one.fields):
            one.fields[:] = [next(iter(FIELDS))]
            response = honest(request)
            del response.answers[0].record.values[:]
            return response
    return honest(request)


def _first_only(request: Request, honest: Honest) -> Response:
    response = honest(request)
    if [one.WhichOneof("outcome") for one in response.answers] == ["record", "no_such_subject"]:
        del response.answers[1]
    return response


def _loses_the_last(request: Request, honest: Honest) -> Response:
    response = honest(request)
    if len(response.answers) == 256:
        del response.answers[-1]
    return response


def _cuts_off(request: Request, honest: Honest) -> Response:
    del request.inquiries[256:]
    return honest(request)


def _takes_an_id_twice(request: Request, honest: Honest) -> Response:
    first = request.inquiries[0] if request.inquiries else pb.Inquiry()
    if len(request.inquiries) == 2 and request.inquiries[1].inquiry_id == first.inquiry_id:
        del request.inquiries[1]
    return honest(request)


def _takes_anything(request: Request, honest: Honest) -> Response:
    return honest(request) if request.inquiries else Response()


def _one_dataset(request: Request, honest: Honest) -> Response:
    for one in request.inquiries:
        one.dataset = DATASET
    return honest(request)


def _swaps(request: Request, honest: Honest) -> Response:
    response = honest(request)
    if [one.WhichOneof("outcome") for one in response.answers] == ["record", "record"]:
        first, second = (one.record for one in response.answers)
        kept = pb.ProviderRecord()
        kept.CopyFrom(first)
        first.CopyFrom(second)
        second.CopyFrom(kept)
        for asked, answer in zip(request.inquiries, response.answers, strict=True):
            kind = tuple(IdentifierType)[asked.identifier.type - 1]
            subject = f"{kind.value}|{asked.identifier.value}".encode()
            answer.record.subject_proof = subject_proof(asked.inquiry_id, subject)
    return response


class _WorksOn:
    """Goes on with what was given up: the next call waits for it, past its own time."""

    def __init__(self) -> None:
        self._owed = threading.Event()

    def __call__(self, request: Request, honest: Honest) -> Response:
        if len(request.inquiries) == 256 and len(request.inquiries[0].fields) == 2:
            self._owed.set()
        elif len(request.inquiries) == 1 and self._owed.is_set():
            self._owed.clear()
            threading.Event().wait(2 * TIMEOUT_S)
        return honest(request)


def _honest(request: Request, honest: Honest) -> Response:
    return honest(request)


TIMEOUT_S: Final = 4.0
"""The time limit under which the fault of "deadline" is asked, which holds a call up for twice."""
BAD: Final[dict[str, Bad]] = {
    "describe": _honest,
    "known-subject": _wrong_type,
    "unknown-subject": _evasive,
    "wanted-fields": _generous,
    "unknown-field": _leaves_out,
    "two-together": _first_only,
    "batch-of-256": _loses_the_last,
    "batch-of-257": _cuts_off,
    "repeated-id": _takes_an_id_twice,
    "malformed": _takes_anything,
    "unknown-dataset": _one_dataset,
    "deadline": _WorksOn(),
    "subjects-apart": _swaps,
    "strangers": _honest,
    "tls-1.2": _honest,
}
"""By the check that each of them fails. The last one takes a process without the floor."""


def _serve(name: str, bad: Bad, ends: Ends, people: People) -> tuple[Any, int]:
    def honest(request: Request) -> Response:
        async def answers() -> list[pb.InquiryAnswer]:
            answering = Answering(people, 4)
            try:
                return await answering.answers(read_inquiries(request), 10)
            finally:
                answering.close()

        return Response(answers=asyncio.run(answers()))

    def fetch(request: Request, context: grpc.ServicerContext) -> Response:
        try:
            return bad(request, honest)
        except MalformedRequest:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "malformed")
            raise

    def describe(request: object, context: object) -> pb.DescribeProviderResponse:
        return description("" if name == "describe" else people.provider, people.datasets)

    server = grpc.server(ThreadPoolExecutor(8))
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "FetchRecords": grpc.unary_unary_rpc_method_handler(
            fetch, Request.FromString, Response.SerializeToString
        ),
        "DescribeProvider": grpc.unary_unary_rpc_method_handler(
            describe,
            pb.DescribeProviderRequest.FromString,
            pb.DescribeProviderResponse.SerializeToString,
        ),
    }
    service = "veilgate.v1.ProviderService"
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    key, certificate, authority = ends.profile().read_tls()
    closed = name != "strangers"
    credentials = grpc.ssl_server_credentials(
        [(key, certificate)], authority if closed else None, closed
    )
    port = server.add_secure_port("localhost:0", credentials)
    server.start()
    return server, port


def main(folder: str) -> None:
    ends, people = Ends(Path(folder)), People(KNOWN)
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    served = {name: _serve(name, bad, ends, people) for name, bad in BAD.items()}
    for name, (_, port) in served.items():
        sys.stdout.write(f"{name} on port {port}\n")
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    stop.wait()


if __name__ == "__main__":
    main(sys.argv[1])
