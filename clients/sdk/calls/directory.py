"""The Directory's methods.

Owns how they are called; their messages are `directory_codec`'s. Enrolments, changes and agreements
carry an id or are compared whole, so the same one again changes nothing; suspensions and their ends
are sent once.
"""

from __future__ import annotations

from typing import Final

from clients.sdk.calls.call import DEFAULT_TIMEOUT, Call, Flow, Listing, Page, Rpc
from clients.sdk.calls.method import Method, Pages
from clients.sdk.codecs import directory as codec
from clients.sdk.models.directory import (
    Agreement,
    ChangeReceipt,
    DirectoryReceipt,
    Expiring,
    Institution,
    SignedChange,
    SignedEnrolment,
)
from veilgate.v1 import directory_pb2 as pb

_SERVICE: Final = "/veilgate.v1.DirectoryService/"
ENROL: Final = Rpc(f"{_SERVICE}EnrolInstitution", pb.EnrolInstitutionResponse, safe=True)
CHANGE: Final = Rpc(f"{_SERVICE}ChangeCredentials", pb.ChangeCredentialsResponse, safe=True)
SUSPEND: Final = Rpc(f"{_SERVICE}SuspendInstitution", pb.SuspendInstitutionResponse, safe=False)
REACTIVATE: Final = Rpc(
    f"{_SERVICE}ReactivateInstitution", pb.ReactivateInstitutionResponse, safe=False
)
GET: Final = Rpc(f"{_SERVICE}GetInstitution", pb.GetInstitutionResponse, safe=True)
LIST: Final = Rpc(f"{_SERVICE}ListInstitutions", pb.ListInstitutionsResponse, safe=True)
ADD_AGREEMENT: Final = Rpc(f"{_SERVICE}AddAgreement", pb.AddAgreementResponse, safe=True)
END_AGREEMENT: Final = Rpc(f"{_SERVICE}EndAgreement", pb.EndAgreementResponse, safe=False)
AGREEMENTS: Final = Rpc(f"{_SERVICE}ListAgreements", pb.ListAgreementsResponse, safe=True)
EXPIRING: Final = Rpc(f"{_SERVICE}ListExpiring", pb.ListExpiringResponse, safe=True)


def _enrol_institution(
    enrolment: SignedEnrolment, timeout: float = DEFAULT_TIMEOUT
) -> Flow[DirectoryReceipt]:
    """Enrol an institution by the request that it signed; for operators."""
    request = codec.encode_enrol_institution_request(enrolment)
    return iter(Call(ENROL, request, codec.decode_enrol_institution_response, timeout))


def _change_credentials(
    change: SignedChange, timeout: float = DEFAULT_TIMEOUT
) -> Flow[ChangeReceipt]:
    """Add and retire credentials, by a change that the institution signed."""
    request = codec.encode_change_credentials_request(change)
    return iter(Call(CHANGE, request, codec.decode_change_credentials_response, timeout))


def _suspend_institution(
    institution: str, timeout: float = DEFAULT_TIMEOUT
) -> Flow[DirectoryReceipt]:
    """Suspend an institution: once this returns, nothing is released to it; for operators."""
    request = codec.encode_suspend_institution_request(institution)
    return iter(Call(SUSPEND, request, codec.decode_suspend_institution_response, timeout))


def _reactivate_institution(
    institution: str, timeout: float = DEFAULT_TIMEOUT
) -> Flow[DirectoryReceipt]:
    """End an institution's suspension; for operators."""
    request = codec.encode_reactivate_institution_request(institution)
    return iter(Call(REACTIVATE, request, codec.decode_reactivate_institution_response, timeout))


def _get_institution(institution: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[Institution]:
    """An institution with its credentials: oneself, or any for operators and auditors."""
    request = codec.encode_get_institution_request(institution)
    return iter(Call(GET, request, codec.decode_get_institution_response, timeout))


def _list_institutions(
    *,
    role: str = "",
    status: str = "",
    legal_group: str = "",
    page_size: int = 0,
    timeout: float = DEFAULT_TIMEOUT,
) -> Listing[Institution]:
    """Institutions by id, for operators and auditors; ``timeout`` is for each page."""

    def page(token: str) -> Call[Page[Institution]]:
        request = codec.encode_list_institutions_request(
            role, status, legal_group, page_size, token
        )
        return Call(LIST, request, read, timeout)

    def read(answer: pb.ListInstitutionsResponse) -> Page[Institution]:
        return Page(codec.decode_list_institutions_response(answer), answer.next_page_token)

    return Listing(page)


def _add_agreement(
    agreement: Agreement, timeout: float = DEFAULT_TIMEOUT
) -> Flow[DirectoryReceipt]:
    """Record an agreement; for operators."""
    request = codec.encode_add_agreement_request(agreement)
    return iter(Call(ADD_AGREEMENT, request, codec.decode_add_agreement_response, timeout))


def _end_agreement(agreement_id: str, timeout: float = DEFAULT_TIMEOUT) -> Flow[DirectoryReceipt]:
    """End an agreement now; for operators."""
    request = codec.encode_end_agreement_request(agreement_id)
    return iter(Call(END_AGREEMENT, request, codec.decode_end_agreement_response, timeout))


def _list_agreements(
    *,
    institution: str = "",
    dataset: str = "",
    purpose: str = "",
    in_force_only: bool = False,
    page_size: int = 0,
    timeout: float = DEFAULT_TIMEOUT,
) -> Listing[Agreement]:
    """Agreements by id: one's own, or all for operators and auditors; ``timeout`` for each page."""

    def page(token: str) -> Call[Page[Agreement]]:
        request = codec.encode_list_agreements_request(
            institution, dataset, purpose, in_force_only, page_size, token
        )
        return Call(AGREEMENTS, request, read, timeout)

    def read(answer: pb.ListAgreementsResponse) -> Page[Agreement]:
        return Page(codec.decode_list_agreements_response(answer), answer.next_page_token)

    return Listing(page)


def _list_expiring(
    *, within_days: int = 0, page_size: int = 0, timeout: float = DEFAULT_TIMEOUT
) -> Listing[Expiring]:
    """What ends within 1 to 365 days (0: 30), the next to end first; ``timeout`` for each page."""

    def page(token: str) -> Call[Page[Expiring]]:
        request = codec.encode_list_expiring_request(within_days, page_size, token)
        return Call(EXPIRING, request, read, timeout)

    def read(answer: pb.ListExpiringResponse) -> Page[Expiring]:
        return Page(codec.decode_list_expiring_response(answer), answer.next_page_token)

    return Listing(page)


class DirectoryCalls:
    """Institutions, credentials and agreements."""

    enrol_institution = Method(_enrol_institution)
    change_credentials = Method(_change_credentials)
    suspend_institution = Method(_suspend_institution)
    reactivate_institution = Method(_reactivate_institution)
    get_institution = Method(_get_institution)
    list_institutions = Pages(_list_institutions)
    add_agreement = Method(_add_agreement)
    end_agreement = Method(_end_agreement)
    list_agreements = Pages(_list_agreements)
    list_expiring = Pages(_list_expiring)
