"""The consents' methods.

Owns their requests. A subject, as a filter, is named as everywhere: by type and number, or by a
reference. Changes of state are sent once: the second of two would be refused, and look like a
failure.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Listing, Page, Rpc
from clients.sdk.calls.method import Method, Pages
from clients.sdk.codecs.common import (
    decode_receipt,
    decode_revocation,
    decode_status,
    encode_reference,
    encode_subject,
)
from clients.sdk.codecs.consents import (
    decode_change,
    decode_receipt_envelope,
    decode_summaries,
    encode_list_request,
)
from clients.sdk.errors import TransportFailure, VeilgateError
from clients.sdk.models.common import ConsentReceipt, ConsentStatus, Revocation
from clients.sdk.models.consents import ConsentChange, ConsentSummary, ReceiptEnvelope
from clients.sdk.reasons import ErrorReason
from clients.sdk.subject import Subject, SubjectReference
from clients.sdk.vocabulary import ConsentState
from veilgate.v1 import consent_pb2 as pb
from veilgate.v1 import subject_pb2

_SERVICE: Final = "/veilgate.v1.ConsentService/"
# The same artefact again is a no-op.
GRANT: Final = Rpc(f"{_SERVICE}GrantConsent", pb.GrantConsentResponse, safe=True)
GET: Final = Rpc(f"{_SERVICE}GetConsent", pb.GetConsentResponse, safe=True)
REVOKE: Final = Rpc(f"{_SERVICE}RevokeConsent", pb.RevokeConsentResponse, safe=False)
PAUSE: Final = Rpc(f"{_SERVICE}PauseConsent", pb.PauseConsentResponse, safe=False)
RESUME: Final = Rpc(f"{_SERVICE}ResumeConsent", pb.ResumeConsentResponse, safe=False)
LIST: Final = Rpc(f"{_SERVICE}ListConsents", pb.ListConsentsResponse, safe=True)
RECEIPT: Final = Rpc(f"{_SERVICE}GetConsentReceipt", pb.GetConsentReceiptResponse, safe=True)


def _grant_consent(
    signed: pb.SignedConsent, timeout: float = DEFAULT_TIMEOUT
) -> Flow[ConsentReceipt]:
    """Store a signed consent; the same one again changes nothing."""
    return iter(Call(GRANT, pb.GrantConsentRequest(consent=signed), decode_receipt, timeout))


def _get_consent(consent_id: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[ConsentStatus]:
    """A consent that this institution collected or controls, and where it stands."""

    def read(answer: pb.GetConsentResponse) -> ConsentStatus:
        return decode_status(consent_id, answer)

    return iter(Call(GET, pb.GetConsentRequest(consent_id=consent_id), read, timeout))


def _revoke_consent(consent_id: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[Revocation]:
    """Revoke a consent, finally: once this returns, nothing is released under it.

    Where the connection breaks before the answer, it looks whether the consent is revoked and, if
    not, revokes it once more.
    """
    call = Call(REVOKE, pb.RevokeConsentRequest(consent_id=consent_id), decode_revocation, timeout)
    try:
        return (yield from call)
    except TransportFailure as lost:
        if not lost.retryable:
            raise
    if (yield from _is_revoked(consent_id, timeout)):
        return Revocation(ConsentState.REVOKED)
    try:
        return (yield from call)
    except VeilgateError as refused:
        # The first request may have come through in the meantime.
        late = refused.reason == ErrorReason.CONSENT_TRANSITION_REFUSED
        if late and (yield from _is_revoked(consent_id, timeout)):
            return Revocation(ConsentState.REVOKED)
        raise


def _is_revoked(consent_id: str, timeout: float) -> Flow[bool]:
    status = yield from _get_consent(consent_id, timeout)
    return status.state is ConsentState.REVOKED


def _pause_consent(consent_id: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[ConsentChange]:
    """Pause an active consent: once this returns, nothing is released until it is resumed."""
    return iter(Call(PAUSE, pb.PauseConsentRequest(consent_id=consent_id), decode_change, timeout))


def _resume_consent(consent_id: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[ConsentChange]:
    """Resume a paused consent."""
    request = pb.ResumeConsentRequest(consent_id=consent_id)
    return iter(Call(RESUME, request, decode_change, timeout))


def _list_consents(
    *,
    state: str = "",
    dataset: str = "",
    purpose: str = "",
    controller: str = "",
    collector: str = "",
    subject: Subject | SubjectReference | None = None,
    valid_until_before: datetime | None = None,
    page_size: int = 0,
    timeout: float = DEFAULT_TIMEOUT,
) -> Listing[ConsentSummary]:
    """This institution's consents, the latest first; what is left out does not filter.

    ``timeout`` is for each page.
    """

    def page(token: str) -> Call[Page[ConsentSummary]]:
        request = encode_list_request(
            state=state,
            dataset=dataset,
            purpose=purpose,
            controller=controller,
            collector=collector,
            subject=None if subject is None else _encoded(subject),
            valid_until_before=valid_until_before,
            page_size=page_size,
            page_token=token,
        )
        return Call(LIST, request, _page, timeout)

    return Listing(page)


def _encoded(
    subject: Subject | SubjectReference,
) -> subject_pb2.SubjectIdentifier | subject_pb2.SubjectReference:
    if isinstance(subject, Subject):
        return encode_subject(subject.type, subject.value)
    return encode_reference(subject)


def _page(answer: pb.ListConsentsResponse) -> Page[ConsentSummary]:
    return Page(decode_summaries(answer), answer.next_page_token)


def _get_consent_receipt(
    consent_id: str, timeout: float = DEFAULT_TIMEOUT
) -> Flow[ReceiptEnvelope]:
    """The signed receipt of a consent, for the subject to keep; not verified yet."""
    request = pb.GetConsentReceiptRequest(consent_id=consent_id)
    return iter(Call(RECEIPT, request, decode_receipt_envelope, timeout))


class ConsentCalls:
    """Consents and their receipts."""

    grant_consent = Method(_grant_consent)
    get_consent = Method(_get_consent)
    revoke_consent = Method(_revoke_consent)
    pause_consent = Method(_pause_consent)
    resume_consent = Method(_resume_consent)
    list_consents = Pages(_list_consents)
    get_consent_receipt = Method(_get_consent_receipt)
