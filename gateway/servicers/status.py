"""Every way a call can fail, as a gRPC status: the one place where errors become answers.

Owns the code of each reason and the details that go with it (ErrorInfo, BadRequest, RetryInfo,
LocalizedMessage, DecisionDetail). Refuses free text: a status message is a reason's own sentence.
"""

from typing import Final

import grpc
from google.protobuf import any_pb2, duration_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status

from gateway.application.denied import AccessDenied
from gateway.domain.policy.decision import Decision
from gateway.domain.reasons import ErrorReason, Finding, Refused
from gateway.domain.texts import finding_text, smallest_change
from gateway.servicers.decode import InvalidField
from gateway.servicers.policy_messages import finding_message
from veilgate.v1 import policy_pb2

DOMAIN: Final = "veilgate.v1"
_R, _C = ErrorReason, grpc.StatusCode
CODES: Final[dict[ErrorReason, grpc.StatusCode]] = {
    _R.INVALID_FIELD: _C.INVALID_ARGUMENT,
    _R.UNDECODABLE_REQUEST: _C.INVALID_ARGUMENT,
    _R.REQUEST_ID_REUSED: _C.ALREADY_EXISTS,
    _R.RATE_LIMITED: _C.RESOURCE_EXHAUSTED,
    _R.DEADLINE_EXCEEDED: _C.DEADLINE_EXCEEDED,
    _R.NOT_AUTHENTICATED: _C.UNAUTHENTICATED,
    _R.SUBJECT_LIMIT_REACHED: _C.RESOURCE_EXHAUSTED,
    _R.RECIPIENT_LIMIT_REACHED: _C.RESOURCE_EXHAUSTED,
    _R.CONSENT_NOT_FOUND: _C.NOT_FOUND,
    _R.CONSENT_ALREADY_EXISTS: _C.ALREADY_EXISTS,
    _R.CONSENT_TRANSITION_REFUSED: _C.FAILED_PRECONDITION,
    _R.CONSENT_SIGNATURE_INVALID: _C.INVALID_ARGUMENT,
    _R.STORE_UNAVAILABLE: _C.UNAVAILABLE,
    _R.PROVIDER_UNAVAILABLE: _C.UNAVAILABLE,
    _R.PROVIDER_TIMEOUT: _C.UNAVAILABLE,
    _R.PROVIDER_ANSWER_INVALID: _C.UNAVAILABLE,
    _R.RECORD_NOT_FOUND: _C.NOT_FOUND,
    _R.LOG_ENTRY_NOT_FOUND: _C.NOT_FOUND,
    _R.REFERENCE_QUOTA_SPENT: _C.RESOURCE_EXHAUSTED,
    _R.IDENTIFIER_NEEDED: _C.FAILED_PRECONDITION,
    _R.FEDERATION_LOOP: _C.FAILED_PRECONDITION,
    _R.PROVIDER_BUSY: _C.RESOURCE_EXHAUSTED,
    _R.REFERENCE_KEY_UNKNOWN: _C.FAILED_PRECONDITION,
    _R.INSTITUTION_NOT_FOUND: _C.NOT_FOUND,
    _R.INSTITUTION_ALREADY_EXISTS: _C.ALREADY_EXISTS,
    _R.ENROLMENT_SIGNATURE_INVALID: _C.INVALID_ARGUMENT,
    _R.CREDENTIAL_IN_USE: _C.ALREADY_EXISTS,
    _R.LAST_CREDENTIAL: _C.FAILED_PRECONDITION,
    _R.INSTITUTION_TRANSITION_REFUSED: _C.FAILED_PRECONDITION,
    _R.AGREEMENT_NOT_FOUND: _C.NOT_FOUND,
    _R.AGREEMENT_ALREADY_EXISTS: _C.ALREADY_EXISTS,
    _R.CHECKPOINT_NOT_FOUND: _C.NOT_FOUND,
    _R.COSIGNATURE_INVALID: _C.INVALID_ARGUMENT,
    _R.CHECKPOINT_NOT_WITNESSED: _C.FAILED_PRECONDITION,
    _R.DETECTION_FAILED: _C.UNAVAILABLE,
    _R.MASKING_PROFILE_UNKNOWN: _C.NOT_FOUND,
    _R.REIDENTIFICATION_NOT_FOUND: _C.NOT_FOUND,
    _R.REIDENTIFICATION_NOT_APPROVED: _C.FAILED_PRECONDITION,
    _R.REIDENTIFICATION_SPENT: _C.FAILED_PRECONDITION,
    _R.TOKEN_REFUSED: _C.INVALID_ARGUMENT,
    _R.REIDENTIFICATION_ALREADY_EXISTS: _C.ALREADY_EXISTS,
    _R.AGGREGATE_REFUSED: _C.PERMISSION_DENIED,
    _R.AGGREGATE_NOT_PERMITTED: _C.PERMISSION_DENIED,
    _R.AGGREGATE_QUESTION_INVALID: _C.INVALID_ARGUMENT,
    _R.AGGREGATE_KEY_REFUSED: _C.INVALID_ARGUMENT,
    _R.AGGREGATE_KEY_UNKNOWN: _C.FAILED_PRECONDITION,
    _R.STATEMENT_REFUSED: _C.PERMISSION_DENIED,
    _R.PRIVACY_BUDGET_SPENT: _C.RESOURCE_EXHAUSTED,
    _R.CONTRIBUTORS_MISSING: _C.UNAVAILABLE,
    _R.CONTRIBUTOR_LOST: _C.UNAVAILABLE,
    _R.CIPHERTEXT_REFUSED: _C.INVALID_ARGUMENT,
    _R.ROUND_NOT_FOUND: _C.NOT_FOUND,
    _R.ROUND_MESSAGE_REFUSED: _C.FAILED_PRECONDITION,
    _R.ROUND_VOID: _C.ABORTED,
    _R.INTERNAL: _C.INTERNAL,
}
"""Every reason that is not here is a denial: PERMISSION_DENIED."""

