"""What the tests of hostile values do: keep rounds waiting, flood them, ask beside, read the log.

Owns no rule: tests say what must come of it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import grpc
import msgspec
import pytest

from gateway.application.ports.aggregates import Signed
from gateway.domain.aggregate.packing_plan import Layout, layout_of
from gateway.domain.aggregate.plan import require_plan
from gateway.domain.aggregate.question import AskerKey, CohortQuestion, read_question
from support.aggregate_live import ASKER, CONTRIBUTORS, Asking, stub_of, written
from support.faults_serving import events
from support.hostile_rounds import Held, Holding, held, masked, packed
from support.hostile_values import Hostile
from support.live_gateway import LiveGateway
from support.refusals import read_refusal
from veilgate.v1 import aggregate_pb2 as pb

VALUES = 9
"""Three cells of counter, people and a sum."""
MOST = 100
"""Bounds the sums of the honest rounds."""


def layout(asking: Asking, question: Signed) -> Layout:
    asked = read_question(question.payload)
    assert isinstance(asked, CohortQuestion)
    return layout_of(require_plan(asked, asking.contract), asked.key, len(CONTRIBUTORS))


def asked(asking: Asking, question: Signed) -> bytes:
    """What the asker gets, however long it takes."""
    request = pb.AskRequest(question=written(question))
    return b"".join(one.ciphertexts for one in asking.stub.Ask(request, timeout=900))


@contextmanager
def waiting(
    asking: Asking, question: Signed, agents: list[Holding], *who: int
) -> Iterator[tuple[Future[bytes], list[Held]]]:
    """A round that waits for some of its members; the result is there when they have sent."""
    waited = [agents[at] for at in who]
    for one in waited:
        one.hold(question)
    shape = layout(asking, question)

    def good(one: Holding) -> bytes:
        if shape.scheme == "elgamal":
            return masked(one, question)
        return packed(list(one.agent.values), shape)

    call = asking.stub.Ask(pb.AskRequest(question=written(question)), timeout=900)
    with ThreadPoolExecutor(1) as pool, ExitStack() as places:
        # A test that fails within does not wait for an answer that never comes.
        places.callback(call.cancel)
        result = pool.submit(lambda: b"".join(one.ciphertexts for one in call))
        yield result, [places.enter_context(held(one, question, good)) for one in waited]


def flood(place: Held, hostile: Iterator[Hostile], seed: int) -> Counter[str]:
    """Send each value in the place of one that is good; return the reasons for the refusals."""
    drawn, size = random.Random(seed), len(place.good) // place.due
    found: Counter[str] = Counter()
    for one in hostile:
        at = size * drawn.randrange(place.due)
        found[place.refusal(place.good[:at] + one.content + place.good[at + size :])] += 1
    return found


def refused_key(stub: Any, key: AskerKey) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        stub.RegisterKey(pb.RegisterKeyRequest(key=msgspec.json.encode(key)), timeout=30)
    return read_refusal(caught.value).reason


def recorded(gateway: LiveGateway, since: int) -> Counter[tuple[str, str]]:
    """Who was denied for what, by the log."""
    found = (one for one in events(gateway, since) if one["kind"] == "AGGREGATE_DENIED")
    return Counter((str(one["institution"]), _only(one["reasons"])) for one in found)


def _only(reasons: object) -> str:
    assert isinstance(reasons, list)
    (reason,) = reasons
    return str(reason)


def honest_rounds(gateway: LiveGateway, flooding: list[Future[Counter[str]]], most: int) -> int:
    """Ask over the same members as long as the flood goes on; each answer must be right."""
    done = 0
    with stub_of(gateway, ASKER, "keyholder") as stub:
        asking = Asking(stub, gateway)
        while done < most and (not done or not all(one.done() for one in flooding)):
            sums = asking.asker.read(asked(asking, asking.question()), MOST)
            assert sums == [len(CONTRIBUTORS) * value for value in range(VALUES)]
            done += 1
    return done
