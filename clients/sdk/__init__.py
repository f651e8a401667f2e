"""Typed calls for Python integrators: a profile, a client, consents and the audit log's export."""

from clients.sdk.client import VeilgateClient
from clients.sdk.consent import ConsentDraft, ConsentDraftError, ConsentTerms, Frequency, Subject
from clients.sdk.errors import VeilgateError
from clients.sdk.export import export_log
from clients.sdk.failure import AnswerError, RequestError, SdkError
from clients.sdk.profile import ClientProfile, ProfileError
from clients.sdk.signing import load_signing_key, sign

__all__ = [
    "AnswerError",
    "ClientProfile",
    "ConsentDraft",
    "ConsentDraftError",
    "ConsentTerms",
    "Frequency",
    "ProfileError",
    "RequestError",
    "SdkError",
    "Subject",
    "VeilgateClient",
    "VeilgateError",
    "export_log",
    "load_signing_key",
    "sign",
]
