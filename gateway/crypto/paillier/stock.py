"""Randomisers made ahead of need, each of them used once.

Owns the one-time property: a randomiser gives its value once, and a stock hands out each value
once in its life, whatever is put in twice. Two encryptions with one randomiser show the difference
of their plaintexts to everybody. Refuses to make randomisers itself, to run threads, to be copied
or stored, and to be used on both sides of a fork: who owns threads or processes fills it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from os import getpid
from threading import Lock
from typing import NoReturn

import gmpy2

from gateway.crypto.paillier.ciphertexts import require_ciphertext
from gateway.crypto.paillier.errors import RandomiserError, Reason

__all__ = ["MAX_LIFE", "Randomiser", "RandomiserStock"]

MAX_LIFE = 1 << 18
"""Randomisers that a stock takes in its life: it remembers 8 bytes of each, some 25 MB then."""


class Randomiser:
    """An n-th residue modulo n^2 of a secret root, to be used once.

    Args:
        n: the modulus that it belongs to.
        value: the residue.
    """

    __slots__ = ("_n", "_process", "_value")

    def __init__(self, n: int, value: gmpy2.mpz) -> None:
        self._n = n
        self._process = getpid()
        self._value = [value]

    @property
    def n(self) -> int:
        """The modulus that it belongs to."""
        return self._n

    def spend(self, n: int) -> gmpy2.mpz:
        """Give the value, once; of two threads, one gets it.

        Raises:
            RandomiserError: RANDOMISER_SPENT, or OTHER_KEY or OTHER_PROCESS (then it is not spent).
        """
        # A fork has copied it; its twin may be spent over there.
        if self._process != getpid():
            raise RandomiserError(Reason.OTHER_PROCESS, "the randomiser is another process's")
        if n != self._n:
            raise RandomiserError(Reason.OTHER_KEY, "the randomiser is another key's")
        try:
            return self._value.pop()
        except IndexError:
            raise RandomiserError(
                Reason.RANDOMISER_SPENT, "the randomiser was used before"
            ) from None

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied: a copy could be spent again."""
        raise TypeError("a randomiser is not copied")


class RandomiserStock:
    """Up to `capacity` randomisers of one key, safe to fill and take from several threads.

    Args:
        n: the key's modulus, checked.
        capacity: how many it holds at most.
        life: how many it takes in its life.
    """

    def __init__(self, n: int, capacity: int = 4096, life: int = MAX_LIFE) -> None:
        self._n, self._square = n, n * n
        self._capacity, self._life = capacity, life
        self._lock = Lock()
        self._waiting: list[Randomiser] = []
        self._seen: set[bytes] = set()

    def __len__(self) -> int:
        """How many are left."""
        return len(self._waiting)

    @property
    def wanted(self) -> int:
        """How many fit in now."""
        left = self._life - len(self._seen)
        return max(0, min(self._capacity - len(self._waiting), left))

    def fill(self, values: Iterable[Randomiser | int]) -> None:
        """Put in randomisers, or the values of some that came from a process of one's own.

        Where one is refused, those before it are in.

        Raises:
            RandomiserError: STOCK_FULL, STOCK_WORN (start a new one), OTHER_KEY, or
                RANDOMISER_SPENT where a value was in this stock before.
            CiphertextError: a value is no unit modulo n^2.
        """
        for value in values:
            number = value.spend(self._n) if isinstance(value, Randomiser) else value
            self._add(require_ciphertext(int(number), self._n, self._square))

    def take(self) -> Randomiser:
        """One that nobody else gets.

        Raises:
            RandomiserError: STOCK_EMPTY; its `spend` refuses where the stock was forked.
        """
        with self._lock:
            if not self._waiting:
                raise RandomiserError(Reason.STOCK_EMPTY, "no randomiser is left")
            return self._waiting.pop()

    def _add(self, number: gmpy2.mpz) -> None:
        mark = blake2b(gmpy2.to_binary(number), digest_size=8).digest()
        with self._lock:
            if len(self._waiting) >= self._capacity:
                raise RandomiserError(Reason.STOCK_FULL, "the stock is full")
            if len(self._seen) >= self._life:
                raise RandomiserError(Reason.STOCK_WORN, "the stock is at the end of its life")
            if mark in self._seen:
                raise RandomiserError(Reason.RANDOMISER_SPENT, "the randomiser was used before")
            self._seen.add(mark)
            self._waiting.append(Randomiser(self._n, number))

    def __reduce__(self) -> NoReturn:
        """Refuse to be copied: each copy would give out the same randomisers."""
        raise TypeError("a stock of randomisers is not copied")
