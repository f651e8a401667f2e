"""Base64 that has one spelling for each value (RFC 4648, section 4).

Owns decoding of untrusted text. Refuses missing padding, white space, other characters and
non-zero trailing bits, all of which the standard library lets pass in one mode or another.
"""

from __future__ import annotations

import base64
import binascii

from gateway.crypto.errors import CryptoError


class Base64Error(CryptoError):
    """The text is not the canonical base64 of any bytes."""


def encode(value: bytes) -> str:
    """Standard alphabet, padded."""
    return base64.b64encode(value).decode("ascii")


def decode(text: str) -> bytes:
    """Decode the standard alphabet, padded and canonical.

    Raises:
        Base64Error: the text is anything but what `encode` would produce.
    """
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Base64Error("not valid base64") from error
    if encode(value) != text:
        raise Base64Error("not canonical base64")
    return value


def decode_either(text: str) -> bytes:
    """Decode the standard or the URL-safe alphabet, as DSSE verifiers must accept either.

    Raises:
        Base64Error: not canonical in one alphabet, or the two are mixed.
    """
    if "-" in text or "_" in text:
        if "+" in text or "/" in text:
            raise Base64Error("two base64 alphabets are mixed")
        text = text.translate({ord("-"): "+", ord("_"): "/"})
    return decode(text)
