"""Statements as the store keeps them: payload, signature and chain, byte by byte.

Owns that form. Refuses nothing by itself: what is read again was checked before it was stored, and
a roster is checked once more before it is used.
"""

from __future__ import annotations

import msgspec

from clients.agent.orders import RosterOrder
from gateway.crypto.statement import SignedStatement

_Parts = tuple[bytes, bytes, tuple[bytes, ...]]


def encode_statement(statement: SignedStatement) -> bytes:
    """Return a statement's stored form."""
    return msgspec.json.encode(_parts(statement))


def decode_statement(stored: bytes) -> SignedStatement:
    """Return a stored statement."""
    return SignedStatement(*msgspec.json.decode(stored, type=_Parts))


def encode_roster(order: RosterOrder) -> bytes:
    """Return a roster's stored form, its READYs with it."""
    return msgspec.json.encode((_parts(order.roster), [_parts(one) for one in order.readies]))


def decode_roster(stored: bytes) -> RosterOrder:
    """Return a stored roster."""
    roster, readies = msgspec.json.decode(stored, type=tuple[_Parts, tuple[_Parts, ...]])
    return RosterOrder(SignedStatement(*roster), tuple(SignedStatement(*one) for one in readies))


def _parts(statement: SignedStatement) -> _Parts:
    return statement.payload, statement.signature, statement.chain
