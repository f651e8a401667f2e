"""A small gRPC server over real mutual TLS with answers prepared by a test.

Owns real messages, real status details and a real log behind `veilgate.v1`, so that clients are
tested over the wire. It decides nothing: a test says what a call is answered with.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from google.protobuf.message import Message
from google.rpc import status_pb2
from grpc_status import rpc_status

from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import prove_consistency, prove_inclusion
from support.canned_answers import abort, denial, refusal
from support.canned_consents import SIGNING_KEY, Consents
from support.canned_receipt import PUBLIC_KEY
from support.certificates import Pki, make_pki
from support.crypto_log import VKEY, export_log, reference_nodes
from veilgate.v1 import (
    audit_pb2,
    audit_pb2_grpc,
    consent_pb2,
    consent_pb2_grpc,
    exchange_pb2,
    exchange_pb2_grpc,
)

__all__ = [
    "KEY_ID", "SIGNING_KEY", "CannedGateway", "denial", "event", "refusal", "running", "serve",
    "write_profile",
]  # fmt: skip
KEY_ID = "lender-a-1"
EVENTS = 300


def event(index: int) -> bytes:
    """The stored bytes of one entry."""
    document = {
        "time": f"2026-01-01T00:00:{index % 60:02}.000Z", "v": 1, "kind": "DENIAL",
        "institution": "lender-a", "purpose": "credit.underwriting", "dataset": "credit.applicant",
        "outcome": f"outcome-{index}", "reasons": ["CONSENT_ABSENT"],
    }  # fmt: skip
    return json.dumps(document).encode()


@dataclass
class CannedGateway:
    """What the server has and what it was asked. Set ``refusal`` to refuse every call."""

    refusal: status_pb2.Status | None = None
    record: exchange_pb2.GetRecordResponse = field(default_factory=exchange_pb2.GetRecordResponse)
    explanation: exchange_pb2.ExplainAccessResponse = field(
        default_factory=exchange_pb2.ExplainAccessResponse
    )
    events: list[bytes] = field(default_factory=lambda: [event(at) for at in range(EVENTS)])
    consents: dict[str, consent_pb2.SignedConsent] = field(default_factory=dict)
    listed: list[consent_pb2.ConsentSummary] = field(default_factory=list)
    asked: list[Any] = field(default_factory=list)
    missing_tiles: set[str] = field(default_factory=set)
    tiles: dict[str, bytes] = field(default_factory=dict)

    def take(self, request: Message, context: grpc.ServicerContext) -> None:
        """Note a request, or end the call with the refusal."""
        self.asked.append(request)
        if self.refusal is not None:
            context.abort_with_status(rpc_status.to_status(self.refusal))


class _Exchange(exchange_pb2_grpc.ExchangeServiceServicer):
    def __init__(self, gateway: CannedGateway) -> None:
        self._gateway = gateway

    def GetRecord(self, request: Any, context: Any) -> exchange_pb2.GetRecordResponse:  # noqa: N802
        self._gateway.take(request, context)
        answer = exchange_pb2.GetRecordResponse(request_id=request.request_id)
        answer.MergeFrom(self._gateway.record)
        return answer

    def ExplainAccess(self, request: Any, context: Any) -> exchange_pb2.ExplainAccessResponse:  # noqa: N802
        self._gateway.take(request, context)
        return self._gateway.explanation


class _Audit(audit_pb2_grpc.AuditServiceServicer):
    def __init__(self, gateway: CannedGateway) -> None:
        self._gateway = gateway

    def ListEvents(self, request: Any, context: Any) -> audit_pb2.ListEventsResponse:  # noqa: N802
        self._gateway.take(request, context)
        events, start = self._gateway.events, request.start
        stop = min(len(events), start + (request.limit or 100))
        entries = [audit_pb2.LogEntry(log_index=at, event=events[at]) for at in range(start, stop)]
        return audit_pb2.ListEventsResponse(entries=entries, next=stop, size=len(events))

    def GetCheckpoint(self, request: Any, context: Any) -> audit_pb2.GetCheckpointResponse:  # noqa: N802
        self._gateway.take(request, context)
        log = export_log(self._gateway.events)
        self._gateway.tiles = dict(log.files)
        return audit_pb2.GetCheckpointResponse(checkpoint=log.checkpoint, verifier_key=VKEY)

    def GetInclusionProof(self, request: Any, context: Any) -> audit_pb2.GetInclusionProofResponse:  # noqa: N802
        self._gateway.take(request, context)
        events = self._gateway.events
        nodes = reference_nodes([leaf_hash(one) for one in events])
        hashes = prove_inclusion(
            request.log_index, len(events), lambda level, index: nodes[level, index]
        )
        return audit_pb2.GetInclusionProofResponse(
            tree_size=len(events),
            hashes=hashes,
            event=events[request.log_index],
            checkpoint=export_log(events).checkpoint,
        )

    def GetConsistencyProof(  # noqa: N802
        self, request: Any, context: Any
    ) -> audit_pb2.GetConsistencyProofResponse:
        self._gateway.take(request, context)
        nodes = reference_nodes([leaf_hash(one) for one in self._gateway.events])
        size = request.new_size or len(self._gateway.events)
        hashes = prove_consistency(request.old_size, size, lambda level, index: nodes[level, index])
        return audit_pb2.GetConsistencyProofResponse(new_size=size, hashes=hashes)

    def AddCosignature(self, request: Any, context: Any) -> audit_pb2.AddCosignatureResponse:  # noqa: N802
        self._gateway.take(request, context)
        return audit_pb2.AddCosignatureResponse(cosignatures=1, required=1)

    def GetTile(self, request: Any, context: Any) -> audit_pb2.GetTileResponse:  # noqa: N802
        self._gateway.take(request, context)
        path = request.path
        if path in self._gateway.missing_tiles or path not in self._gateway.tiles:
            abort(context, refusal("LOG_ENTRY_NOT_FOUND", grpc.StatusCode.NOT_FOUND))
        return audit_pb2.GetTileResponse(content=self._gateway.tiles[path])


@contextmanager
def serve(gateway: CannedGateway, pki: Pki) -> Iterator[int]:
    """Serve on a free port of this machine; clients must present a certificate of the authority."""
    server = grpc.server(ThreadPoolExecutor(4))
    exchange_pb2_grpc.add_ExchangeServiceServicer_to_server(_Exchange(gateway), server)
    consent_pb2_grpc.add_ConsentServiceServicer_to_server(Consents(gateway), server)
    audit_pb2_grpc.add_AuditServiceServicer_to_server(_Audit(gateway), server)
    pair = (pki.gateway.private_key, pki.gateway.certificate)
    credentials = grpc.ssl_server_credentials(
        [pair], root_certificates=pki.authority.certificate, require_client_auth=True
    )
    port = server.add_secure_port("localhost:0", credentials)
    server.start()
    try:
        yield port
    finally:
        server.stop(None).wait()


def write_profile(folder: Path, port: int, *, signing: bool = True) -> Path:
    """A profile of lender-a beside the certificates that ``make_pki`` wrote to ``folder``."""
    lines = {
        "gateway": f"localhost:{port}", "ca": "authority.pem", "certificate": "lender-a.pem",
        "key": "lender-a.key", "institution": "lender-a", "log_verifier_key": VKEY,
        "receipt_key": PUBLIC_KEY,
    }  # fmt: skip
    if signing:
        lines |= {"signing_key": "lender-a.signing.pem", "signing_key_id": KEY_ID}
        key = Ed25519PrivateKey.from_private_bytes(SIGNING_KEY.seed())
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (folder / "lender-a.signing.pem").write_bytes(pem)
    path = folder / "profile.toml"
    path.write_text("".join(f'{name} = "{value}"\n' for name, value in lines.items()))
    return path


@contextmanager
def running(folder: Path) -> Iterator[tuple[CannedGateway, Path]]:
    """A server with certificates of its own, and the path of a profile that reaches it."""
    pki = make_pki(folder)
    gateway = CannedGateway()
    with serve(gateway, pki) as port:
        yield gateway, write_profile(folder, port)
