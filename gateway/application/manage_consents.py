"""The life of a consent: grant, show, change. Who may do it is decided here, not in the store."""

from collections.abc import Callable

from gateway.application.ports.ledger import Ledger, NewConsent, Recorded
from gateway.application.ports.store import ConsentReader, Directory, StoredConsent
from gateway.domain.consent import TRANSITIONS, ConsentEvent
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
    ) -> None:
        """Take the stores and the check of a collector's signature."""
        self._consents = consents
        self._directory = directory
        self._ledger = ledger
        self._verify = verify

    async def grant(self, principal: Principal, consent: NewConsent) -> Recorded:
        """Store a consent that its collector signed and presents.

        Raises ``Refused``: ROLE_MISSING if the caller is not the collector,
        CONSENT_SIGNATURE_INVALID, CONSENT_ALREADY_EXISTS.
        """
        if consent.terms.collector != principal.institution:
            raise refuse(ErrorReason.ROLE_MISSING, "collector")
        key = self._directory.signing_key(principal.institution, consent.signed.key_id)
        if key is None:
            raise refuse(ErrorReason.CONSENT_SIGNATURE_INVALID, "key_id")
        self._verify(key, consent)
        return await self._ledger.grant(principal, consent)

    def show(self, principal: Principal, consent_id: str) -> StoredConsent:
        """Return a consent to its collector or controller; to others it does not exist."""
        stored = self._consents.consent(consent_id)
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
        release under the old state can commit any more.
        """
        stored = self.show(principal, consent_id)
        recorded = await self._ledger.change(principal, consent_id, event)
        return stored, recorded


def state_after(stored: StoredConsent, event: ConsentEvent) -> str:
    """Return the state that the table gives, or the present one if there is no transition."""
    state = stored.consent.standing.state
    return TRANSITIONS.get((state, event), state).value
