"""Typed calls for Python integrators, blocking and awaited: clients, consents, references, checks.

`clients/README.md` says what is where, `docs/integration.md` how to begin.
"""

from clients.sdk.async_client import AsyncVeilgateClient
from clients.sdk.calls.retry import RetryPolicy
from clients.sdk.client import VeilgateClient
from clients.sdk.consents.draft import (
    ConsentDraft,
    ConsentDraftError,
    ConsentTerms,
    Frequency,
    ReferencedDraft,
)
from clients.sdk.consents.receipt import Receipt, ReceiptError, verify_receipt
from clients.sdk.consents.signing import load_signing_key, sign
from clients.sdk.errors import TransportFailure, VeilgateError
from clients.sdk.failure import AnswerError, RequestError, SdkError
from clients.sdk.identity.profile import ClientProfile, ProfileError
from clients.sdk.logs.checkpoint_store import CheckpointStore
from clients.sdk.logs.export import export_log
from clients.sdk.logs.verification import LogForked, VerificationError
from clients.sdk.reasons import ErrorReason
from clients.sdk.subject import Subject, SubjectReference
from clients.sdk.vocabulary import IdentifierType, LawfulBasis, Period, SeparateConsent

__all__ = [
    "AnswerError",
    "AsyncVeilgateClient",
    "CheckpointStore",
    "ClientProfile",
    "ConsentDraft",
    "ConsentDraftError",
    "ConsentTerms",
    "ErrorReason",
    "Frequency",
    "IdentifierType",
    "LawfulBasis",
    "LogForked",
    "Period",
    "ProfileError",
    "Receipt",
    "ReceiptError",
    "ReferencedDraft",
    "RequestError",
    "RetryPolicy",
    "SdkError",
    "SeparateConsent",
    "Subject",
    "SubjectReference",
    "TransportFailure",
    "VeilgateClient",
    "VeilgateError",
    "VerificationError",
    "export_log",
    "load_signing_key",
    "sign",
    "verify_receipt",
]
