"""The ledger of the Directory over the committer: records to operations, results to receipts.

Owns which event an operation carries, and the digest by which a repeated change is known.
"""

from collections.abc import Awaitable, Callable
from hashlib import sha256

import msgspec

from gateway.adapters.committer.audit_events import Event
from gateway.adapters.committer.directory_events import (
    agreement_added_event,
    agreement_ended_event,
    credentials_event,
    enrolled_event,
    status_event,
)
from gateway.adapters.committer.messages import (
    AddAgreement,
    AnyOperation,
    ChangeCredentials,
    ChangeStatus,
    Done,
    EndAgreement,
    Enrol,
    NewAgreement,
)
from gateway.application.ports.directory import ChangedCredentials
from gateway.application.ports.ledger import Recorded
from gateway.domain.enrolment import (
    Certificate,
    Contract,
    CredentialChange,
    Enrolment,
    InstitutionEvent,
    SigningKey,
)
from gateway.domain.vocabulary import InstitutionStatus

_NOBODY = b""
"""No subject: events of the Directory are about institutions."""


class CommitterDirectory:
    """Implements ``DirectoryLedger``."""

    def __init__(self, done: Callable[[AnyOperation], Awaitable[Done]]) -> None:
        """Take the way to the committer: ``CommitterLedger.done``."""
        self._done = done

    async def enrol(self, by: str, enrolment: Enrolment) -> Recorded:
        """Add an institution."""
        event = enrolled_event(by, enrolment)
        return _recorded(event, await self._done(enrol_operation(event.body, by, enrolment)))

    async def change_credentials(
        self, by: str, change: CredentialChange, signed_by: str
    ) -> ChangedCredentials:
        """Add and retire credentials."""
        event = credentials_event(by, change)
        done = await self._done(
            ChangeCredentials(
                event.body,
                _NOBODY,
                by,
                change.digest,
                change.institution,
                change.change_id,
                signed_by,
                _certificates(change.certificates),
                _keys(change.signing_keys),
                change.retired_certificates,
                change.retired_signing_keys,
                change.overlap_s,
            )
        )
        return ChangedCredentials(_recorded(event, done), done.value or None)

    async def change_status(
        self, by: str, institution: str, transition: InstitutionEvent
    ) -> Recorded:
        """Take an institution through a transition."""
        event = status_event(by, institution, transition)
        operation = ChangeStatus(event.body, _NOBODY, by, institution, transition.value)
        return _recorded(event, await self._done(operation))

    async def add_agreement(self, by: str, contract: Contract) -> Recorded:
        """Record an agreement."""
        event = agreement_added_event(by, contract)
        new = agreement_row(contract)
        digest = sha256(msgspec.msgpack.encode(new)).digest()
        operation = AddAgreement(event.body, _NOBODY, by, digest, new)
        return _recorded(event, await self._done(operation))

    async def end_agreement(self, by: str, contract: Contract) -> Recorded:
        """End an agreement now."""
        event = agreement_ended_event(by, contract)
        operation = EndAgreement(event.body, _NOBODY, by, contract.id)
        return _recorded(event, await self._done(operation))


def enrol_operation(
    event: bytes,
    by: str,
    enrolment: Enrolment,
    status: InstitutionStatus = InstitutionStatus.ACTIVE,
    contracts: tuple[Contract, ...] = (),
) -> Enrol:
    """Return the operation that enrols; status and contracts are the partner file's."""
    return Enrol(
        event,
        _NOBODY,
        by,
        enrolment.digest,
        enrolment.institution,
        enrolment.legal_group,
        ",".join(sorted(enrolment.roles)),
        enrolment.jurisdiction.value,
        status.value,
        _certificates(enrolment.certificates),
        _keys(enrolment.signing_keys),
        tuple(agreement_row(one) for one in contracts),
    )


def agreement_row(contract: Contract) -> NewAgreement:
    """Return an agreement as the store keeps it."""
    return NewAgreement(
        contract.id,
        contract.institution,
        ",".join(sorted(contract.datasets)),
        ",".join(sorted(contract.purposes)),
        contract.valid_from,
        contract.valid_until,
        contract.evidence_sha256,
    )


def _certificates(some: tuple[Certificate, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((one.fingerprint, one.not_after or 0) for one in some)


def _keys(some: tuple[SigningKey, ...]) -> tuple[tuple[str, bytes], ...]:
    return tuple((one.key_id, one.public_key) for one in some)


def _recorded(event: Event, done: Done) -> Recorded:
    return Recorded("" if done.repeat else event.id, done.log_index, done.repeat)
