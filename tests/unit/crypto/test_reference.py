"""Scoped references: one value of HMAC computed by hand, and what no reference is made of."""

import hashlib
import hmac

import pytest

from gateway.crypto.reference import ScopeError, scoped_reference

OUTPUT = bytes(range(64))


def test_the_bytes_that_are_hashed() -> None:
    label, scope = b"veilgate reference v1", b"bureau-a"
    message = b"\0\0\0\0\0\0\0\x15" + label + b"\0\0\0\0\0\0\0\x08" + scope
    expected = hmac.new(OUTPUT, message, hashlib.sha256).digest()
    assert scoped_reference(OUTPUT, "bureau-a") == expected
    assert expected.hex() == "45565393b71d9c98f3ab2005ca706340042818fda745fdf2a60ed7c339991247"


def test_scopes_are_utf_8() -> None:
    assert len(scoped_reference(OUTPUT, "征信机构")) == 32
    assert len(scoped_reference(OUTPUT, "x" * 255)) == 32


@pytest.mark.parametrize("scope", ["", "x" * 256, "征" * 86, "\ud800"])
def test_scopes_that_no_provider_has(scope: str) -> None:
    with pytest.raises(ScopeError):
        scoped_reference(OUTPUT, scope)


@pytest.mark.parametrize("length", [0, 32, 63, 65, 128])
def test_only_an_output_makes_a_reference(length: int) -> None:
    with pytest.raises(ScopeError):
        scoped_reference(bytes(length), "bureau-a")