_RETRY_SECONDS: Final = {
    _R.RATE_LIMITED: 1,
    _R.STORE_UNAVAILABLE: 2,
    _R.PROVIDER_UNAVAILABLE: 2,
    _R.PROVIDER_TIMEOUT: 2,
    _R.PROVIDER_BUSY: 1,
    _R.DETECTION_FAILED: 1,
}


def refusal_status(refused: Refused) -> grpc.Status:
    """Return the status of a refusal, with its decision if there is one."""
    details: list[Message] = []
    if isinstance(refused, AccessDenied):
        details.append(decision_detail(refused.decision, refused.policy_digest))
    event_id = refused.event_id if isinstance(refused, AccessDenied) else ""
    return _status(refused.findings, event_id, details)


def invalid_field_status(invalid: InvalidField) -> grpc.Status:
    """Return INVALID_ARGUMENT with the field's path and what it should be."""
    violation = error_details_pb2.BadRequest.FieldViolation(
        field=invalid.path, description=invalid.wanted
    )
    details = [error_details_pb2.BadRequest(field_violations=[violation])]
    return _status((Finding(ErrorReason.INVALID_FIELD, invalid.path),), "", details)


def reason_status(reason: ErrorReason) -> grpc.Status:
    """Return the status of a bare reason."""
    return _status((Finding(reason),), "", [])


def decision_detail(decision: Decision, policy_digest: str) -> policy_pb2.DecisionDetail:
    """Return a decision as its message, in both languages."""
    change = smallest_change(decision.findings, decision.alternatives)
    return policy_pb2.DecisionDetail(
        allow=decision.allow,
        rule=decision.rule,
        articles=decision.articles,
        findings=[finding_message(finding) for finding in decision.findings],
        smallest_change_en=change.en,
        smallest_change_zh=change.zh,
        allowed_purposes=decision.alternatives,
        policy_digest=policy_digest,
    )


def _status(findings: tuple[Finding, ...], event_id: str, more: list[Message]) -> grpc.Status:
    reason = findings[0].reason
    text = finding_text(findings[0])
    info = error_details_pb2.ErrorInfo(reason=reason.value, domain=DOMAIN)
    if event_id:
        info.metadata["event_id"] = event_id
    details: list[Message] = [
        info,
        error_details_pb2.LocalizedMessage(locale="en", message=text.en),
        error_details_pb2.LocalizedMessage(locale="zh", message=text.zh),
        *more,
    ]
    if reason in _RETRY_SECONDS:
        delay = duration_pb2.Duration(seconds=_RETRY_SECONDS[reason])
        details.append(error_details_pb2.RetryInfo(retry_delay=delay))
    code = CODES.get(reason, grpc.StatusCode.PERMISSION_DENIED)
    status = status_pb2.Status(
        code=code.value[0], message=text.en, details=[_packed(one) for one in details]
    )
    result: grpc.Status = rpc_status.to_status(status)
    return result


def _packed(message: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(message)
    return packed
