"""What a refusal of an upstream gateway means here.

Owns the table. What concerns the recipient's own consent, agreement or limits is passed on by its
reason; everything else is the provider's affair, and the recipient learns only that it failed. No
text of the other side is taken over.
"""

from typing import Final

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2

from gateway.domain.reasons import ErrorReason

_DETAILS: Final = "grpc-status-details-bin"
_R: Final = ErrorReason
PASSED_ON: Final = frozenset(
    {
        *(reason for reason in ErrorReason if reason.name.startswith("CONSENT_")),
        _R.AGREEMENT_MISSING,
        _R.SUBJECT_LIMIT_REACHED,
        _R.RECIPIENT_LIMIT_REACHED,
        _R.RECORD_NOT_FOUND,
        _R.FEDERATION_LOOP,
        _R.PROVIDER_TIMEOUT,
        _R.PROVIDER_BUSY,
    }
)
_TOO_LATE: Final = grpc.StatusCode.DEADLINE_EXCEEDED


def refusal_of(error: grpc.aio.AioRpcError) -> ErrorReason:
    """Return the reason that this gateway's own caller gets."""
    reason = _reason(error)
    if reason in PASSED_ON:
        return reason
    if reason is None and error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED:
        # No reason of a gateway's: gRPC itself cut off an answer beyond the size limit.
        return ErrorReason.PROVIDER_ANSWER_INVALID
    if reason is None and error.code() is _TOO_LATE:
        return ErrorReason.PROVIDER_TIMEOUT
    return ErrorReason.PROVIDER_UNAVAILABLE


def _reason(error: grpc.aio.AioRpcError) -> ErrorReason | None:
    for key, value in error.trailing_metadata() or ():
        if key == _DETAILS and isinstance(value, bytes):
            return _reason_in(value)
    return None


def _reason_in(details: bytes) -> ErrorReason | None:
    try:
        status = status_pb2.Status.FromString(details)
        for one in status.details:
            info = error_details_pb2.ErrorInfo()
            if one.Unpack(info):
                return ErrorReason(info.reason)
    except (DecodeError, ValueError):
        return None
    return None
