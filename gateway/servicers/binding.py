"""How a method is bound to gRPC: bytes in, bytes out, and nothing between them unguarded.

Owns decoding, authentication, rate limits, and the mapping of every exception to a status.
Generated servicers answer undecodable bytes with UNKNOWN and put an exception's text on the wire;
so methods are registered here with raw bytes instead.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple, NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message

from gateway.application.load import Load
from gateway.application.ports.store import Directory
from gateway.application.rate_limit import RateLimit
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.safe_logging import log_unexpected
from gateway.servicers.decode import InvalidField
from gateway.servicers.peer import PeerRefused, peer_certificate
from gateway.servicers.status import invalid_field_status, reason_status, refusal_status

_LOG: Final = logging.getLogger(__name__)
Req = TypeVar("Req", bound=Message)
Clock = Callable[[], float]


class Call(NamedTuple, Generic[Req]):
    """A decoded request, its bytes, and who sent it."""

    request: Req
    body: bytes
    principal: Principal


class Guard:
    """What stands before every method: the peer's certificate, the Directory, the rate limit."""

    def __init__(
        self,
        directory: Directory,
        limit: RateLimit,
        clock: Clock,
        trust_domain: str,
        load: Load,
    ) -> None:
        """Take the Directory, the limit of calls an institution, and a clock of Unix seconds."""
        self.load = load
        self._trust_domain = trust_domain
        self._directory = directory
        self._limit = limit
        self._clock = clock

    async def admit(self, context: grpc.aio.ServicerContext[bytes, bytes]) -> Principal:
        """Return who calls, or raise ``PeerRefused`` or ``Refused`` before any work is done."""
        peer = peer_certificate(
            context.auth_context(), self._clock(), trust_domain=self._trust_domain
        )
        principal = await self._directory.principal(
            peer.institution_id, peer.workload, peer.fingerprint
        )
        self._limit.take(principal.institution)
        return principal


def unary(
    guard: Guard, request_type: type[Req], method: Callable[[Call[Req]], Awaitable[Message]]
) -> grpc.RpcMethodHandler[bytes, bytes]:
    """Return the handler of one unary method."""

    async def handle(body: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
        guard.load.calls += 1
        try:
            principal = await guard.admit(context)
            answer = await method(Call(request_type.FromString(body), body, principal))
            return answer.SerializeToString()
        except Refused as refused:
            status = refusal_status(refused)
        except InvalidField as invalid:
            status = invalid_field_status(invalid)
        except DecodeError:
            status = reason_status(ErrorReason.UNDECODABLE_REQUEST)
        except PeerRefused as refused_peer:
            _LOG.warning("a peer was refused: %s", refused_peer.reason.value)
            status = reason_status(ErrorReason.NOT_AUTHENTICATED)
        except Exception as error:  # noqa: BLE001 - no exception's text may reach the wire
            log_unexpected(_LOG, f"answering {request_type.__name__}", error)
            status = reason_status(ErrorReason.INTERNAL)
        finally:
            guard.load.calls -= 1
        return await _abort(context, status)

    return grpc.unary_unary_rpc_method_handler(handle)


async def _abort(context: grpc.aio.ServicerContext[bytes, bytes], status: grpc.Status) -> NoReturn:
    await context.abort_with_status(status)
    raise AssertionError("abort_with_status returned")


def service(
    name: str, methods: dict[str, grpc.RpcMethodHandler[bytes, bytes]]
) -> grpc.GenericRpcHandler:
    """Return a service's handler; ``name`` is its full proto name."""
    return grpc.method_handlers_generic_handler(name, methods)
