"""Refusals and denials as the gateway sends them, for servers that a test prepares."""

from __future__ import annotations

from typing import Any, NoReturn

import grpc
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from veilgate.v1 import error_reason_pb2, policy_pb2


def refusal(
    reason: str,
    code: grpc.StatusCode = grpc.StatusCode.PERMISSION_DENIED,
    *details: Message,
    en: str = "refused",
    zh: str = "已拒绝",
) -> status_pb2.Status:
    """A status as the gateway sends it: reason, both texts, then further details."""
    status = status_pb2.Status(code=code.value[0], message=en)
    info = error_details_pb2.ErrorInfo(reason=reason, domain="veilgate.v1")
    texts = [
        error_details_pb2.LocalizedMessage(locale="en", message=en),
        error_details_pb2.LocalizedMessage(locale="zh", message=zh),
    ]
    for detail in (info, *texts, *details):
        status.details.add().Pack(detail)
    return status


def denial(findings: int = 1) -> policy_pb2.DecisionDetail:
    """A decision that denies, with some findings."""
    finding = policy_pb2.Finding(
        reason=error_reason_pb2.ERROR_REASON_CONSENT_SEPARATE_MISSING,
        element="third_party",
        article="PIPL 23",
        text_en="The separate consent for provision to a third party is missing.",
        text_zh="缺少单独同意。",
    )
    return policy_pb2.DecisionDetail(
        allow=False,
        rule="underwriting-applicant",
        articles=["PIPL 23"],
        findings=[finding] * findings,
        smallest_change_en="Obtain the separate consent for provision to a third party.",
        smallest_change_zh="请取得单独同意。",
        allowed_purposes=["credit.monitoring"],
        policy_digest="ab" * 32,
    )


def abort(context: Any, status: status_pb2.Status) -> NoReturn:
    """End the call with this status."""
    context.abort_with_status(rpc_status.to_status(status))
    raise AssertionError("an aborted call goes no further")
