"""The load: one client process, closed loop or paced, over mutual TLS; prints its figures as JSON.

The first line of standard input says as JSON where, with which certificate, how many calls in
flight or a second, for how long, and which requests; the second line is the start. Latencies are
in seconds.
"""

import asyncio
import json
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import grpc
import uvloop

Plan = dict[str, Any]


def _channel(plan: Plan) -> grpc.aio.Channel:
    credentials = grpc.ssl_channel_credentials(
        Path(plan["ca"]).read_bytes(),
        Path(plan["key"]).read_bytes(),
        Path(plan["certificate"]).read_bytes(),
    )
    # A connection of its own for each process: channels of one process share one otherwise.
    options = [("grpc.use_local_subchannel_pool", 1)]
    return grpc.aio.secure_channel(plan["address"], credentials, options)


def _requests(plan: Plan) -> Any:
    """Yield request bytes for ever; each GetRecord gets a request id of its own."""
    bodies = [bytes.fromhex(body) for body in plan["bodies"]]
    at = plan["first"]
    while True:
        body = bodies[at % len(bodies)]
        at += 1
        if plan["request_ids"]:
            # Field 1, length-delimited, 36 bytes: the id goes in front of the rest of the message.
            body = b"\x0a\x24" + str(uuid.uuid4()).encode() + body
        yield body


async def _saturate(call: Any, requests: Any, plan: Plan) -> list[float]:
    latencies: list[float] = []
    end = time.perf_counter() + plan["seconds"]

    async def client() -> None:
        while (begun := time.perf_counter()) < end:
            await call(next(requests), timeout=30)
            latencies.append(time.perf_counter() - begun)

    await asyncio.gather(*(client() for _ in range(plan["in_flight"])))
    return latencies


async def _pace(call: Any, requests: Any, plan: Plan) -> list[float]:
    """Start calls at a fixed rate whatever comes back, and time from when each was due."""
    latencies: list[float] = []
    tasks: set[asyncio.Task[None]] = set()
    start = time.perf_counter()
    total = int(plan["rate"] * plan["seconds"])

    async def one(due: float) -> None:
        await call(next(requests), timeout=30)
        latencies.append(time.perf_counter() - due)

    sent = 0
    while sent < total:
        due_count = min(total, int((time.perf_counter() - start) * plan["rate"]) + 1)
        while sent < due_count:
            task = asyncio.ensure_future(one(start + sent / plan["rate"]))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            sent += 1
        await asyncio.sleep(0.0005)
    await asyncio.gather(*tasks)
    return latencies


async def main(plan: Plan) -> None:
    """Warm up, wait for the start signal on standard input, run, print."""
    async with _channel(plan) as channel:
        call: Any = channel.unary_unary(plan["method"])
        requests = _requests(plan)
        for _ in range(20):
            await call(next(requests), timeout=30)
        print("ready", flush=True)
        sys.stdin.readline()
        begun = time.perf_counter()
        latencies = await (_pace if plan.get("rate") else _saturate)(call, requests, plan)
        seconds = time.perf_counter() - begun
    print(json.dumps({"calls": len(latencies), "seconds": seconds, "latencies": latencies}))


if __name__ == "__main__":
    uvloop.run(main(json.loads(sys.stdin.readline())))
