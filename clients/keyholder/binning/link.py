"""A lender's stream of a binning over gRPC.

Owns the stream and its end. Refuses to wait longer than a job lives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc

from clients.sdk.errors import VeilgateError
from clients.sdk.identity.channel import open_channel
from clients.sdk.identity.profile import ClientProfile
from veilgate.v1 import aggregate_pb2 as pb
from veilgate.v1.aggregate_pb2_grpc import AggregateServiceStub

Talk = Callable[[Iterator[pb.BinRequest]], Iterator[pb.BinUpdate]]


def talk_over(profile: ClientProfile, life_s: float) -> Talk:
    """Return what opens the stream, for ``life_s`` seconds at most, over a connection of its own.

    The stream raises ``VeilgateError`` where it is refused or breaks.
    """

    def talk(requests: Iterator[pb.BinRequest]) -> Iterator[pb.BinUpdate]:
        with open_channel(profile) as channel:
            updates = AggregateServiceStub(channel).Bin(requests, timeout=life_s)
            try:
                yield from updates
            except grpc.RpcError as error:
                raise VeilgateError.from_rpc(error) from error
            finally:
                updates.cancel()

    return talk
