"""DeidentifyService, the methods that open tokens: decode, call the use case, encode."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

from gateway.application.ports.reidentification import Request
from gateway.application.reidentify import Reidentify
from gateway.servicers.binding import Call
from gateway.servicers.decode import InvalidField, dotted_name, uuid
from gateway.servicers.paging import next_token, page
from veilgate.v1 import deid_pb2 as pb

MAX_TOKENS: Final = 100
MAX_TOKEN_CHARACTERS: Final = 4096
MAX_JUSTIFICATION: Final = 500
MAX_PAGE: Final = 100
DIGEST_BYTES: Final = 32


class ReidentificationServicer:
    """Requests, approvals, and the opening of tokens."""

    def __init__(self, reidentify: Reidentify, clock: Callable[[], float] = time.time) -> None:
        """Take the use cases, and a clock of Unix seconds for the states in a list."""
        self._reidentify = reidentify
        self._clock = clock

    async def request(
        self, call: Call[pb.RequestReidentificationRequest]
    ) -> pb.RequestReidentificationResponse:
        """Answer RequestReidentification."""
        request = call.request
        if not 0 < len(request.justification) <= MAX_JUSTIFICATION:
            raise InvalidField("justification", f"must be 1 to {MAX_JUSTIFICATION} characters")
        asked = await self._reidentify.request(
            call.principal,
            uuid(request.request_id, "request_id"),
            dotted_name(request.purpose, "purpose"),
            _tokens(request.tokens),
            request.justification,
        )
        return pb.RequestReidentificationResponse(
            request_id=request.request_id,
            event_id=asked.recorded.event_id,
            log_index=asked.recorded.log_index,
            expires_at=asked.expires_at,
            rule=asked.rule,
        )

    async def approve(
        self, call: Call[pb.ApproveReidentificationRequest]
    ) -> pb.ApproveReidentificationResponse:
        """Answer ApproveReidentification."""
        if len(call.request.digest) != DIGEST_BYTES:
            raise InvalidField("digest", f"must be {DIGEST_BYTES} bytes")
        request_id = uuid(call.request.request_id, "request_id")
        recorded = await self._reidentify.approve(call.principal, request_id, call.request.digest)
        return pb.ApproveReidentificationResponse(
            event_id=recorded.event_id, log_index=recorded.log_index, repeat=recorded.repeat
        )

    async def list(
        self, call: Call[pb.ListReidentificationsRequest]
    ) -> pb.ListReidentificationsResponse:
        """Answer ListReidentifications."""
        if not 0 <= call.request.page_size <= MAX_PAGE:
            raise InvalidField("page_size", f"must be at most {MAX_PAGE}")
        wanted = page(call.request.page_size or MAX_PAGE // 2, call.request.page_token)
        before = _place(wanted.after) if wanted.after else None
        found = await self._reidentify.page(call.principal, before, wanted.limit)
        last = found[-1] if len(found) == wanted.limit else None
        return pb.ListReidentificationsResponse(
            reidentifications=[self._message(one) for one in found],
            next_page_token=next_token(f"{last.requested_at}:{last.id}" if last else ""),
        )

    async def reidentify(self, call: Call[pb.ReidentifyRequest]) -> pb.ReidentifyResponse:
        """Answer Reidentify."""
        tokens = _tokens(call.request.tokens)
        opened = await self._reidentify.open(
            call.principal,
            uuid(call.request.request_id, "request_id"),
            dotted_name(call.request.purpose, "purpose"),
            tokens,
        )
        return pb.ReidentifyResponse(
            values=[
                pb.RevealedValue(token=token, type=one.type, value=one.value)
                for token, one in zip(tokens, opened.values, strict=True)
            ],
            event_id=opened.recorded.event_id,
            log_index=opened.recorded.log_index,
        )

    def _message(self, one: Request) -> pb.Reidentification:
        state = f"REIDENTIFICATION_STATE_{one.state(self._clock()).value}"
        return pb.Reidentification(
            request_id=one.id,
            requester=one.requester,
            purpose=one.purpose,
            tokens=one.tokens,
            justification=one.justification,
            digest=one.digest,
            rule=one.rule,
            state=pb.ReidentificationState.Value(state),
            requested_at=one.requested_at,
            expires_at=one.expires_at,
            approver=one.approver,
        )


def _tokens(tokens: Sequence[str]) -> tuple[str, ...]:
    if not 0 < len(tokens) <= MAX_TOKENS:
        raise InvalidField("tokens", f"must have 1 to {MAX_TOKENS} entries")
    for at, token in enumerate(tokens):
        if not 0 < len(token) <= MAX_TOKEN_CHARACTERS:
            raise InvalidField(f"tokens[{at}]", f"must be 1 to {MAX_TOKEN_CHARACTERS} characters")
    if len(set(tokens)) != len(tokens):
        raise InvalidField("tokens", "must not name anything twice")
    return tuple(tokens)


def _place(after: str) -> tuple[int, str]:
    at, _, request_id = after.partition(":")
    if not at.isdecimal():
        raise InvalidField("page_token", "must be a token of this list, with the same filters")
    return int(at), request_id
