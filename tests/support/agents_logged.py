"""A result with its entry in a log, as its gateway would show it, or with something else there."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import msgspec

from clients.agent.orders import ResultOrder
from gateway.crypto.merkle import leaf_hash
from gateway.crypto.merkle_proof import prove_inclusion
from gateway.crypto.note_key import NoteSigner
from gateway.domain.aggregate.statements import Result
from support.crypto_log import SIGNER, export_log, reference_nodes


def content_of(order: ResultOrder) -> Result:
    return msgspec.json.decode(order.result.payload, type=Result)


def entry_of(order: ResultOrder, **changes: Any) -> bytes:
    """The entry of a result's release, written out here as the committer writes it."""
    content = content_of(order)
    says = {
        "v": 1,
        "kind": "AGGREGATE_RELEASED",
        "round": content.round,
        "request": content.question,
        "roster": content.roster,
        "contributions": content.contributions,
        "result": content.digest,
        "institution": "fund-x",
        **changes,
    }
    return json.dumps(says).encode()


def shown_in(
    order: ResultOrder, entries: list[bytes], at: int, signer: NoteSigner = SIGNER
) -> ResultOrder:
    """The order with the entry at a place of a log."""
    nodes = reference_nodes([leaf_hash(one) for one in entries])
    return replace(
        order,
        event=entries[at],
        checkpoint=export_log(entries, signer).checkpoint,
        inclusion=prove_inclusion(at, len(entries), lambda level, index: nodes[level, index]),
    )


def logged(order: ResultOrder, signer: NoteSigner = SIGNER, **changes: Any) -> ResultOrder:
    """The order with its release at index 1 of a log of three; ``changes`` are of the entry."""
    entries = [b'{"kind":"A"}', entry_of(order, **changes), b'{"kind":"B"}']
    return shown_in(order, entries, 1, signer)
