"""All methods of a client, of every service.

Owns the list of services. Both clients have exactly these methods.
"""

from __future__ import annotations

from clients.sdk.audit_calls import AuditCalls
from clients.sdk.catalogue_calls import CatalogueCalls
from clients.sdk.consent_calls import ConsentCalls
from clients.sdk.directory_calls import DirectoryCalls
from clients.sdk.exchange_calls import ExchangeCalls
from clients.sdk.subject_calls import SubjectCalls
from clients.sdk.verification_calls import VerificationCalls


class GatewayCalls(
    ExchangeCalls,
    ConsentCalls,
    AuditCalls,
    DirectoryCalls,
    CatalogueCalls,
    SubjectCalls,
    VerificationCalls,
):
    """What a gateway can be asked."""
