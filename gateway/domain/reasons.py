"""Why something was refused: the one list of reasons, equal to ``veilgate.v1.ErrorReason``.

Owns the enumeration and the ``Refusal`` value that carries one. Refuses free-form error texts: what
a person reads is made from the reason by ``texts.py``, so no message can carry a record's value.
"""

from enum import StrEnum, auto

import msgspec


class ErrorReason(StrEnum):
    """Reasons on the wire; a test holds them equal to the proto enumeration."""

    @staticmethod
    def _generate_next_value_(name: str, *_: object) -> str:
        return name

    # The request itself.
    INVALID_FIELD = auto()
    UNDECODABLE_REQUEST = auto()
    REQUEST_ID_REUSED = auto()
    RATE_LIMITED = auto()
    DEADLINE_EXCEEDED = auto()
    # Who asks.
    NOT_AUTHENTICATED = auto()
    CERTIFICATE_UNKNOWN = auto()
    INSTITUTION_SUSPENDED = auto()
    ROLE_MISSING = auto()
    # What the policy says.
    PURPOSE_UNKNOWN = auto()
    DATASET_UNKNOWN = auto()
    FIELD_UNKNOWN = auto()
    RULE_FORBIDS = auto()
    NO_RULE_PERMITS = auto()
    RECIPIENT_NOT_PERMITTED = auto()
    RULES_AMBIGUOUS = auto()
    NOTHING_TO_RELEASE = auto()
    POLICY_ERROR = auto()
    AGREEMENT_MISSING = auto()
    # What the consent says.
    CONSENT_ABSENT = auto()
    CONSENT_PAUSED = auto()
    CONSENT_REVOKED = auto()
    CONSENT_EXPIRED = auto()
    CONSENT_NOT_YET_VALID = auto()
    CONSENT_TOO_OLD = auto()
    CONSENT_PURPOSE_MISSING = auto()
    CONSENT_DATASET_MISSING = auto()
    CONSENT_PROVIDER_MISSING = auto()
    CONSENT_BASIS_NOT_ACCEPTED = auto()
    CONSENT_SEPARATE_MISSING = auto()
    CONSENT_FIELDS_MISSING = auto()
    CONSENT_USES_SPENT = auto()
    CONSENT_FREQUENCY_SPENT = auto()
    # Limits of the rule.
    SUBJECT_LIMIT_REACHED = auto()
    RECIPIENT_LIMIT_REACHED = auto()
    REFERENCE_QUOTA_SPENT = auto()
    # Managing consents.
    CONSENT_NOT_FOUND = auto()
    CONSENT_ALREADY_EXISTS = auto()
    CONSENT_TRANSITION_REFUSED = auto()
    CONSENT_SIGNATURE_INVALID = auto()
    # What stands behind the gateway.
    STORE_UNAVAILABLE = auto()
    PROVIDER_UNAVAILABLE = auto()
    PROVIDER_TIMEOUT = auto()
    PROVIDER_ANSWER_INVALID = auto()
    RECORD_NOT_FOUND = auto()
    LOG_ENTRY_NOT_FOUND = auto()
    IDENTIFIER_NEEDED = auto()
    FEDERATION_LOOP = auto()
    PROVIDER_BUSY = auto()
    REFERENCE_KEY_UNKNOWN = auto()
    # Managing the Directory.
    INSTITUTION_NOT_FOUND = auto()
    INSTITUTION_ALREADY_EXISTS = auto()
    ENROLMENT_SIGNATURE_INVALID = auto()
    CREDENTIAL_IN_USE = auto()
    LAST_CREDENTIAL = auto()
    INSTITUTION_TRANSITION_REFUSED = auto()
    AGREEMENT_NOT_FOUND = auto()
    AGREEMENT_ALREADY_EXISTS = auto()
    # Checkpoints and their witnesses.
    CHECKPOINT_NOT_FOUND = auto()
    COSIGNATURE_INVALID = auto()
    CHECKPOINT_NOT_WITNESSED = auto()
    # Free text and what is masked in it.
    DETECTION_FAILED = auto()
    MASKING_PROFILE_UNKNOWN = auto()
    REIDENTIFICATION_NOT_PERMITTED = auto()
    REIDENTIFICATION_NOT_FOUND = auto()
    REIDENTIFICATION_NOT_APPROVED = auto()
    REIDENTIFICATION_SPENT = auto()
    TOKEN_REFUSED = auto()
    SECOND_PERSON_NEEDED = auto()
    REIDENTIFICATION_ALREADY_EXISTS = auto()
    # Encrypted aggregates.
    AGGREGATE_REFUSED = auto()
    AGGREGATE_NOT_PERMITTED = auto()
    AGGREGATE_QUESTION_INVALID = auto()
    AGGREGATE_KEY_REFUSED = auto()
    AGGREGATE_KEY_UNKNOWN = auto()
    STATEMENT_REFUSED = auto()
    PRIVACY_BUDGET_SPENT = auto()
    CONTRIBUTORS_MISSING = auto()
    CONTRIBUTOR_LOST = auto()
    CIPHERTEXT_REFUSED = auto()
    ROUND_NOT_FOUND = auto()
    ROUND_MESSAGE_REFUSED = auto()
    ROUND_VOID = auto()
    INTERNAL = auto()


class Finding(msgspec.Struct, frozen=True):
    """One thing that stands in the way: the reason, and the element that is missing or wrong.

    ``element`` is a word of the policy or the consent (a purpose, a field, a kind of separate
    consent), never a value of a record. ``article`` cites the law where one applies.
    """

    reason: ErrorReason
    element: str = ""
    article: str = ""


class Refused(Exception):
    """A typed refusal. ``findings`` is never empty; the first one names the reason."""

    def __init__(self, *findings: Finding, rule: str = "") -> None:
        """Take at least one finding, and the rule that was looked at, if one was."""
        super().__init__(findings[0].reason.value)
        self.findings = findings
        self.rule = rule

    @property
    def reason(self) -> ErrorReason:
        """Return the reason of the first finding."""
        return self.findings[0].reason


def refuse(reason: ErrorReason, element: str = "", article: str = "") -> Refused:
    """Return a refusal with one finding."""
    return Refused(Finding(reason, element, article))
