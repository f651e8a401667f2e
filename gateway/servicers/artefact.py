"""The consent artefact, from its signed bytes to terms and subject.

Owns the checks of each of its fields. Refuses unknown fields: a party must not sign what the
gateway does not understand.
"""

from typing import Final

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp
from google.protobuf.unknown_fields import UnknownFieldSet

from gateway.application.ports.ledger import NewConsent, SignedArtefact
from gateway.domain.consent import ConsentTerms, Frequency
from gateway.domain.subject import SubjectKey
from gateway.domain.vocabulary import LawfulBasis, Period, SeparateConsent
from gateway.servicers import decode
from gateway.servicers.decode import InvalidField
from veilgate.v1 import consent_pb2 as pb

MAX_LIST: Final = 100
MAX_ARTEFACT_BYTES: Final = 16 * 1024
MAX_VALIDITY_S: Final = 3653 * 86_400
_MAX_USES: Final = 1_000_000


def signed_consent(message: pb.SignedConsent, path: str) -> NewConsent:
    """Return a signed consent whose form is right, or raise ``InvalidField``."""
    if not 0 < len(message.artefact) <= MAX_ARTEFACT_BYTES:
        raise InvalidField(f"{path}.artefact", f"must have 1 to {MAX_ARTEFACT_BYTES} bytes")
    if len(message.signature) != 64:
        raise InvalidField(f"{path}.signature", "must be an Ed25519 signature of 64 bytes")
    if not 0 < len(message.key_id) <= 63:
        raise InvalidField(f"{path}.key_id", "must have 1 to 63 characters")
    subject, terms = consent_terms(message.artefact, f"{path}.artefact")
    artefact = SignedArtefact(message.artefact, message.key_id, message.signature)
    return NewConsent(subject, terms, artefact)


def consent_terms(artefact: bytes, path: str) -> tuple[SubjectKey, ConsentTerms]:
    """Return subject and terms of a serialised ``ConsentArtefact``, or raise ``InvalidField``."""
    message = _parsed(artefact, path)
    subject = decode.subject_key(message, f"{path}.")
    valid_from, valid_until = _validity(message, path)
    fields = decode.names(message.fields, f"{path}.fields")
    categories = decode.names(message.categories, f"{path}.categories", MAX_LIST)
    if not fields and not categories:
        raise InvalidField(f"{path}.fields", "or categories must name at least one")
    terms = ConsentTerms(
        consent_id=decode.uuid(message.consent_id, f"{path}.consent_id"),
        version=_number(message.version, 1, 2**31 - 1, f"{path}.version"),
        controller=decode.institution_id(message.controller, f"{path}.controller"),
        collector=decode.institution_id(message.collector, f"{path}.collector"),
        providers=_each(message.providers, decode.institution_id, f"{path}.providers"),
        datasets=_each(message.datasets, decode.dotted_name, f"{path}.datasets"),
        purposes=_each(message.purposes, decode.dotted_name, f"{path}.purposes"),
        fields=fields,
        categories=categories,
        lawful_basis=_basis(message, path),
        separate=_separate(message, path),
        valid_from=valid_from,
        valid_until=valid_until,
        uses=_uses(message, path),
        frequency=_frequency(message, path),
        data_life_days=_number(message.data_life_days, 1, 3650, f"{path}.data_life_days"),
        evidence_sha256=_evidence(message, path),
    )
    return subject, terms


def _parsed(artefact: bytes, path: str) -> pb.ConsentArtefact:
    try:
        message = pb.ConsentArtefact.FromString(artefact)
    except DecodeError:
        raise InvalidField(path, "must be a serialised ConsentArtefact") from None
    parts = (
        message,
        message.subject,
        message.subject_reference,
        message.frequency,
        message.valid_from,
        message.valid_until,
    )
    if any(len(UnknownFieldSet(part)) for part in parts):
        raise InvalidField(path, "must not hold fields that this version does not know")
    return message


def _each(values, check, path: str) -> frozenset[str]:  # type: ignore[no-untyped-def]
    if not 0 < len(values) <= MAX_LIST:
        raise InvalidField(path, f"must have 1 to {MAX_LIST} entries")
    found = frozenset(check(value, f"{path}[{at}]") for at, value in enumerate(values))
    if len(found) != len(values):
        raise InvalidField(path, "must not name anything twice")
    return found


def _number(value: int, least: int, most: int, path: str) -> int:
    if not least <= value <= most:
        raise InvalidField(path, f"must be {least} to {most}")
    return value


def _validity(message: pb.ConsentArtefact, path: str) -> tuple[int, int]:
    start = _seconds(message.valid_from, f"{path}.valid_from")
    end = _seconds(message.valid_until, f"{path}.valid_until")
    if not start < end <= start + MAX_VALIDITY_S:
        raise InvalidField(f"{path}.valid_until", "must be after valid_from, by ten years at most")
    return start, end


def _seconds(moment: Timestamp, path: str) -> int:
    if moment.nanos:
        raise InvalidField(path, "must be a whole second")
    # 2000-01-01 to 2200-01-01: what lies outside is a mistake in units.
    return _number(moment.seconds, 946_684_800, 7_258_118_400, path)


def _basis(message: pb.ConsentArtefact, path: str) -> LawfulBasis:
    try:
        name = pb.LawfulBasis.Name(message.lawful_basis).removeprefix("LAWFUL_BASIS_").lower()
        return LawfulBasis(name)
    except ValueError:
        raise InvalidField(f"{path}.lawful_basis", "must be a known lawful basis") from None


def _separate(message: pb.ConsentArtefact, path: str) -> frozenset[SeparateConsent]:
    try:
        names = [pb.SeparateConsent.Name(kind) for kind in message.separate_consents]
        return frozenset(
            SeparateConsent(name.removeprefix("SEPARATE_CONSENT_").lower()) for name in names
        )
    except ValueError:
        raise InvalidField(f"{path}.separate_consents", "must be known kinds") from None


def _uses(message: pb.ConsentArtefact, path: str) -> int | None:
    if not message.HasField("uses"):
        return None
    return _number(message.uses, 1, _MAX_USES, f"{path}.uses")


def _frequency(message: pb.ConsentArtefact, path: str) -> Frequency | None:
    if not message.HasField("frequency"):
        return None
    count = _number(message.frequency.count, 1, _MAX_USES, f"{path}.frequency.count")
    try:
        name = pb.Period.Name(message.frequency.per).removeprefix("PERIOD_").lower()
        return Frequency(count, Period(name))
    except ValueError:
        raise InvalidField(f"{path}.frequency.per", "must be a known period") from None


def _evidence(message: pb.ConsentArtefact, path: str) -> bytes:
    if len(message.evidence_sha256) != 32:
        raise InvalidField(f"{path}.evidence_sha256", "must be 32 bytes")
    return message.evidence_sha256
