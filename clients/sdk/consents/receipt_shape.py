"""The part of a consent receipt's form that its verifier relies on.

Owns the names, which are those of ISO/IEC TS 27560:2023; ``x_`` marks the gateway's own. Names that
it does not know are passed over: a later release may tell more.
"""

from __future__ import annotations

from typing import Final

import msgspec

SCHEMA_VERSION: Final = "urn:veilgate:consent-receipt:1"


class Purpose(msgspec.Struct, frozen=True):
    """A purpose, by its id in the purpose tree."""

    purpose_type: str
    lawful_basis: str


class Processing(msgspec.Struct, frozen=True):
    """The PII processing section."""

    purposes: tuple[Purpose, ...]


class Party(msgspec.Struct, frozen=True):
    """An institution and what it is in this consent."""

    party_id: str
    party_role: tuple[str, ...]


class Event(msgspec.Struct, frozen=True):
    """A change of state and its place in the log."""

    event_time: str
    event_type: str
    event_state: str
    entity_id: str
    x_event_id: str
    x_log_index: int
    x_subject_tag: str
    x_commitment_salt: str


class Dataset(msgspec.Struct, frozen=True):
    """A dataset, by its name in the catalogue."""

    id: str


class Extension(msgspec.Struct, frozen=True):
    """The gateway's own part."""

    issued_at: str
    state: str
    datasets: tuple[Dataset, ...]
    log_origin: str


class Shape(msgspec.Struct, frozen=True):
    """A receipt as it was signed."""

    schema_version: str
    receipt_id: str
    record_id: str
    pii_principal_id: str
    pii_processing: Processing
    party_identification: tuple[Party, ...]
    event: tuple[Event, ...]
    x_veilgate: Extension

    def party(self, role: str) -> str:
        """The institution that has a role; empty if none has."""
        return next(
            (one.party_id for one in self.party_identification if role in one.party_role), ""
        )
