"""Between the Directory's records and its messages: agreements in, records out."""

from collections.abc import Iterable
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from gateway.domain.enrolment import Certificate, Contract, Expiring, Member, SigningKey
from gateway.domain.vocabulary import InstitutionStatus
from gateway.servicers import decode
from gateway.servicers.decode import InvalidField
from veilgate.v1 import directory_pb2 as pb

MAX_NAMES: Final = 100
MAX_VALIDITY_S: Final = 3653 * 86_400


def decode_agreement(message: pb.Agreement, path: str) -> Contract:
    """Return a new agreement, or raise ``InvalidField``."""
    if message.HasField("ended_at"):
        raise InvalidField(f"{path}.ended_at", "must not be set")
    if len(message.evidence_sha256) != 32:
        raise InvalidField(f"{path}.evidence_sha256", "must be 32 bytes")
    begin = _second(message.valid_from, f"{path}.valid_from")
    end = _second(message.valid_until, f"{path}.valid_until")
    if not begin < end <= begin + MAX_VALIDITY_S:
        raise InvalidField(f"{path}.valid_until", "must be after valid_from, by ten years at most")
    return Contract(
        decode.uuid(message.agreement_id, f"{path}.agreement_id"),
        decode.institution_id(message.institution, f"{path}.institution"),
        _names(message.datasets, f"{path}.datasets"),
        _names(message.purposes, f"{path}.purposes"),
        begin,
        end,
        message.evidence_sha256,
    )


def _names(values: Iterable[str], path: str) -> tuple[str, ...]:
    listed = [decode.dotted_name(one, f"{path}[{at}]") for at, one in enumerate(values)]
    if not 0 < len(listed) <= MAX_NAMES:
        raise InvalidField(path, f"must have 1 to {MAX_NAMES} entries")
    if len(set(listed)) != len(listed):
        raise InvalidField(path, "must not name anything twice")
    return tuple(sorted(listed))


def _second(moment: Timestamp, path: str) -> int:
    # 2000-01-01 to 2200-01-01: what lies outside is a mistake in units.
    if moment.nanos or not 946_684_800 <= moment.seconds <= 7_258_118_400:
        raise InvalidField(path, "must be a whole second from 2000 to 2200")
    return moment.seconds


def decode_status(number: pb.InstitutionStatus.ValueType, path: str) -> InstitutionStatus | None:
    """Return the status to filter by; None where none is set."""
    if number == pb.INSTITUTION_STATUS_UNSPECIFIED:
        return None
    try:
        name = pb.InstitutionStatus.Name(number).removeprefix("INSTITUTION_STATUS_")
        return InstitutionStatus(name.lower())
    except ValueError:
        raise InvalidField(path, "must be a known status") from None


def encode_member(member: Member) -> pb.Institution:
    """Return an institution with all its credentials."""
    status = pb.InstitutionStatus.Value(f"INSTITUTION_STATUS_{member.status.name}")
    return pb.Institution(
        id=member.id,
        legal_group=member.legal_group,
        roles=[pb.Role.Value(f"ROLE_{one.name}") for one in sorted(member.roles)],
        jurisdiction=member.jurisdiction.value,
        status=status,
        certificates=[encode_certificate(one) for one in member.certificates],
        signing_keys=[encode_key(one) for one in member.signing_keys],
        enrolled_at=moment(member.enrolled_at or None),
    )


def encode_certificate(one: Certificate) -> pb.Certificate:
    """Return a certificate's record."""
    return pb.Certificate(
        fingerprint=one.fingerprint,
        not_after=moment(one.not_after),
        retired_at=moment(one.retired_at),
    )


def encode_key(one: SigningKey) -> pb.SigningKey:
    """Return a signing key's record."""
    return pb.SigningKey(
        key_id=one.key_id, public_key=one.public_key, retired_at=moment(one.retired_at)
    )


def encode_contract(one: Contract) -> pb.Agreement:
    """Return an agreement."""
    return pb.Agreement(
        agreement_id=one.id,
        institution=one.institution,
        datasets=one.datasets,
        purposes=one.purposes,
        valid_from=moment(one.valid_from),
        valid_until=moment(one.valid_until),
        evidence_sha256=one.evidence_sha256,
        ended_at=moment(one.ended_at),
    )


def encode_expiring(one: Expiring) -> pb.Expiring:
    """Return something that ends."""
    answer = pb.Expiring(institution=one.institution, ends_at=moment(one.ends_at))
    if isinstance(one.what, Certificate):
        answer.certificate.CopyFrom(encode_certificate(one.what))
    elif isinstance(one.what, SigningKey):
        answer.signing_key.CopyFrom(encode_key(one.what))
    else:
        answer.agreement.CopyFrom(encode_contract(one.what))
    return answer


def moment(seconds: int | None) -> Timestamp | None:
    """Return a moment of the wire; None stays unset."""
    return None if seconds is None else Timestamp(seconds=seconds)
