"""Two long byte strings in memory that worker processes share.

Owns the shared memory, which is gone when the owner is done. Refuses nothing: what lies in it is
the ciphertexts' points of one job, which its sender knows anyway.
"""

from __future__ import annotations

from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Self


class SharedPair:
    """The owner's side, as a context manager."""

    def __init__(self, halves: tuple[bytes, bytes]) -> None:
        self._halves = halves
        self._memories: list[SharedMemory] = []

    @property
    def names(self) -> tuple[str, str]:
        """What another process attaches to."""
        first, second = self._memories
        return first.name, second.name

    def __enter__(self) -> Self:
        """Copy both into shared memory."""
        for half in self._halves:
            memory = SharedMemory(create=True, size=max(len(half), 1))
            self._memories.append(memory)
            _view(memory)[: len(half)] = half
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the memory back."""
        for memory in self._memories:
            memory.close()
            memory.unlink()
        self._memories.clear()


class SharedPairView:
    """The other side: the bytes themselves, or the names of the memories that they are in."""

    def __init__(self, halves: tuple[bytes, bytes] | tuple[str, str]) -> None:
        self._memories = [SharedMemory(half) for half in halves if isinstance(half, str)]
        self._halves = [half for half in halves if isinstance(half, bytes)]

    def halves(self) -> list[bytes] | list[memoryview]:
        """Both, for as long as a task lasts; memory may be longer than what was put in."""
        return [_view(memory) for memory in self._memories] if self._memories else self._halves


def _view(memory: SharedMemory) -> memoryview:
    if memory.buf is None:
        raise ValueError("the memory was given back")
    return memory.buf
