"""The combiner's process: points and residues, off the event loop.

Owns answering one piece of work after the other. Refuses to let an exception cross over: what is
not valid is a word, anything else ends the process, which is started again.
"""

from __future__ import annotations

import socket
from typing import Final

from gateway.adapters.aggregates.combiner_messages import (
    Answer,
    CheckCiphertexts,
    CheckKey,
    Combine,
    Prove,
    Work,
)
from gateway.adapters.aggregates.schemes import Total, adder, check_key, split
from gateway.adapters.processes.batch_server import BatchServer
from gateway.adapters.processes.sibling_process import child_main
from gateway.crypto.errors import CryptoError

_REFUSED: Final = Answer(refused=True)


def answer(work: Work) -> Answer:
    """Do one piece of work."""
    try:
        match work:
            case CheckKey(key, context):
                check_key(key, context)
                return Answer()
            case CheckCiphertexts(scheme, ciphertexts):
                under = adder(scheme.name, scheme.key)
                under.check(split(ciphertexts, under.size))
                return Answer()
            case Combine(scheme, parts):
                under = adder(scheme.name, scheme.key)
                columns = list(zip(*(split(one, under.size) for one in parts), strict=True))
                total = under.total(columns)
                return Answer(total.products, total.released, total.randomisers)
            case Prove(scheme, context, products, released, randomisers):
                total = Total(products, released, randomisers)
                return Answer(proof=adder(scheme.name, scheme.key).prove(context, total))
    except CryptoError:
        return _REFUSED


def run(
    sockets: list[socket.socket],
    argument: str,  # noqa: ARG001 - the form that all siblings have
) -> tuple[dict[str, int], object]:
    """Say ready, and serve."""
    server: BatchServer[Work, Answer] = BatchServer(
        sockets, Work, lambda batch: [answer(one) for one in batch]
    )
    return {}, server.serve


if __name__ == "__main__":
    child_main(run)
