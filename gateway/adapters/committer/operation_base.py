"""What every operation of the committer is built on; the operations are in ``messages``."""

import msgspec


class Operation(msgspec.Struct, frozen=True, array_like=True):
    """The base of all: one atomic step. ``event`` is a JSON object without its time."""

    event: bytes
    subject_id: bytes


class Rare(Operation, frozen=True):
    """The base of the operations that read and write rows of their own: see ``rare``."""
