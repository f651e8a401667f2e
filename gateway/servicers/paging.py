"""Pages of a list: how many entries, after which one, and the token that says where to go on.

Owns the form of a page token: a digest of the filters it was made under, then the last entry of the
page, in base64url. A token is no secret and grants nothing: the next page is filtered for its
caller as the first one was. Refuses a token of other filters: its place means nothing among these.
"""

import base64
import binascii
import hashlib
from typing import Final

import msgspec

from gateway.servicers.decode import InvalidField

DEFAULT_SIZE: Final = 100
MAX_SIZE: Final = 500
_MAX_TOKEN_CHARACTERS: Final = 1024
_DIGEST_BYTES: Final = 12


class Page(msgspec.Struct, frozen=True):
    """At most ``limit`` entries, from the first one after ``after``; empty means from the start."""

    limit: int
    after: str


def page(page_size: int, page_token: str, *filters: object) -> Page:
    """Return the page that is asked for; ``filters`` are those of this request, in a fixed order.

    Raises ``InvalidField``: page_size over 500, or page_token not made by ``next_token`` under the
    same filters.
    """
    if page_size > MAX_SIZE:
        raise InvalidField("page_size", f"must be at most {MAX_SIZE}")
    after = _after(page_token, filters) if page_token else ""
    return Page(page_size or DEFAULT_SIZE, after)


def next_token(after: str, *filters: object) -> str:
    """Return the token for what comes after the entry ``after``; empty if that is the last one."""
    if not after:
        return ""
    return base64.urlsafe_b64encode(_digest(filters) + after.encode()).decode().rstrip("=")


def _after(token: str, filters: tuple[object, ...]) -> str:
    foreign = InvalidField("page_token", "must be a token of this list, with the same filters")
    if len(token) > _MAX_TOKEN_CHARACTERS:
        raise foreign
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        after = raw[_DIGEST_BYTES:].decode()
    except (binascii.Error, ValueError):
        raise foreign from None
    # Made again and compared whole: a token has one spelling.
    if not after or next_token(after, *filters) != token:
        raise foreign
    return after


def _digest(filters: tuple[object, ...]) -> bytes:
    # With types and lengths, so that no two lists of filters have the same bytes.
    parts = [f"{type(one).__name__} {len(text := str(one))} {text}" for one in filters]
    return hashlib.sha256("\n".join(parts).encode()).digest()[:_DIGEST_BYTES]
