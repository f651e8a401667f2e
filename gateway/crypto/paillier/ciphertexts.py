"""What counts as a ciphertext: 0 < c < n^2 with gcd(c, n) = 1.

Owns the two halves of that check. The range costs a comparison and is looked at wherever a number
comes in; the divisor costs some 20 us at 3072 bits and is looked at once for a product, because a
product has a divisor in common with n if and only if one of its factors has. Refuses what
python-paillier decrypts to rubbish without an error: 0, multiples of n or of its primes, n^2,
negative and larger numbers, and what is no integer. A ciphertext does not show
its key: that one belongs to a key is for the signed message around it.
"""

from __future__ import annotations

from collections.abc import Iterable

import gmpy2

from gateway.crypto.paillier.errors import CiphertextError, Reason

__all__ = ["require_ciphertext", "require_range", "total_product"]


def require_range(c: object, square: int) -> gmpy2.mpz:
    """Check the type and 0 < c < n^2, whatever the size of c, at the cost of a comparison.

    Raises:
        CiphertextError: WRONG_TYPE, CIPHERTEXT_NOT_POSITIVE or CIPHERTEXT_TOO_LARGE.
    """
    if type(c) is not int:
        raise CiphertextError(Reason.WRONG_TYPE, "a ciphertext is an integer")
    if c <= 0:
        raise CiphertextError(Reason.CIPHERTEXT_NOT_POSITIVE, "a ciphertext is positive")
    if c >= square:
        raise CiphertextError(Reason.CIPHERTEXT_TOO_LARGE, "a ciphertext is below n^2")
    return gmpy2.mpz(c)


def require_ciphertext(c: object, n: int, square: int) -> gmpy2.mpz:
    """Check the whole of it.

    Raises:
        CiphertextError: as `require_range`, or CIPHERTEXT_NOT_INVERTIBLE.
    """
    number = require_range(c, square)
    if gmpy2.gcd(number, n) != 1:
        raise CiphertextError(
            Reason.CIPHERTEXT_NOT_INVERTIBLE, "the ciphertext has a factor in common with n"
        )
    return number


def total_product(ciphertexts: Iterable[object], n: int, square: int) -> tuple[int, gmpy2.mpz]:
    """How many they are, and their product modulo n^2, each checked and the divisor once.

    Raises:
        CiphertextError: one of them is none, with its reason.
    """
    count, product = 0, gmpy2.mpz(1)
    for c in ciphertexts:
        product = product * require_range(c, square) % square
        count += 1
    if gmpy2.gcd(product, n) != 1:
        raise CiphertextError(
            Reason.CIPHERTEXT_NOT_INVERTIBLE, "a ciphertext has a factor in common with n"
        )
    return count, product
