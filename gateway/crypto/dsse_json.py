"""The DSSE JSON envelope, read strictly.

Owns the JSON form of `dsse.DsseEnvelope`. Refuses unknown or repeated members, wrong types,
other encodings than UTF-8, and sizes or nesting beyond an envelope's.
"""

from __future__ import annotations

import json
from typing import NoReturn

from gateway.crypto import base64_strict
from gateway.crypto.base64_strict import Base64Error
from gateway.crypto.dsse import MAX_PAYLOAD_SIZE, DsseEnvelope, DsseError, DsseSignature

MAX_ENVELOPE_SIZE = 2 * MAX_PAYLOAD_SIZE
"""Bytes of JSON: a payload in base64 with room for the signatures."""


def encode_envelope(envelope: DsseEnvelope) -> bytes:
    """The JSON form, UTF-8, without white space; an empty key id is left out."""
    signatures = [
        ({"keyid": s.keyid} if s.keyid else {}) | {"sig": base64_strict.encode(s.sig)}
        for s in envelope.signatures
    ]
    document = {
        "payload": base64_strict.encode(envelope.payload),
        "payloadType": envelope.payload_type,
        "signatures": signatures,
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def decode_envelope(raw: bytes) -> DsseEnvelope:
    """Parse the JSON form; base64 may be of either alphabet.

    Raises:
        DsseError: it is not an envelope, or exceeds a bound.
    """
    if len(raw) > MAX_ENVELOPE_SIZE:
        raise DsseError(f"an envelope is at most {MAX_ENVELOPE_SIZE} bytes")
    document = _members(_parse(raw), {"payload", "payloadType", "signatures"})
    signatures = document["signatures"]
    if not isinstance(signatures, list):
        raise DsseError("the signatures are not a list")
    return DsseEnvelope(
        _text(document["payloadType"]),
        _bytes(document["payload"]),
        tuple(map(_signature, signatures)),
    )


def _parse(raw: bytes) -> object:
    try:
        return json.loads(
            raw.decode(), object_pairs_hook=_object, parse_constant=_refuse, parse_float=_refuse
        )
    except (ValueError, RecursionError) as error:
        raise DsseError("the envelope is not valid JSON in UTF-8") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise DsseError("a member of the envelope is repeated")
    return members


def _refuse(_: str) -> NoReturn:
    raise DsseError("an envelope holds no such number")


def _members(value: object, names: set[str]) -> dict[str, object]:
    if not isinstance(value, dict) or set(value) != names:
        raise DsseError("an object of the envelope lacks a member or has an unknown one")
    return value


def _signature(value: object) -> DsseSignature:
    members = _members(
        {"keyid": ""} | value if isinstance(value, dict) else value, {"keyid", "sig"}
    )
    return DsseSignature(_text(members["keyid"]), _bytes(members["sig"]))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise DsseError("a member of the envelope is not a string")
    return value


def _bytes(value: object) -> bytes:
    try:
        return base64_strict.decode_either(_text(value))
    except Base64Error as error:
        raise DsseError("a member of the envelope is not base64") from error
