"""An institution at a live gateway, as the end-to-end tests use one.

Owns the short forms of the SDK's calls: every call goes over the wire with the institution's own
certificate. Refuses to hide anything: what the SDK raises comes through.
"""

from __future__ import annotations

from contextlib import ExitStack
from itertools import count
from types import TracebackType
from typing import Any, Self

import grpc

from clients.cli.local.demo_data.dataset import Applicant, synthetic_subject
from clients.sdk.identity.channel import open_channel
from clients.sdk.models.common import ConsentReceipt, Explanation, Record
from support.live_gateway import DATASET, UNDERWRITING, LiveGateway, underwriting_consent
from veilgate.v1 import exchange_pb2, subject_pb2

_FRESH = count(101)


def fresh_applicant() -> Applicant:
    """An applicant of whom no test of this process has used another consent; CN and US in turn."""
    return synthetic_subject(next(_FRESH))


class Member:
    """One institution with a connection of its own; use it in a ``with``."""

    def __init__(self, gateway: LiveGateway, name: str) -> None:
        self.profile = gateway.profile(name)
        self.client = gateway.client(name)
        self.channel: grpc.Channel = open_channel(self.profile)
        """For requests that the SDK would not send."""
        self._open = ExitStack()
        self._open.callback(self.channel.close)
        self._open.enter_context(self.client)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def grant(self, applicant: Applicant, **changes: Any) -> ConsentReceipt:
        """Grant ``underwriting_consent`` with these changes to its terms."""
        return self.client.grant_consent(underwriting_consent(self.profile, applicant, **changes))

    def get(self, applicant: Applicant, purpose: str = UNDERWRITING, **options: Any) -> Record:
        """GetRecord of the demo's dataset."""
        return self.client.get_record(
            applicant.identity_type, applicant.identity_number, purpose, DATASET, **options
        )

    def explain(
        self, applicant: Applicant, purpose: str = UNDERWRITING, **options: Any
    ) -> Explanation:
        """ExplainAccess of the demo's dataset."""
        return self.client.explain_access(
            applicant.identity_type, applicant.identity_number, purpose, DATASET, **options
        )


def record_request(
    applicant: Applicant, request_id: str, purpose: str = UNDERWRITING, **more: Any
) -> exchange_pb2.GetRecordRequest:
    """The message behind ``Member.get``, for tests that need its bytes."""
    return exchange_pb2.GetRecordRequest(
        request_id=request_id,
        subject=subject_pb2.SubjectIdentifier(
            type=subject_pb2.IdentifierType.Value(f"IDENTIFIER_TYPE_{applicant.identity_type}"),
            value=applicant.identity_number,
        ),
        dataset=DATASET,
        purpose=purpose,
        **more,
    )
