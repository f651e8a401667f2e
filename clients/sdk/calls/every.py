"""All methods of a client, of every service.

Owns the list of services. Both clients have exactly these methods.
"""

from __future__ import annotations

from clients.sdk.calls.audit import AuditCalls
from clients.sdk.calls.catalogue import CatalogueCalls
from clients.sdk.calls.consents import ConsentCalls
from clients.sdk.calls.deid import DeidentifyCalls
from clients.sdk.calls.directory import DirectoryCalls
from clients.sdk.calls.exchange import ExchangeCalls
from clients.sdk.calls.subjects import SubjectCalls
from clients.sdk.calls.verification import VerificationCalls


class GatewayCalls(
    ExchangeCalls,
    ConsentCalls,
    AuditCalls,
    DirectoryCalls,
    CatalogueCalls,
    SubjectCalls,
    DeidentifyCalls,
    VerificationCalls,
):
    """What a gateway can be asked."""
