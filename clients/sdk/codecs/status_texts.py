"""What a gRPC status means for a caller, where the gateway said nothing itself.

Owns the SDK's few texts, in both languages, and the next step for each status code.
"""

from __future__ import annotations

from typing import Literal

import grpc

_TEXTS: dict[grpc.StatusCode, tuple[str, str]] = {
    grpc.StatusCode.UNAVAILABLE: ("the gateway cannot be reached", "无法连接网关"),
    grpc.StatusCode.DEADLINE_EXCEEDED: ("no answer came in time", "未在时限内收到答复"),
    grpc.StatusCode.CANCELLED: ("the call was cancelled", "调用已取消"),
    grpc.StatusCode.UNAUTHENTICATED: ("the gateway does not know the caller", "网关不认识调用方"),
    grpc.StatusCode.PERMISSION_DENIED: ("the gateway refused the call", "网关拒绝了此次调用"),
    grpc.StatusCode.INVALID_ARGUMENT: ("the gateway cannot read the request", "网关无法读取请求"),
    grpc.StatusCode.NOT_FOUND: ("there is no such thing", "所请求的内容不存在"),
    grpc.StatusCode.RESOURCE_EXHAUSTED: ("a limit was reached", "已达到限额"),
    grpc.StatusCode.UNIMPLEMENTED: ("the gateway has no such call", "网关不提供此调用"),
}
_OTHERWISE = ("the call failed", "调用失败")

_AGAIN = "Ask again later with the same request id: a release is then not counted twice."
_NEXT_STEPS: dict[grpc.StatusCode, str] = {
    grpc.StatusCode.UNAVAILABLE: (
        "Check the profile's address, authority and certificate, and that the gateway runs. "
        + _AGAIN
    ),
    grpc.StatusCode.DEADLINE_EXCEEDED: _AGAIN,
    grpc.StatusCode.CANCELLED: _AGAIN,
    grpc.StatusCode.UNAUTHENTICATED: "Use a certificate of the authority that the gateway trusts.",
    grpc.StatusCode.PERMISSION_DENIED: "Ask what would be allowed: explain the same request.",
    grpc.StatusCode.INVALID_ARGUMENT: "Correct the request.",
    grpc.StatusCode.NOT_FOUND: "Check the id; what belongs to others looks the same.",
    grpc.StatusCode.ALREADY_EXISTS: "Use a new id, or send exactly what was sent before.",
    grpc.StatusCode.FAILED_PRECONDITION: "Look at the state it is in; nothing was changed.",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "Ask again when the limit's window has passed.",
    grpc.StatusCode.UNIMPLEMENTED: "Compare the release of the SDK with the gateway's.",
}
_STEPS_OF_REASONS: dict[str, str] = {
    "ROLE_MISSING": (
        "Use the profile of an institution that has this role, or ask the gateway's operator."
    ),
    "CERTIFICATE_UNKNOWN": (
        "Have the gateway's operator register this certificate's fingerprint for the institution."
    ),
    "INSTITUTION_SUSPENDED": "Ask the gateway's operator why; nothing in the request changes it.",
    "AGGREGATE_REFUSED": "Ask for larger cohorts or fewer groups; the same again changes nothing.",
    "AGGREGATE_KEY_UNKNOWN": "Register the key with `veilgate aggregate keygen`.",
    "PRIVACY_BUDGET_SPENT": "Ask at a lower cost, or in the next period.",
    "CONTRIBUTORS_MISSING": "Ask the same question again; it is not charged twice.",
    "CONTRIBUTOR_LOST": "Ask the same question again; it goes on, and is not charged twice.",
    "ROUND_VOID": "Ask anew, without whoever withdrew.",
}
"""Where the code alone would advise something that does not help."""
_REPORT = "Report it to the gateway's operator, with the time and the request id."


def text_for(code: grpc.StatusCode, language: Literal["en", "zh"]) -> str:
    """What happened, for a status code."""
    return _TEXTS.get(code, _OTHERWISE)[0 if language == "en" else 1]


def next_step_for(code: grpc.StatusCode, reason: str = "") -> str:
    """What to do about it, in English; ``reason`` is a name of ErrorReason, if one was given."""
    return _STEPS_OF_REASONS.get(reason) or _NEXT_STEPS.get(code, _REPORT)
