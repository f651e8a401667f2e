"""The words of a decision as messages: operators, withheld fields, findings.

Owns the one way from each of these to the wire, for every service that tells of a decision.
"""

from typing import Final

from gateway.domain.policy.decision import FieldWithheld
from gateway.domain.policy.documents import Release
from gateway.domain.reasons import Finding
from gateway.domain.texts import finding_text
from veilgate.v1 import error_reason_pb2, policy_pb2

OPERATORS: Final = {
    name.removeprefix("OPERATOR_").lower(): number for name, number in policy_pb2.Operator.items()
}
"""By the names that events and records use."""
_BECAUSE: Final = {
    name.removeprefix("WITHHELD_BECAUSE_"): number
    for name, number in policy_pb2.WithheldBecause.items()
}


def operator_of(release: Release) -> policy_pb2.Operator.ValueType:
    """Return the operator of a rule's release."""
    return OPERATORS[type(release).__name__.lower()]


def withheld_message(one: FieldWithheld) -> policy_pb2.WithheldField:
    """Return a withheld field, and why."""
    return policy_pb2.WithheldField(field=one.field, because=_BECAUSE[one.because])


def finding_message(finding: Finding) -> policy_pb2.Finding:
    """Return a finding with its sentence in both languages."""
    text = finding_text(finding)
    return policy_pb2.Finding(
        reason=error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{finding.reason.value}"),
        element=finding.element,
        article=finding.article,
        text_en=text.en,
        text_zh=text.zh,
    )
