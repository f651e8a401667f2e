"""Randomisers made ahead of time, each used once.

Owns a stock of encryptions of zero under one key, filled on demand or by a thread behind the
scenes; from it an encryption is one short sum. Refuses to hand out a randomiser twice: two
ciphertexts under one show the difference of their numbers. So a forked process starts empty, and
nothing here is ever written anywhere. When the stock is out, encryption goes on at its own pace.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from gateway.crypto.elgamal.ciphertext import Ciphertext
from gateway.crypto.elgamal.public_key import PublicKey, with_plaintext

_BATCH = 64


class RandomiserStock:
    """Encryptions of zero under one key; as a context manager it keeps itself full."""

    def __init__(self, key: PublicKey, capacity: int = 100_000) -> None:
        self._key = key
        self._capacity = capacity
        self._zeros: deque[Ciphertext] = deque()
        self._owner = os.getpid()
        self._changed = threading.Condition()
        self._closing = False
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        """Randomisers in stock."""
        return len(self._zeros)

    def prepare(self, count: int) -> None:
        """Add `count` randomisers now, whatever the capacity."""
        fresh = list(self._key.randomisers(count))
        self._forget_after_fork()
        with self._changed:
            self._zeros.extend(fresh)
            self._changed.notify_all()

    def encrypt_many(self, numbers: Sequence[int]) -> list[Ciphertext]:
        """Encrypt numbers, from the stock while it lasts.

        Raises:
            ElGamalError: a number is not in (-ORDER, ORDER).
        """
        zeros = self._take(len(numbers))
        zeros += self._key.randomisers(len(numbers) - len(zeros))
        return [with_plaintext(zero, m) for zero, m in zip(zeros, numbers, strict=True)]

    def wait_until_full(self, timeout_s: float) -> bool:
        """Wait for the thread to fill the stock; whether it is full."""
        with self._changed:
            return self._changed.wait_for(lambda: len(self) >= self._capacity, timeout_s)

    def __enter__(self) -> Self:
        """Start to keep the stock full."""
        self._closing = False
        self._thread = threading.Thread(target=self._keep_full, name="randomisers", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the thread; what is in stock stays."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _take(self, count: int) -> list[Ciphertext]:
        self._forget_after_fork()
        with self._changed:
            taken = [self._zeros.popleft() for _ in range(min(count, len(self._zeros)))]
            self._changed.notify_all()
        return taken

    def _forget_after_fork(self) -> None:
        if os.getpid() != self._owner:
            # The parent's thread may have held the lock as it was copied, so that is new as well.
            self._changed, self._zeros = threading.Condition(), deque()
            self._owner = os.getpid()

    def _keep_full(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closing or len(self) < self._capacity)
                if self._closing:
                    return
                missing = self._capacity - len(self)
            self.prepare(min(_BATCH, missing))
