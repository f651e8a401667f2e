"""A request that another gateway passes on for one of its own institutions.

Owns who such a request counts as: the recipient, by this gateway's own Directory, under the consent
that travels along. The calling gateway only carries: it gets nothing that the recipient would not
get. Refuses a request that came through here before.
"""

import msgspec

from gateway.application.manage_consents import VerifySignature
from gateway.application.ports.ledger import Ledger, NewConsent
from gateway.application.ports.store import ConsentReader, Directory
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, refuse
from gateway.domain.stages import Forwarded, Received
from gateway.domain.vocabulary import Role


class Forwarding(msgspec.Struct, frozen=True):
    """What came along: for whom, under which consent, through which gateways, for which event."""

    recipient: str
    consent: NewConsent
    path: tuple[str, ...]
    event_id: str


class AcceptForwarded:
    """Says whose request a forwarded one is. ``origin`` is this gateway's log's."""

    def __init__(
        self,
        directory: Directory,
        consents: ConsentReader,
        ledger: Ledger,
        verify: VerifySignature,
        origin: str,
    ) -> None:
        """Take the Directory, the consents, the ledger, and the check of a signature."""
        self._directory = directory
        self._consents = consents
        self._ledger = ledger
        self._verify = verify
        self._origin = origin

    async def __call__(
        self, caller: Principal, received: Received, forwarding: Forwarding
    ) -> tuple[Received, Principal]:
        """Return the request as the recipient's, and the recipient, who it counts as coming from.

        Raises ``Refused``: ROLE_MISSING, FEDERATION_LOOP, INSTITUTION_NOT_FOUND,
        INSTITUTION_SUSPENDED, CONSENT_SIGNATURE_INVALID, CONSENT_ALREADY_EXISTS.
        """
        if Role.GATEWAY not in caller.roles:
            raise refuse(ErrorReason.ROLE_MISSING, Role.GATEWAY.value)
        if self._origin in forwarding.path:
            raise refuse(ErrorReason.FEDERATION_LOOP)
        recipient = await self._directory.member(forwarding.recipient)
        await self._known(recipient, forwarding.consent)
        came = Forwarded(caller.institution, forwarding.path, forwarding.event_id)
        consent_id = forwarding.consent.terms.consent_id
        return msgspec.structs.replace(received, consent_id=consent_id, forwarded=came), recipient

    async def _known(self, recipient: Principal, consent: NewConsent) -> None:
        """Hold the consent; its state is this gateway's own from then on."""
        collector = consent.terms.collector
        key = await self._directory.signing_key(collector, consent.signed.key_id)
        if key is None:
            raise refuse(ErrorReason.CONSENT_SIGNATURE_INVALID, "key_id")
        self._verify(key, consent)
        stored = await self._consents.consent(consent.terms.consent_id)
        if stored is None:
            await self._ledger.grant(recipient, consent)
        elif stored.signed != consent.signed:
            raise refuse(ErrorReason.CONSENT_ALREADY_EXISTS)
