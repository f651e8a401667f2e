"""Between the SDK's values and the messages of the Directory.

Owns every field of those messages, once, for whatever transport sends them; functions are named
after the messages. Refuses answers with words that this release does not know (``AnswerError``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from clients.sdk.failure import AnswerError
from clients.sdk.models.directory import (
    Agreement,
    Certificate,
    ChangeReceipt,
    DirectoryReceipt,
    DirectorySignature,
    Expiring,
    Institution,
    InstitutionStatus,
    RegisteredKey,
    Role,
    SignedChange,
    SignedEnrolment,
)
from clients.sdk.vocabulary import from_wire, word_of
from veilgate.v1 import directory_pb2 as pb


def encode_enrol_institution_request(signed: SignedEnrolment) -> pb.EnrolInstitutionRequest:
    """An enrolment as it was signed."""
    signatures = [_signature(one) for one in signed.signatures]
    return pb.EnrolInstitutionRequest(enrolment=signed.enrolment, signatures=signatures)


def encode_change_credentials_request(signed: SignedChange) -> pb.ChangeCredentialsRequest:
    """A change of credentials as it was signed."""
    signatures = [_signature(one) for one in signed.signatures]
    return pb.ChangeCredentialsRequest(change=signed.change, signatures=signatures)


def encode_suspend_institution_request(institution: str) -> pb.SuspendInstitutionRequest:
    """The institution to suspend."""
    return pb.SuspendInstitutionRequest(institution=institution)


def encode_reactivate_institution_request(institution: str) -> pb.ReactivateInstitutionRequest:
    """The institution to reactivate."""
    return pb.ReactivateInstitutionRequest(institution=institution)


def encode_get_institution_request(institution: str) -> pb.GetInstitutionRequest:
    """The institution to show."""
    return pb.GetInstitutionRequest(institution=institution)


def encode_list_institutions_request(
    role: str = "",
    status: str = "",
    legal_group: str = "",
    page_size: int = 0,
    page_token: str = "",
) -> pb.ListInstitutionsRequest:
    """Filters; an empty one does not filter.

    Raises:
        RequestError: no such role or status.
    """
    wanted_status = word_of(InstitutionStatus, status).name if status else "UNSPECIFIED"
    return pb.ListInstitutionsRequest(
        role=encode_role(role) if role else pb.ROLE_UNSPECIFIED,
        status=pb.InstitutionStatus.Value(f"INSTITUTION_STATUS_{wanted_status}"),
        legal_group=legal_group,
        page_size=page_size,
        page_token=page_token,
    )


def encode_add_agreement_request(agreement: Agreement) -> pb.AddAgreementRequest:
    """An agreement; its end by the gateway is not sent."""
    message = pb.Agreement(
        agreement_id=agreement.agreement_id,
        institution=agreement.institution,
        datasets=agreement.datasets,
        purposes=agreement.purposes,
        valid_from=timestamp(agreement.valid_from),
        valid_until=timestamp(agreement.valid_until),
        evidence_sha256=bytes.fromhex(agreement.evidence_sha256),
    )
    return pb.AddAgreementRequest(agreement=message)


def encode_end_agreement_request(agreement_id: str) -> pb.EndAgreementRequest:
    """The agreement to end."""
    return pb.EndAgreementRequest(agreement_id=agreement_id)


def encode_list_agreements_request(
    institution: str = "",
    dataset: str = "",
    purpose: str = "",
    in_force_only: bool = False,
    page_size: int = 0,
    page_token: str = "",
) -> pb.ListAgreementsRequest:
    """Filters; an empty one does not filter."""
    return pb.ListAgreementsRequest(
        institution=institution,
        dataset=dataset,
        purpose=purpose,
        in_force_only=in_force_only,
        page_size=page_size,
        page_token=page_token,
    )


def encode_list_expiring_request(
    within_days: int = 0, page_size: int = 0, page_token: str = ""
) -> pb.ListExpiringRequest:
    """How far to look ahead: 1 to 365 days, 0 means 30."""
    return pb.ListExpiringRequest(
        within_days=within_days, page_size=page_size, page_token=page_token
    )


def decode_enrol_institution_response(answer: pb.EnrolInstitutionResponse) -> DirectoryReceipt:
    """The receipt of an enrolment."""
    return DirectoryReceipt(answer.event_id, answer.log_index)


def decode_change_credentials_response(answer: pb.ChangeCredentialsResponse) -> ChangeReceipt:
    """The receipt of a change."""
    retired_at = moment(answer, "retired_at")
    return ChangeReceipt(answer.event_id, answer.log_index, retired_at)


def decode_suspend_institution_response(answer: pb.SuspendInstitutionResponse) -> DirectoryReceipt:
    """The receipt of a suspension."""
    return DirectoryReceipt(answer.event_id, answer.log_index)


def decode_reactivate_institution_response(
    answer: pb.ReactivateInstitutionResponse,
) -> DirectoryReceipt:
    """The receipt of a reactivation."""
    return DirectoryReceipt(answer.event_id, answer.log_index)


def decode_add_agreement_response(answer: pb.AddAgreementResponse) -> DirectoryReceipt:
    """The receipt of an agreement."""
    return DirectoryReceipt(answer.event_id, answer.log_index)


def decode_end_agreement_response(answer: pb.EndAgreementResponse) -> DirectoryReceipt:
    """The receipt of an agreement's end."""
    return DirectoryReceipt(answer.event_id, answer.log_index)


