"""The peer: a bare grpc.aio echo with uvloop over mutual TLS; answers a fixed number of bytes.

``python echo.py KEY CERTIFICATE CLIENT_AUTHORITIES ANSWER_BYTES``; prints its port.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import grpc
import uvloop


async def main(credentials: grpc.ServerCredentials, size: int) -> None:
    """Serve until killed."""
    answer = b"x" * size

    async def echo(request: bytes, context: object) -> bytes:
        return answer

    handler: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(echo)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("bench.Echo", {"Echo": handler}),)
    )
    port = server.add_secure_port("localhost:0", credentials)
    await server.start()
    print(port, flush=True)
    await asyncio.Event().wait()


def _credentials(key: str, certificate: str, authorities: str) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(Path(key).read_bytes(), Path(certificate).read_bytes())],
        Path(authorities).read_bytes(),
        require_client_auth=True,
    )


if __name__ == "__main__":
    uvloop.run(main(_credentials(*sys.argv[1:4]), int(sys.argv[4])))
