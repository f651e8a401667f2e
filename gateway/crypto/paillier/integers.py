"""What counts as an integer here, and how signed ones lie in the residues modulo n.

Owns python-paillier's convention: m >= 0 as itself, m < 0 as n - |m|, |m| <= n // 3 - 1. The
third of the residues between the two is a sign that a sum has overflowed. Refuses booleans, floats
(their encoding would send an exponent in clear, which tells the magnitude), decimals, text, and
whatever has no exact integer value; integers of numpy and gmpy2 are taken.
"""

from __future__ import annotations

from operator import index

import gmpy2

from gateway.crypto.paillier.errors import PlaintextError, Reason

__all__ = ["integer", "largest", "signed", "unsigned"]


def integer(value: object) -> int:
    """An exact Python integer.

    Raises:
        PlaintextError: WRONG_TYPE.
    """
    if type(value) is int:
        return value
    # numpy's boolean is neither Python's nor an integer, but older releases gave it an index.
    if isinstance(value, bool) or type(value).__name__ in ("bool", "bool_"):
        raise PlaintextError(Reason.WRONG_TYPE, "a boolean is no number to encrypt")
    try:
        return int(index(value))  # type: ignore[arg-type]  # it is what decides whether it may
    except TypeError:
        raise PlaintextError(Reason.WRONG_TYPE, "only integers are encrypted") from None


def largest(n: int) -> int:
    """The largest magnitude of a signed plaintext under n (`max_int` of python-paillier)."""
    return int(n) // 3 - 1


def unsigned(value: object, n: int) -> gmpy2.mpz:
    """The residue modulo n of a signed integer.

    Raises:
        PlaintextError: WRONG_TYPE, or PLAINTEXT_RANGE where the magnitude exceeds `largest`.
    """
    number = integer(value)
    if abs(number) > largest(n):
        raise PlaintextError(Reason.PLAINTEXT_RANGE, "the number is too large for the key")
    return gmpy2.mpz(number) if number >= 0 else gmpy2.mpz(n) + number


def signed(residue: int, n: int) -> int:
    """The signed integer of a residue, 0 <= residue < n.

    Raises:
        PlaintextError: PLAINTEXT_OVERFLOW where no signed integer has this residue.
    """
    number, bound = int(residue), largest(n)
    if number <= bound:
        return number
    if number >= n - bound:
        return number - int(n)
    raise PlaintextError(Reason.PLAINTEXT_OVERFLOW, "the result exceeds what the key can hold")
