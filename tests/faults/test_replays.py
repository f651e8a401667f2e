"""Ten thousand calls with replayed and altered request ids, in any order: one effect each.

An id belongs to one institution and to one body. Whichever body comes first has it: that body is
answered as often as it comes and counted once, every other body is refused, before and after a
restart; and the same id of another institution is another id.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, defaultdict
from pathlib import Path
from typing import Final
from uuid import uuid4

import grpc
import grpc.aio

from clients.cli.local.demo_data.dataset import Applicant, synthetic_subject
from clients.cli.local.home import LENDER_A, LENDER_B
from clients.sdk import VeilgateError
from clients.sdk.identity.channel import open_async_channel
from support.live_gateway import LiveGateway, serve_home, start_gateway
from support.members import Member, record_request
from veilgate.v1 import exchange_pb2, exchange_pb2_grpc

PEOPLE: Final = 500
IDS_OF_EACH: Final = 5
IN_FLIGHT: Final = 64
AFTER_RESTART: Final = 400
NO_LIMIT: Final = 1_000_000

Body = tuple[str, str, exchange_pb2.GetRecordRequest]
"""Institution, which of the bodies, request."""
Ends = dict[str, dict[str, Counter[str]]]
"""By "institution|request id" and body, how its calls ended."""


def _bodies(people: dict[str, Applicant]) -> list[Body]:
    """Four calls for each id: a body, the same again, an altered one, and another lender's."""
    found: list[Body] = []
    for applicant in people.values():
        for _ in range(IDS_OF_EACH):
            request_id = str(uuid4())
            request = record_request(applicant, request_id)
            altered = record_request(applicant, request_id, fields=["housing"])
            found += [(LENDER_A, "plain", request), (LENDER_A, "plain", request)]
            found += [(LENDER_A, "altered", altered), (LENDER_B, "plain", request)]
    return found


async def _send_all(gateway: LiveGateway, bodies: list[Body]) -> Ends:
    ends: Ends = defaultdict(lambda: defaultdict(Counter))
    channels = {name: open_async_channel(gateway.profile(name)) for name in (LENDER_A, LENDER_B)}
    stubs = {
        name: exchange_pb2_grpc.ExchangeServiceStub(channel) for name, channel in channels.items()
    }
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def send(institution: str, which: str, request: exchange_pb2.GetRecordRequest) -> None:
        async with slots:
            try:
                answer = await stubs[institution].GetRecord(request, timeout=60)
                end = "repeat" if answer.repeat else "released"
            except grpc.aio.AioRpcError as error:
                end = VeilgateError.from_rpc(error, "").reason
        ends[f"{institution}|{request.request_id}"][which][end] += 1

    await asyncio.gather(*(send(*body) for body in bodies))
    for channel in channels.values():
        await channel.close()
    return ends


def _check(ends: Ends, first_effect: int) -> None:
    """Each id has one body that is answered, with so many first effects, and no other."""
    for key, by_body in ends.items():
        if key.startswith(LENDER_B):
            assert set(by_body["plain"]) == {"CONSENT_ABSENT"}
            continue
        answered = [name for name, some in by_body.items() if "REQUEST_ID_REUSED" not in some]
        assert len(answered) == 1, (key, by_body)
        (name,) = answered
        assert set(by_body[name]) <= {"released", "repeat"}
        assert by_body[name]["released"] == first_effect
        assert all(
            set(some) == {"REQUEST_ID_REUSED"} for body, some in by_body.items() if body != name
        )


async def test_each_of_ten_thousand_ids_has_one_effect(tmp_path: Path) -> None:
    gateway = start_gateway(tmp_path / "home", calls_per_second=NO_LIMIT)
    try:
        with Member(gateway, LENDER_A) as lender:
            # A gateway of its own: nobody else asks about these.
            applicants = [synthetic_subject(number) for number in range(1, PEOPLE + 1)]
            people = {lender.grant(one).consent_id: one for one in applicants}
        bodies = _bodies(people)
        assert len(bodies) == 10_000
        random.Random(20261122).shuffle(bodies)
        _check(await _send_all(gateway, bodies), first_effect=1)
        with Member(gateway, LENDER_A) as lender:
            uses = [lender.client.get_consent(one).uses for one in people]
        assert uses == [IDS_OF_EACH] * PEOPLE
    finally:
        gateway.stop()
    again = serve_home(gateway.home, calls_per_second=NO_LIMIT)
    try:
        ids = {body[2].request_id for body in bodies[:AFTER_RESTART]}
        replays = [body for body in bodies if body[2].request_id in ids]
        _check(await _send_all(again, replays), first_effect=0)
        with Member(again, LENDER_A) as lender:
            assert [lender.client.get_consent(one).uses for one in people] == uses
    finally:
        again.stop()
