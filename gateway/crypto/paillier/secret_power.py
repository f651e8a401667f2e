"""Powers with secret exponents modulo secret odd numbers, in constant time.

Owns the choice of who computes them: OpenSSL's BN_mod_exp_mont_consttime, out of the library that
Python's own `hashlib` is linked with, or else `gmpy2.powmod_sec`, which takes 2.3 times as long at
3072 bits. Neither of them branches or chooses memory by the bits of base, exponent or modulus, so
an observer of time and of caches on the same machine learns how many words they have, and which
function was called. Not covered: reducing a ciphertext before the power and what follows after it,
where GMP's divisions depend on their values a little; and Python's and GMP's copies of numbers,
which nobody wipes. OpenSSL's copies are wiped. A fast power with blinded numbers was not taken: it
chooses from its table by the exponent, and who sees one such run whole has the key.

Refuses a library that lacks a function or fails a known power; then gmpy2 computes.
"""

from __future__ import annotations

import ctypes
from contextlib import ExitStack
from functools import cache
from types import ModuleType
from typing import Protocol

import gmpy2

__all__ = ["OpenSslPower", "secret_power"]

_NUMBER = ctypes.c_void_p
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "BN_new": (_NUMBER, []),
    "BN_bin2bn": (_NUMBER, [ctypes.c_char_p, ctypes.c_int, _NUMBER]),
    "BN_bn2binpad": (ctypes.c_int, [_NUMBER, ctypes.c_char_p, ctypes.c_int]),
    "BN_clear_free": (None, [_NUMBER]),
    "BN_CTX_new": (_NUMBER, []),
    "BN_CTX_free": (None, [_NUMBER]),
    "BN_mod_exp_mont_consttime": (ctypes.c_int, [_NUMBER] * 6),
}
_KNOWN = (3, (1 << 127) + 5, (1 << 129) - 25)


class _Power(Protocol):
    def __call__(self, base: int, exponent: int, modulus: int) -> gmpy2.mpz:
        """The power; 0 <= base < modulus, exponent > 0, modulus odd."""


def secret_power(base: int, exponent: int, modulus: int) -> gmpy2.mpz:
    """base^exponent modulo an odd modulus, for a positive exponent."""
    return _best()(base % modulus, exponent, modulus)


class OpenSslPower:
    """OpenSSL's power; may be called by threads at the same time.

    Args:
        path: a library, or what is linked with it.

    Raises:
        OSError: it cannot be loaded.
        AttributeError: it lacks a function.
        ArithmeticError: it does not compute what it should.
    """

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(self._library, name)
            function.restype, function.argtypes = result, arguments
        if self(*_KNOWN) != pow(*_KNOWN):
            raise ArithmeticError("the library does not compute powers")

    def __call__(self, base: int, exponent: int, modulus: int) -> gmpy2.mpz:
        """As `_Power`.

        Raises:
            MemoryError: OpenSSL has none left.
            ArithmeticError: it refuses the numbers.
        """
        library, size = self._library, _size(modulus)
        with ExitStack() as freeing:
            numbers = [self._number(one, freeing) for one in (base, exponent, modulus)]
            result = self._held(library.BN_new(), library.BN_clear_free, freeing)
            room = self._held(library.BN_CTX_new(), library.BN_CTX_free, freeing)
            found = ctypes.create_string_buffer(size)
            done = library.BN_mod_exp_mont_consttime(result, *numbers, room, None)
            if done != 1 or library.BN_bn2binpad(result, found, size) != size:
                raise ArithmeticError("the library refuses a power")
        return gmpy2.mpz(int.from_bytes(found.raw, "big"))

    def _number(self, value: int, freeing: ExitStack) -> int:
        size = _size(value)
        made = self._library.BN_bin2bn(int(value).to_bytes(size, "big"), size, None)
        return self._held(made, self._library.BN_clear_free, freeing)

    @staticmethod
    def _held(made: int | None, free: ctypes._NamedFuncPointer, freeing: ExitStack) -> int:
        if made is None:
            raise MemoryError("OpenSSL has no memory")
        freeing.callback(free, made)
        return made


@cache
def _best() -> _Power:
    try:
        return OpenSslPower(_linked().__file__ or "")
    except (ImportError, OSError, AttributeError, ArithmeticError):
        # A Python that was built without OpenSSL, or holds it where nobody else can call it.
        return gmpy2.powmod_sec  # type: ignore[no-any-return]  # gmpy2 has no types


def _linked() -> ModuleType:
    import _hashlib

    return _hashlib


def _size(value: int) -> int:
    return max(1, (int(value).bit_length() + 7) // 8)