def decode_get_institution_response(answer: pb.GetInstitutionResponse) -> Institution:
    """The institution of an answer.

    Raises:
        AnswerError: it holds none, or words that this release does not know.
    """
    if not answer.HasField("institution"):
        raise AnswerError("holds no institution")
    return decode_institution(answer.institution)


def decode_list_institutions_response(
    answer: pb.ListInstitutionsResponse,
) -> tuple[Institution, ...]:
    """One page; ``answer.next_page_token`` leads to the next."""
    return tuple(decode_institution(one) for one in answer.institutions)


def decode_list_agreements_response(answer: pb.ListAgreementsResponse) -> tuple[Agreement, ...]:
    """One page; ``answer.next_page_token`` leads to the next."""
    return tuple(decode_agreement(one) for one in answer.agreements)


def decode_list_expiring_response(answer: pb.ListExpiringResponse) -> tuple[Expiring, ...]:
    """One page, the next to end first; ``answer.next_page_token`` leads to the next."""
    return tuple(_expiring(one) for one in answer.expiring)


def decode_institution(message: pb.Institution) -> Institution:
    """An institution.

    Raises:
        AnswerError: it holds words that this release does not know.
    """
    return Institution(
        id=message.id,
        legal_group=message.legal_group,
        roles=decode_roles(message.roles),
        jurisdiction=message.jurisdiction,
        status=from_wire(
            InstitutionStatus, pb.InstitutionStatus, "INSTITUTION_STATUS_", message.status
        ),
        certificates=tuple(_certificate(one) for one in message.certificates),
        signing_keys=tuple(_key(one) for one in message.signing_keys),
        enrolled_at=moment(message, "enrolled_at"),
    )


def decode_agreement(message: pb.Agreement) -> Agreement:
    """An agreement."""
    return Agreement(
        agreement_id=message.agreement_id,
        institution=message.institution,
        datasets=tuple(message.datasets),
        purposes=tuple(message.purposes),
        valid_from=message.valid_from.ToDatetime(tzinfo=UTC),
        valid_until=message.valid_until.ToDatetime(tzinfo=UTC),
        evidence_sha256=message.evidence_sha256.hex(),
        ended_at=moment(message, "ended_at"),
    )


def decode_roles(numbers: Iterable[pb.Role.ValueType]) -> tuple[Role, ...]:
    """Roles from their wire numbers."""
    return tuple(from_wire(Role, pb.Role, "ROLE_", number) for number in numbers)


def encode_role(role: str) -> pb.Role.ValueType:
    """A role's wire number.

    Raises:
        RequestError: no such role.
    """
    return pb.Role.Value(f"ROLE_{word_of(Role, role).name}")


def _expiring(message: pb.Expiring) -> Expiring:
    what: Certificate | RegisteredKey | Agreement
    match message.WhichOneof("what"):
        case "certificate":
            what = _certificate(message.certificate)
        case "signing_key":
            what = _key(message.signing_key)
        case "agreement":
            what = decode_agreement(message.agreement)
        case _:
            raise AnswerError("names nothing that ends")
    return Expiring(message.institution, what, message.ends_at.ToDatetime(tzinfo=UTC))


def _certificate(message: pb.Certificate) -> Certificate:
    ends = moment(message, "not_after"), moment(message, "retired_at")
    return Certificate(message.fingerprint, *ends)


def _key(message: pb.SigningKey) -> RegisteredKey:
    return RegisteredKey(message.key_id, message.public_key, moment(message, "retired_at"))


def _signature(one: DirectorySignature) -> pb.DirectorySignature:
    return pb.DirectorySignature(key_id=one.key_id, signature=one.signature)


def moment(
    message: pb.Certificate
    | pb.SigningKey
    | pb.Agreement
    | pb.Institution
    | pb.ChangeCredentialsResponse,
    name: str,
) -> datetime | None:
    """A moment of a message, or None where it is not set."""
    if not message.HasField(name):  # type: ignore[arg-type]
        return None
    stamp: Timestamp = getattr(message, name)
    return stamp.ToDatetime(tzinfo=UTC)


def timestamp(when: datetime) -> Timestamp:
    """A moment as it is sent."""
    stamp = Timestamp()
    stamp.FromDatetime(when)
    return stamp
