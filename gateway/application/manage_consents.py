"""The life of a consent: grant, show, change. Who may do it is decided here, not in the store."""

from collections.abc import Callable

import msgspec

from gateway.application.ports.ledger import Ledger, NewConsent, Recorded
from gateway.application.ports.store import ConsentReader, Directory, StoredConsent
from gateway.domain.consent import TRANSITIONS, ConsentEvent, ConsentState, state_at
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse

VerifySignature = Callable[[bytes, NewConsent], None]
"""(public key, consent): returns, or raises ``Refused`` with CONSENT_SIGNATURE_INVALID."""


class ManageConsents:
    """Grants, shows and changes consents."""

    def __init__(
        self,
        consents: ConsentReader,
        directory: Directory,
        ledger: Ledger,
        verify: VerifySignature,
        clock: Callable[[], float],
    ) -> None:
        """Take the stores, the check of a collector's signature, a clock of Unix seconds."""
        self._consents = consents
        self._directory = directory
        self._ledger = ledger
        self._verify = verify
        self._clock = clock

    async def grant(self, principal: Principal, consent: NewConsent) -> Recorded:
        """Store a consent that its collector signed and presents.

        Raises ``Refused``: ROLE_MISSING if the caller is not the collector,
        CONSENT_SIGNATURE_INVALID, CONSENT_ALREADY_EXISTS.
        """
        if consent.terms.collector != principal.institution:
            raise refuse(ErrorReason.ROLE_MISSING, "collector")
        key = await self._directory.signing_key(principal.institution, consent.signed.key_id)
        if key is None:
            raise refuse(ErrorReason.CONSENT_SIGNATURE_INVALID, "key_id")
        self._verify(key, consent)
        return await self._ledger.grant(principal, consent)

    async def show(self, principal: Principal, consent_id: str) -> StoredConsent:
        """Return a consent to its collector or controller; to others it does not exist.

        One whose end has passed is shown as expired, whether that is stored yet or not.
        """
        stored = await self._own(principal, consent_id)
        return _with_state(stored, state_at(stored.consent, int(self._clock())))

    async def _own(self, principal: Principal, consent_id: str) -> StoredConsent:
        stored = await self._consents.consent(consent_id)
        if stored is None:
            raise refuse(ErrorReason.CONSENT_NOT_FOUND)
        terms = stored.consent.terms
        if principal.institution not in (terms.controller, terms.collector):
            raise refuse(ErrorReason.CONSENT_NOT_FOUND)
        return stored

    async def change(
        self, principal: Principal, consent_id: str, event: ConsentEvent
    ) -> tuple[StoredConsent, Recorded]:
        """Take a consent through a transition; return it as it was before, and the event.

        Raises ``Refused``: CONSENT_NOT_FOUND, CONSENT_TRANSITION_REFUSED. When this returns, no
        release under the old state can commit any more. That the end has passed is noticed here:
        the expiry is recorded, and the change is refused.
        """
        stored = await self._own(principal, consent_id)
        state = state_at(stored.consent, int(self._clock()))
        if state is not stored.consent.standing.state:
            await self._ledger.change(principal, consent_id, ConsentEvent.EXPIRE)
            raise refuse(ErrorReason.CONSENT_TRANSITION_REFUSED)
        recorded = await self._ledger.change(principal, consent_id, event)
        return stored, recorded


def _with_state(stored: StoredConsent, state: ConsentState) -> StoredConsent:
    if state is stored.consent.standing.state:
        return stored
    standing = msgspec.structs.replace(stored.consent.standing, state=state)
    consent = msgspec.structs.replace(stored.consent, standing=standing)
    return msgspec.structs.replace(stored, consent=consent)


def state_after(stored: StoredConsent, event: ConsentEvent) -> str:
    """Return the state that the table gives, or the present one if there is no transition."""
    state = stored.consent.standing.state
    return TRANSITIONS.get((state, event), state).value
