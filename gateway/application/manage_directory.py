"""The Directory's life: enrol, change credentials, suspend, agreements.

Owns who may do it, and which keys must have signed it. Refuses to acknowledge a change before it
holds for every call on every worker: after the commit it waits until nobody can believe an older
Directory any more.
"""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from gateway.application.ports.directory import (
    ChangedCredentials,
    DirectoryLedger,
    DirectoryReader,
)
from gateway.application.ports.ledger import Recorded
from gateway.domain.enrolment import (
    CHANGE_TYPE,
    ENROLMENT_TYPE,
    Contract,
    CredentialChange,
    Enrolment,
    InstitutionEvent,
)
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.vocabulary import Role

VerifySignature = Callable[[str, bytes, bytes, bytes], None]
"""(payload type, payload, public key, signature): returns, or raises ``Refused``."""


class Signed(msgspec.Struct, frozen=True):
    """The bytes that were signed, and the signatures by the id of their key."""

    payload: bytes
    signatures: Mapping[str, bytes]


class ManageDirectory:
    """Changes the Directory. ``settled`` returns once the last commit is known everywhere."""

    def __init__(
        self,
        records: DirectoryReader,
        ledger: DirectoryLedger,
        verify: VerifySignature,
        settled: Callable[[], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        """Take the ports, the check of a signature, and a clock of Unix seconds."""
        self._records = records
        self._ledger = ledger
        self._verify = verify
        self._settled = settled
        self._clock = clock

    async def enrol(self, principal: Principal, enrolment: Enrolment, signed: Signed) -> Recorded:
        """Add an institution by the request that each of its keys signed.

        Raises ``Refused``: ROLE_MISSING, ENROLMENT_SIGNATURE_INVALID, INSTITUTION_ALREADY_EXISTS,
        CREDENTIAL_IN_USE.
        """
        _require_operator(principal)
        for key in enrolment.signing_keys:
            self._require(ENROLMENT_TYPE, signed, key.key_id, key.public_key)
        recorded = await self._ledger.enrol(principal.institution, enrolment)
        await self._settled()
        return recorded

    async def change_credentials(
        self, principal: Principal, change: CredentialChange, signed: Signed
    ) -> ChangedCredentials:
        """Add and retire credentials, by a change that a key in use and each new key signed.

        Raises ``Refused``: INSTITUTION_NOT_FOUND (also where it is not the caller's to change),
        ENROLMENT_SIGNATURE_INVALID, and as ``DirectoryLedger.change_credentials``.
        """
        if change.institution != principal.institution and not _operates(principal):
            raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)
        member = await self._records.member(change.institution)
        if member is None:
            raise refuse(ErrorReason.INSTITUTION_NOT_FOUND)
        # A key that this very change retired, when it came first, vouches for its repetition.
        usable = {
            key.key_id: key.public_key
            for key in member.signing_keys
            if key.in_use(int(self._clock())) or key.key_id in change.retired_signing_keys
        }
        signed_by = next((id_ for id_ in sorted(signed.signatures) if id_ in usable), "")
        self._require(CHANGE_TYPE, signed, signed_by, usable.get(signed_by, b""))
        for new in change.signing_keys:
            self._require(CHANGE_TYPE, signed, new.key_id, new.public_key)
        changed = await self._ledger.change_credentials(principal.institution, change, signed_by)
        await self._settled()
        return changed

    async def change_status(
        self, principal: Principal, institution: str, transition: InstitutionEvent
    ) -> Recorded:
        """Suspend or reactivate; when this returns, every call of the institution is treated so.

        Raises ``Refused``: ROLE_MISSING, INSTITUTION_NOT_FOUND, INSTITUTION_TRANSITION_REFUSED
        (also for the last operator).
        """
        _require_operator(principal)
        recorded = await self._ledger.change_status(principal.institution, institution, transition)
        await self._settled()
        return recorded

    async def add_agreement(self, principal: Principal, contract: Contract) -> Recorded:
        """Record an agreement.

        Raises ``Refused``: ROLE_MISSING, INSTITUTION_NOT_FOUND, AGREEMENT_ALREADY_EXISTS.
        """
        _require_operator(principal)
        recorded = await self._ledger.add_agreement(principal.institution, contract)
        await self._settled()
        return recorded

    async def end_agreement(self, principal: Principal, agreement_id: str) -> Recorded:
        """End an agreement; when this returns, no release rests on it any more.

        Raises ``Refused``: ROLE_MISSING, AGREEMENT_NOT_FOUND.
        """
        _require_operator(principal)
        contract = await self._records.contract(agreement_id)
        if contract is None:
            raise refuse(ErrorReason.AGREEMENT_NOT_FOUND)
        recorded = await self._ledger.end_agreement(principal.institution, contract)
        await self._settled()
        return recorded

    def _require(self, kind: str, signed: Signed, key_id: str, public_key: bytes) -> None:
        signature = signed.signatures.get(key_id)
        if signature is None:
            raise refuse(ErrorReason.ENROLMENT_SIGNATURE_INVALID, key_id or "key_id")
        self._verify(kind, signed.payload, public_key, signature)


def _operates(principal: Principal) -> bool:
    return Role.OPERATOR in principal.roles


def _require_operator(principal: Principal) -> None:
    if not _operates(principal):
        raise refuse(ErrorReason.ROLE_MISSING, Role.OPERATOR.value)
