"""Keys as the JSON of python-paillier's command line (`pheutil genpkey`, `pheutil extract`).

Owns reading and writing that form: `kty` DAJ, `alg` PAI-GN1, numbers in base64 of the URL-safe
alphabet without padding. Refuses other kinds of key, members that occur twice, numbers that are
not in their one encoding, and texts above 16 KB. A private key leaves in clear: sealing it is for
whoever stores it. Unknown members are passed over, as RFC 7517 wants.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from gateway.crypto.paillier.errors import PaillierKeyError, Reason
from gateway.crypto.paillier.hashing import as_bytes
from gateway.crypto.paillier.modulus import DEFAULT_BITS
from gateway.crypto.paillier.private_key import PrivateKey
from gateway.crypto.paillier.public_key import PublicKey

__all__ = ["export_private", "export_public", "import_private", "import_public"]

MAX_TEXT = 16_384
_KIND = "DAJ"
_ALGORITHM = "PAI-GN1"


def export_public(key: PublicKey, name: str = "") -> str:
    """The public key as JSON; `name` becomes its `kid`."""
    return json.dumps(_public_members(key, name))


def export_private(key: PrivateKey, name: str = "") -> str:
    """The private key as JSON, in clear."""
    members = {
        "kty": _KIND,
        "key_ops": ["decrypt"],
        "p": _encoded(key.p),
        "q": _encoded(key.q),
        "pub": _public_members(key.public_key, name),
        "kid": name,
    }
    return json.dumps(members)


def import_public(text: str, least_bits: int = DEFAULT_BITS) -> PublicKey:
    """The public key of a JSON text; 2048 bits, which pheutil makes, need `least_bits`.

    Raises:
        PaillierKeyError: KEY_FORMAT, or its modulus is refused.
    """
    return _public(_members(text), least_bits)


def import_private(text: str, least_bits: int = DEFAULT_BITS) -> PrivateKey:
    """The private key of a JSON text.

    Raises:
        PaillierKeyError: KEY_FORMAT, or its numbers are refused.
    """
    members = _members(text)
    _require("decrypt" in _list(members.get("key_ops")), members)
    public, p, q = members.get("pub"), _number(members, "p"), _number(members, "q")
    if not isinstance(public, dict):
        raise PaillierKeyError(Reason.KEY_FORMAT, "the key has no public part")
    return PrivateKey(_public(public, least_bits), p, q)


def _public_members(key: PublicKey, name: str) -> dict[str, Any]:
    return {
        "kty": _KIND,
        "alg": _ALGORITHM,
        "key_ops": ["encrypt"],
        "n": _encoded(key.n),
        "kid": name,
    }


def _public(members: dict[str, Any], least_bits: int) -> PublicKey:
    _require(members.get("alg") == _ALGORITHM, members)
    return PublicKey(_number(members, "n"), least_bits=least_bits)


def _require(right: bool, members: dict[str, Any]) -> None:
    if not right or members.get("kty") != _KIND:
        raise PaillierKeyError(Reason.KEY_FORMAT, "the key is not of this kind")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _members(text: str) -> dict[str, Any]:
    if len(text) > MAX_TEXT:
        raise PaillierKeyError(Reason.KEY_FORMAT, "the key file is too long")
    try:
        members = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise PaillierKeyError(Reason.KEY_FORMAT, "the key file is not JSON") from None
    if not isinstance(members, dict):
        raise PaillierKeyError(Reason.KEY_FORMAT, "the key file is not a JSON object")
    return members


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise PaillierKeyError(Reason.KEY_FORMAT, "a member of the key occurs twice")
    return members


def _number(members: dict[str, Any], name: str) -> int:
    text = members.get(name)
    if not isinstance(text, str):
        raise PaillierKeyError(Reason.KEY_FORMAT, "a number of the key is missing")
    try:
        number = int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), "big")
    except (binascii.Error, ValueError):
        raise PaillierKeyError(Reason.KEY_FORMAT, "a number of the key is malformed") from None
    if number == 0 or _encoded(number) != text:
        raise PaillierKeyError(Reason.KEY_FORMAT, "a number of the key is malformed")
    return number


def _encoded(number: int) -> str:
    return base64.urlsafe_b64encode(as_bytes(number)).decode("ascii").rstrip("=")
