"""Statements under another institution's connection: over gRPC, at a gateway process.

The certificate of the connection decides who calls, and the statement's own who signed. Everything
that is sent here is genuine, and was made by somebody else or for something else.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import msgspec
import pytest

from gateway.application.ports.aggregates import Signed
from gateway.domain.reasons import ErrorReason
from support.aggregate_live import (
    ASKER,
    Asking,
    HomeAgent,
    Serving,
    agents_of,
    read,
    serving,
    stub_of,
    written,
)
from support.live_gateway import LiveGateway, running_gateway
from support.refusals import read_refusal
from veilgate.v1 import aggregate_pb2 as pb

R = ErrorReason
THIEF = "lender-c"


@dataclass
class Held:
    """A round of four members that waits for lender-b, and everything that was said in it."""

    asking: Asking
    question: Signed
    late: Serving
    roster: pb.RosterOrder
    released: Any

    @property
    def id(self) -> str:
        """The round's."""
        return str(msgspec.json.decode(self.question.payload)["id"])

    def parts(self) -> list[pb.ContributePart]:
        """The contribution that lender-b owes."""
        return list(self.late._parts(self.roster))


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveGateway]:
    folder: Path = tmp_path_factory.mktemp("wire") / "home"
    waits = {"aggregate_ready_timeout_ms": 60_000, "aggregate_contribution_timeout_ms": 60_000}
    with running_gateway(folder, **waits) as running:
        yield running


@contextmanager
def held_round(gateway: LiveGateway) -> Iterator[Held]:
    """All are ready, three contribute."""
    agents = agents_of(gateway, 9)
    late = agents[2]
    late.contributes = False
    with (
        stub_of(gateway, ASKER, "keyholder") as stub,
        serving(*agents),
        ThreadPoolExecutor(1) as beside,
    ):
        asking = Asking(stub, gateway)
        question = asking.question()
        released = beside.submit(asking.ask, question)
        yield Held(asking, question, late, _roster(late), released)


def _roster(late: Serving) -> pb.RosterOrder:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for one in late.orders:
            if one.HasField("roster"):
                return one.roster
        time.sleep(0.02)
    raise TimeoutError("there is no roster")


def _whole(call: Any, given: Any) -> None:
    """Make a call to its end, be its answer a stream or not."""
    answer = call(given, timeout=20)
    if hasattr(answer, "cancel"):
        deque(answer, maxlen=0)


def refused(call: Any, given: Any) -> ErrorReason:
    """Why a call is refused."""
    with pytest.raises(grpc.RpcError) as caught:
        _whole(call, given)
    return ErrorReason(read_refusal(caught.value).reason)


def test_what_another_said_is_not_taken_from_whoever_sends_it(gateway: LiveGateway) -> None:
    with (
        held_round(gateway) as held,
        stub_of(gateway, THIEF, "agent") as thief,
        stub_of(gateway, THIEF, "keyholder") as asker,
        stub_of(gateway, "lender-b", "agent") as member,
    ):
        # A member with another member's statements.
        theirs = pb.SendReadyRequest(ready=written(held.late.agent.ready(held.question)))
        assert refused(thief.SendReady, theirs) is R.STATEMENT_REFUSED
        assert refused(thief.Contribute, iter(held.parts())) is R.STATEMENT_REFUSED
        # Its own statements, genuine, each the second of its kind.
        own = HomeAgent(THIEF, held.late.agent.values, folder=_folder(gateway, THIEF))
        ready = pb.SendReadyRequest(ready=written(own.ready(held.question)))
        assert refused(thief.SendReady, ready) is R.ROUND_MESSAGE_REFUSED
        said = own.contribution(read(held.roster.roster), b"x" * 66 * 9)
        second = pb.ContributePart(contribution=written(said), ciphertexts=b"x" * 66 * 9)
        assert refused(thief.Contribute, iter([second])) is R.ROUND_MESSAGE_REFUSED
        # The asker's signed question, of which it would get the result.
        again = pb.AskRequest(question=written(held.question))
        assert refused(asker.Ask, again) is R.STATEMENT_REFUSED
        fetch = pb.GetContributionsRequest(round=held.id)
        assert refused(member.GetContributions, fetch) is R.ROUND_NOT_FOUND
        # Nobody is the worse for it.
        member.Contribute(iter(held.parts()))
        updates = held.released.result(timeout=30)
        ciphertexts = b"".join(one.ciphertexts for one in updates)
        opened = held.asking.asker.read(ciphertexts, 1 << 20)
        assert opened == [4 * value for value in range(9)]
        assert list(member.GetContributions(fetch, timeout=20))


def test_an_institution_s_other_certificates_are_not_its_agent(gateway: LiveGateway) -> None:
    """A month's certificate of a lender's online system: it neither declines nor listens."""
    with (
        held_round(gateway) as held,
        stub_of(gateway, "lender-b", "") as other,
        stub_of(gateway, "lender-b", "agent") as member,
    ):
        ready = pb.SendReadyRequest(ready=written(held.late.agent.ready(held.question)))
        for call, given in (
            (other.Orders, pb.OrdersRequest()),
            (other.SendReady, ready),
            (other.Decline, pb.DeclineRequest(round=held.id)),
            (other.Contribute, iter(held.parts())),
            (other.GetContributions, pb.GetContributionsRequest(round=held.id)),
        ):
            assert refused(call, given) is R.AGGREGATE_NOT_PERMITTED
        member.Contribute(iter(held.parts()))
        assert held.released.result(timeout=30)[-1]


def test_a_contribution_to_one_round_is_none_to_the_next(gateway: LiveGateway) -> None:
    """Sent again by whoever relayed it, with the next round's number of ciphertexts."""
    with held_round(gateway) as first, stub_of(gateway, "lender-b", "agent") as member:
        replayed = first.parts()
        member.Contribute(iter(replayed))
        first.released.result(timeout=30)
    with held_round(gateway) as second, stub_of(gateway, "lender-b", "agent") as member:
        # Of the round that is over it is the same again, and changes nothing in this one.
        member.Contribute(iter(replayed))
        assert not second.released.done()
        genuine = second.parts()
        mixed = [genuine[0], *replayed[1:]]
        mixed[0] = pb.ContributePart(
            contribution=genuine[0].contribution, ciphertexts=replayed[0].ciphertexts
        )
        assert refused(member.Contribute, iter(mixed)) is R.CIPHERTEXT_REFUSED
        member.Contribute(iter(genuine))
        updates = second.released.result(timeout=30)
    ciphertexts = b"".join(one.ciphertexts for one in updates)
    opened = second.asking.asker.read(ciphertexts, 1 << 20)
    assert opened == [4 * value for value in range(9)]


def _folder(gateway: LiveGateway, institution: str) -> Path:
    return gateway.home.agent(institution).parent
