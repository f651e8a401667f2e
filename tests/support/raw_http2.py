"""One gRPC call as bare HTTP/2 over a TLS socket, for clients that no gRPC library will build."""

from __future__ import annotations

import ssl


def _frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
    """An HTTP/2 frame (RFC 9113, 4.1)."""
    head = len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big")
    return head + payload


def _literal(value: bytes) -> bytes:
    """A string without Huffman coding (RFC 7541, 5.2), shorter than 127 bytes."""
    return bytes([len(value)]) + value


def unary_request(method: str, body: bytes) -> bytes:
    """A whole gRPC call as HTTP/2 bytes: preface, SETTINGS, HEADERS (static table), DATA."""
    headers = b"\x83\x87"  # :method POST, :scheme https
    headers += b"\x04" + _literal(method.encode()) + b"\x01" + _literal(b"localhost")
    headers += b"\x0f\x10" + _literal(b"application/grpc")
    headers += b"\x00" + _literal(b"te") + _literal(b"trailers")
    message = b"\x00" + len(body).to_bytes(4, "big") + body
    settings, head, data = _frame(4, 0, 0, b""), _frame(1, 4, 1, headers), _frame(0, 1, 1, message)
    return b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + settings + head + data


def answer_data(connection: ssl.SSLSocket) -> bytes:
    """The DATA that the server sends on stream 1 until it ends the stream."""
    data = b""
    with connection.makefile("rb") as reader:
        while True:
            head = reader.read(9)
            assert len(head) == 9, "the connection ended before the stream did"
            payload = reader.read(int.from_bytes(head[:3], "big"))
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:], "big")
            data += payload if kind == 0 else b""
            if stream == 1 and (kind == 3 or flags & 1):
                return data
