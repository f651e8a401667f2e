"""The methods on free text, and those that have tokens opened again.

Owns their requests. A stream of texts is answered in its order; a text that is refused has its
refusal in its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from uuid import uuid4

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Listing, Page, Rpc, Stream
from clients.sdk.calls.method import Method, Pages, Streamed
from clients.sdk.codecs.deid import (
    decode_analyze_result,
    decode_approved,
    decode_asked,
    decode_deidentified,
    decode_deidentify_result,
    decode_findings,
    decode_reidentification,
    decode_revealed,
    encode_analyze,
    encode_deidentify,
)
from clients.sdk.models.deid import (
    Approved,
    Deidentified,
    KnownValue,
    PiiFinding,
    Reidentification,
    ReidentificationAsked,
    Revealed,
    TextRefused,
)
from veilgate.v1 import deid_pb2 as pb

_SERVICE: Final = "/veilgate.v1.DeidentifyService/"
ANALYZE: Final = Rpc(f"{_SERVICE}Analyze", pb.AnalyzeResponse, safe=True)
DEIDENTIFY: Final = Rpc(f"{_SERVICE}Deidentify", pb.DeidentifyResponse, safe=True)
ANALYZE_MANY: Final = Rpc(f"{_SERVICE}AnalyzeMany", pb.AnalyzeResult, safe=False)
DEIDENTIFY_MANY: Final = Rpc(f"{_SERVICE}DeidentifyMany", pb.DeidentifyResult, safe=False)
# The request id makes it safe: the same request is stored once.
REQUEST: Final = Rpc(
    f"{_SERVICE}RequestReidentification", pb.RequestReidentificationResponse, safe=True
)
APPROVE: Final = Rpc(
    f"{_SERVICE}ApproveReidentification", pb.ApproveReidentificationResponse, safe=True
)
LIST: Final = Rpc(f"{_SERVICE}ListReidentifications", pb.ListReidentificationsResponse, safe=True)
# An approval is used once, whether the answer arrives or not.
REIDENTIFY: Final = Rpc(f"{_SERVICE}Reidentify", pb.ReidentifyResponse, safe=False)
STREAM_TIMEOUT: Final = 3600.0
"""Seconds, for a whole stream."""


def _analyze(
    text: str,
    entities: Sequence[str] = (),
    threshold: float | None = None,
    known: Sequence[KnownValue] = (),
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[tuple[PiiFinding, ...]]:
    """What of a text is personal data, and why; no ``entities`` means all types."""
    request = encode_analyze(text, entities, threshold, known)
    return iter(Call(ANALYZE, request, decode_findings, timeout))


def _deidentify(
    text: str,
    purpose: str,
    profile: str = "",
    known: Sequence[KnownValue] = (),
    subject_key: bytes = b"",
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[Deidentified]:
    """A text, masked by a profile of the gateway's policy; without one all by its type.

    Dates that a profile shifts are shifted by ``subject_key``, any bytes that stay the same for one
    subject.
    """
    request = encode_deidentify(text, purpose, profile, known, subject_key)
    return iter(Call(DEIDENTIFY, request, decode_deidentified, timeout))


def _analyze_many(
    texts: Iterable[str],
    entities: Sequence[str] = (),
    threshold: float | None = None,
    timeout: float = STREAM_TIMEOUT,
) -> Stream[tuple[PiiFinding, ...] | TextRefused]:
    """``analyze`` of many texts over one stream, answered in their order."""
    requests = (encode_analyze(text, entities, threshold, ()) for text in texts)
    return Stream(ANALYZE_MANY, requests, decode_analyze_result, timeout)


def _deidentify_many(
    texts: Iterable[str], purpose: str, profile: str = "", timeout: float = STREAM_TIMEOUT
) -> Stream[Deidentified | TextRefused]:
    """``deidentify`` of many texts over one stream, answered in their order."""
    requests = (encode_deidentify(text, purpose, profile, (), b"") for text in texts)
    return Stream(DEIDENTIFY_MANY, requests, decode_deidentify_result, timeout)


def _request_reidentification(
    tokens: Sequence[str],
    purpose: str,
    justification: str,
    request_id: str | None = None,
    timeout: float = DEFAULT_TIMEOUT,
) -> Flow[ReidentificationAsked]:
    """Ask for 1 to 100 tokens to be opened; a second person has to approve."""
    request = pb.RequestReidentificationRequest(
        request_id=str(uuid4()) if request_id is None else request_id,
        purpose=purpose,
        tokens=tokens,
        justification=justification,
    )
    return iter(Call(REQUEST, request, decode_asked, timeout, request.request_id))


def _approve_reidentification(
    request_id: str, digest: bytes, timeout: float = DEFAULT_TIMEOUT
) -> Flow[Approved]:
    """Approve another person's request; ``digest`` is what the list shows of it."""
    request = pb.ApproveReidentificationRequest(request_id=request_id, digest=digest)
    return iter(Call(APPROVE, request, decode_approved, timeout, request_id))


def _list_reidentifications(timeout: float = DEFAULT_TIMEOUT) -> Listing[Reidentification]:
    """The requests of one's institution, the latest first."""

    def read(answer: pb.ListReidentificationsResponse) -> Page[Reidentification]:
        items = tuple(decode_reidentification(one) for one in answer.reidentifications)
        return Page(items, answer.next_page_token)

    def page(token: str) -> Call[Page[Reidentification]]:
        return Call(LIST, pb.ListReidentificationsRequest(page_token=token), read, timeout)

    return Listing(page)


def _reidentify(
    request_id: str, tokens: Sequence[str], purpose: str, timeout: float = DEFAULT_TIMEOUT
) -> Flow[Revealed]:
    """What the tokens of an approved request stand for; works once.

    Raises:
        AnswerError: the answer is not about these tokens.
    """
    request = pb.ReidentifyRequest(request_id=request_id, purpose=purpose, tokens=tokens)

    def read(answer: pb.ReidentifyResponse) -> Revealed:
        return decode_revealed(answer, tokens)

    return iter(Call(REIDENTIFY, request, read, timeout, request_id))


class DeidentifyCalls:
    """Free text: analysis, masking, and tokens opened again."""

    analyze = Method(_analyze)
    deidentify = Method(_deidentify)
    analyze_many = Streamed(_analyze_many)
    deidentify_many = Streamed(_deidentify_many)
    request_reidentification = Method(_request_reidentification)
    approve_reidentification = Method(_approve_reidentification)
    list_reidentifications = Pages(_list_reidentifications)
    reidentify = Method(_reidentify)
