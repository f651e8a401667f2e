"""Who may change the Directory, with whose signatures, and when a change is acknowledged."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from gateway.adapters.keys.directory_signatures import verify_request
from gateway.application.manage_directory import ManageDirectory, Signed
from gateway.application.ports.directory import ChangedCredentials
from gateway.application.ports.ledger import Recorded
from gateway.crypto.dsse import pae
from gateway.crypto.ed25519 import SigningKey
from gateway.domain.enrolment import (
    CHANGE_TYPE,
    ENROLMENT_TYPE,
    Contract,
    InstitutionEvent,
    Member,
)
from gateway.domain.enrolment import SigningKey as Registered
from gateway.domain.institution import Principal
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role
from support.directory_records import change, contract, enrolment

NOW = 1_000
OLD, NEW, RETIRED = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
OPERATOR = Principal("operator", "desk", frozenset({Role.OPERATOR}), Jurisdiction.CN)
LENDER = Principal("lender", "desk", frozenset({Role.LENDER}), Jurisdiction.CN)
OTHER = Principal("other", "desk", frozenset({Role.LENDER, Role.AUDITOR}), Jurisdiction.CN)
PAYLOAD = b"what is signed"


@dataclass
class Records:
    """One institution with a key in use and a retired one, and one agreement."""

    agreement: Contract = field(default_factory=lambda: contract("lender"))

    async def member(self, institution: str) -> Member | None:
        keys = (
            Registered("old", OLD.public_key.raw, NOW + 1),
            Registered("gone", RETIRED.public_key.raw, NOW),
        )
        plain = ("group", frozenset({Role.LENDER}), Jurisdiction.CN, InstitutionStatus.ACTIVE, 0)
        return Member("lender", *plain, (), keys) if institution == "lender" else None

    async def contract(self, agreement_id: str) -> Contract | None:
        return self.agreement if agreement_id == self.agreement.id else None


class World:
    """The use case over what happened, in order."""

    def __init__(self) -> None:
        self.happened: list[Any] = []
        self.records = Records()
        self.manage = ManageDirectory(
            self.records,  # type: ignore[arg-type]
            self,  # type: ignore[arg-type]
            verify_request,
            self.settled,
            lambda: NOW,
        )

    async def settled(self) -> None:
        self.happened.append("settled")

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        async def change(by: str, *what: Any) -> Any:
            self.happened.append((name, by, *what[1:]))
            recorded = Recorded("event", 7)
            return ChangedCredentials(recorded, None) if "cred" in name else recorded

        return change


def signed(kind: str, payload: bytes = PAYLOAD, **keys: SigningKey) -> Signed:
    return Signed(payload, {id_: key.sign(pae(kind, payload)) for id_, key in keys.items()})


def new_key(name: str = "new", key: SigningKey = NEW) -> Registered:
    return Registered(name, key.public_key.raw)


async def refusal(awaitable: Awaitable[object]) -> ErrorReason:
    with pytest.raises(Refused) as caught:
        await awaitable
    return caught.value.reason


async def test_every_change_is_acknowledged_after_it_has_settled() -> None:
    world = World()
    enrolled = enrolment(signing_keys=(new_key(),))
    manage = world.manage
    await manage.enrol(OPERATOR, enrolled, signed(ENROLMENT_TYPE, new=NEW))
    await manage.change_credentials(LENDER, change("lender"), signed(CHANGE_TYPE, old=OLD))
    await manage.change_status(OPERATOR, "lender", InstitutionEvent.SUSPEND)
    await manage.add_agreement(OPERATOR, contract("lender"))
    await manage.end_agreement(OPERATOR, world.records.agreement.id)
    assert world.happened == [
        ("enrol", "operator"),
        "settled",
        ("change_credentials", "lender", "old"),
        "settled",
        ("change_status", "operator", InstitutionEvent.SUSPEND),
        "settled",
        ("add_agreement", "operator"),
        "settled",
        ("end_agreement", "operator"),
        "settled",
    ]


@pytest.mark.parametrize("who", [LENDER, OTHER])
async def test_who_is_no_operator_changes_nothing_but_its_own_credentials(who: Principal) -> None:
    world = World()
    manage = world.manage
    enrolled = enrolment(signing_keys=(new_key(),))
    for attempt in (
        manage.enrol(who, enrolled, signed(ENROLMENT_TYPE, new=NEW)),
        manage.change_status(who, who.institution, InstitutionEvent.SUSPEND),
        manage.add_agreement(who, contract("lender")),
        manage.end_agreement(who, world.records.agreement.id),
    ):
        assert await refusal(attempt) is ErrorReason.ROLE_MISSING
    assert world.happened == []


@pytest.mark.parametrize(("who", "whose"), [(OTHER, "lender"), (OPERATOR, "nobody")])
async def test_credentials_of_others_are_not_there_to_be_changed(
    who: Principal, whose: str
) -> None:
    attempt = World().manage.change_credentials(who, change(whose), signed(CHANGE_TYPE, old=OLD))
    assert await refusal(attempt) is ErrorReason.INSTITUTION_NOT_FOUND


@pytest.mark.parametrize(
    "signatures",
    [
        signed(CHANGE_TYPE),
        signed(CHANGE_TYPE, new=NEW),
        signed(CHANGE_TYPE, old=NEW, new=NEW),
        signed(CHANGE_TYPE, old=OLD),
        signed(CHANGE_TYPE, gone=RETIRED, new=NEW),
        signed(ENROLMENT_TYPE, old=OLD, new=NEW),
        Signed(b"else", signed(CHANGE_TYPE, old=OLD, new=NEW).signatures),
    ],
    ids=["none", "new only", "forged", "not by the new", "retired", "other type", "other bytes"],
)
async def test_a_change_is_signed_by_a_key_in_use_and_by_each_new_one(signatures: Signed) -> None:
    world = World()
    wanted = change("lender", signing_keys=(new_key(),))
    for who in (LENDER, OPERATOR):
        attempt = world.manage.change_credentials(who, wanted, signatures)
        assert await refusal(attempt) is ErrorReason.ENROLMENT_SIGNATURE_INVALID
    assert world.happened == []
    whole = signed(CHANGE_TYPE, old=OLD, new=NEW)
    await world.manage.change_credentials(LENDER, wanted, whole)


async def test_an_enrolment_is_signed_by_all_its_keys() -> None:
    world = World()
    wanted = enrolment(signing_keys=(new_key("new"), new_key("more", OLD)))
    for some in (signed(ENROLMENT_TYPE, new=NEW), signed(ENROLMENT_TYPE, new=NEW, more=NEW)):
        attempt = world.manage.enrol(OPERATOR, wanted, some)
        assert await refusal(attempt) is ErrorReason.ENROLMENT_SIGNATURE_INVALID
    await world.manage.enrol(OPERATOR, wanted, signed(ENROLMENT_TYPE, new=NEW, more=OLD))


async def test_an_agreement_that_is_not_there_cannot_be_ended() -> None:
    attempt = World().manage.end_agreement(OPERATOR, contract("lender").id)
    assert await refusal(attempt) is ErrorReason.AGREEMENT_NOT_FOUND
