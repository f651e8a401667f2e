"""The record path over ports in memory: one consent of lender-a, one provider, one record.

Owns the wiring of the use case as the gateway does it, with the shipped policies.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from clients.cli.local.home import packaged_policies
from gateway.application.decide_access import DecideAccess, PolicyInForce
from gateway.application.get_record import GetRecord
from gateway.application.ports.ledger import SignedArtefact
from gateway.application.ports.store import StoredConsent
from gateway.application.protect_record import ProtectRecord
from gateway.bootstrap.settings import load_policy
from gateway.domain.consent import Consent, ConsentState, Standing
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.stages import Authenticated, Released, Value
from gateway.domain.vocabulary import DataClass, FieldType
from support.live_gateway import DATASET
from support.memory_keys import MemoryTextKeys, MemoryValueTags
from support.memory_ports import (
    MemoryConsents,
    MemoryDetector,
    MemoryLedger,
    MemoryProvider,
    MemoryPseudonyms,
)
from support.store_world import asked, fresh_person, terms

POLICY = load_policy(packaged_policies())
CONTRACT = POLICY.datasets[DATASET].contract
SECRET_FIELDS = {one.name for one in CONTRACT.fields if one.data_class is DataClass.C3}
_SAMPLES: dict[FieldType, Value] = {
    FieldType.STRING: "a text",
    FieldType.INTEGER: 7,
    FieldType.DATE: "1990-05-06",
    FieldType.TEXT: "a remark",
}
RECORD: dict[str, Value] = {one.name: _SAMPLES[one.type] for one in CONTRACT.fields} | {
    "name": "Ann Lee",
    "phone": "13800138000",
    "remark": "Ann Lee paid late; call 13800138000.",
}


@dataclass
class World:
    """The use case over ports in memory, with one consent of lender-a."""

    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    provider: MemoryProvider = field(default_factory=lambda: MemoryProvider(RECORD))
    detector: MemoryDetector = field(default_factory=MemoryDetector)
    pseudonyms: MemoryPseudonyms = field(default_factory=MemoryPseudonyms)
    providers: dict[str, MemoryProvider] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.agreed = terms()
        standing = Standing(ConsentState.ACTIVE)
        signed = SignedArtefact(b"artefact", "key-1", bytes(64))
        self.consents = MemoryConsents(StoredConsent(Consent(self.agreed, standing), signed, 0))
        self.providers["demo-bureau"] = self.provider
        now = self.agreed.valid_from + 60
        self.decide = DecideAccess(PolicyInForce(POLICY), self.consents, lambda: now)

    async def get(self, request: Authenticated | None = None) -> Released:
        protect = ProtectRecord(self.pseudonyms, self.detector, MemoryTextKeys(), MemoryValueTags())
        get = GetRecord(self.decide, self.ledger, self.providers, protect)
        return await get(request or asked(fresh_person()))

    async def reason(self, request: Authenticated | None = None) -> ErrorReason:
        with pytest.raises(Refused) as caught:
            await self.get(request)
        return caught.value.reason

    def assert_closed(self, outcome: str) -> None:
        """One intent was made, and closed once, by this outcome."""
        (outcomes,) = self.ledger.outcomes.values()
        assert outcomes == [outcome]
        assert self.ledger.open == set()
