"""The ports for what is asked of consents beyond a single decision: lists, histories, receipts."""

from collections.abc import Iterable, Mapping
from typing import Protocol

import msgspec

from gateway.domain.consent import Consent
from gateway.domain.subject import SubjectKey
from gateway.domain.vocabulary import Jurisdiction


class Place(msgspec.Struct, frozen=True):
    """Where a list goes on: after the consent of this id, granted at this time (Unix seconds)."""

    granted_at: int
    consent_id: str


class Listed(msgspec.Struct, frozen=True):
    """A consent of a list. ``granted_at`` is in Unix seconds."""

    consent: Consent
    granted_at: int

    @property
    def place(self) -> Place:
        """Return where a list goes on after this one."""
        return Place(self.granted_at, self.consent.terms.consent_id)


class ConsentList(Protocol):
    """Reads consents in the order of their grants."""

    async def following(
        self, institution: str, subject: SubjectKey | None, after: Place | None, most: int
    ) -> list[Listed]:
        """Return the next consents that the institution collected or controls, the latest first.

        At most ``most``; fewer only at the end. Only those of ``subject``, if one is given. Raises
        ``Refused``: STORE_UNAVAILABLE, REFERENCE_KEY_UNKNOWN.
        """
        ...


class ConsentMoment(msgspec.Struct, frozen=True):
    """One event of a consent in the log. ``time`` is RFC 3339, in UTC, as the event has it.

    ``tag`` (hex) is what the event says of the subject, ``salt`` (hex) opens its commitment to the
    consent's id: whoever holds both finds the consent in this event and in no other.
    """

    event_id: str
    kind: str
    time: str
    log_index: int
    institution: str
    tag: str
    salt: str


class Party(msgspec.Struct, frozen=True):
    """What the Directory says of an institution that a consent names."""

    legal_group: str
    jurisdiction: Jurisdiction


class ConsentHistory(Protocol):
    """Reads what became of a consent, and whom it names."""

    async def moments(self, consent_id: str) -> tuple[ConsentMoment, ...]:
        """Return the grant and the latest changes of state, in log order; nothing if unknown.

        Raises ``Refused`` with STORE_UNAVAILABLE.
        """
        ...

    async def parties(self, institutions: Iterable[str]) -> Mapping[str, Party]:
        """Return those of the institutions that are in the Directory."""
        ...


class SignedReceipt(msgspec.Struct, frozen=True):
    """A receipt as it was signed: the bytes of a JSON object, the key's id, 64 bytes."""

    receipt: bytes
    key_id: str
    signature: bytes


class ReceiptSigner(Protocol):
    """Signs receipts with the gateway's receipt key."""

    def sign(self, receipt: bytes) -> SignedReceipt:
        """Return the receipt with an Ed25519 signature over its DSSE encoding."""
        ...
