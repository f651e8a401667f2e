"""The conformance test of a provider's server, run by its author before a gateway asks it.

Owns the list of checks and how one that raises is reported. A check that could not be made did not
pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import grpc

from clients.provider import conformance_checks as checks
from clients.provider.conformance_calls import Caller, CheckFailed, Target
from clients.provider.conformance_checks import Check
from clients.provider.conformance_tls import old_tls_refused, strangers_refused

CHECKS: Final[dict[str, Check]] = {
    "describe": checks.described,
    "known-subject": checks.known_subject,
    "unknown-subject": checks.unknown_subject,
    "wanted-fields": checks.wanted_fields,
    "unknown-field": checks.unknown_field,
    "two-together": checks.together,
    "batch-of-256": checks.full_batch,
    "batch-of-257": checks.oversize_batch,
    "repeated-id": checks.repeated_id,
    "malformed": checks.malformed_requests,
    "unknown-dataset": checks.unknown_dataset,
    "deadline": checks.deadline_honoured,
    "subjects-apart": checks.subjects_apart,
    "strangers": strangers_refused,
    "tls-1.2": old_tls_refused,
}


@dataclass(frozen=True, slots=True)
class Checked:
    """How one check ended: what was seen, and, if it did not pass, what to do."""

    name: str
    what: str
    passed: bool
    seen: str
    advice: str = ""


def run_checks(target: Target) -> Iterator[Checked]:
    """Make every check, one after the other.

    Raises:
        ProviderError: a file of the target cannot be read.
    """
    caller = Caller(target)
    try:
        for name, check in CHECKS.items():
            yield _checked(name, check, target, caller)
    finally:
        caller.close()


def _checked(name: str, check: Check, target: Target, caller: Caller) -> Checked:
    what = (check.__doc__ or "").partition("\n")[0]
    try:
        return Checked(name, what, True, check(target, caller))
    except CheckFailed as failed:
        return Checked(name, what, False, failed.seen, failed.advice)
    except grpc.RpcError as error:
        # The text of a status may hold anything; its code does not.
        seen = f"the call ended with {error.code().name}"
        return Checked(name, what, False, seen, _ADVICE.get(error.code(), "See the server's log."))
    except OSError as error:
        return Checked(
            name, what, False, type(error).__name__, _ADVICE[grpc.StatusCode.UNAVAILABLE]
        )


_ADVICE: Final = {
    grpc.StatusCode.UNAVAILABLE: "Is the server there, and do both sides trust the certificates?",
    grpc.StatusCode.DEADLINE_EXCEEDED: "Answer within the time limit; --timeout sets it.",
    grpc.StatusCode.UNIMPLEMENTED: "Serve veilgate.v1.ProviderService.",
    grpc.StatusCode.UNAUTHENTICATED: "Answer the gateway whose certificate was given.",
    grpc.StatusCode.PERMISSION_DENIED: "Answer the gateway whose certificate was given.",
    grpc.StatusCode.RESOURCE_EXHAUSTED: "Keep an answer within 4 MiB, and take 256 inquiries.",
}
