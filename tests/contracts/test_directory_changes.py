"""What every engine promises of changes to the Directory: once each, and in the log."""

from __future__ import annotations

import time

import msgspec
import pytest

from gateway.domain.enrolment import InstitutionEvent
from gateway.domain.reasons import ErrorReason
from gateway.domain.vocabulary import InstitutionStatus, Role
from support.directory_changes import (
    BY,
    changes,
    enrolled,
    event_at,
    member,
    records,
    refusal,
)
from support.directory_records import certificate, change, contract, enrolment, fingerprint, key
from support.store_engines import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")
SUSPEND, REACTIVATE = InstitutionEvent.SUSPEND, InstitutionEvent.REACTIVATE


async def test_an_enrolment_is_a_member_and_an_event(store: Store) -> None:
    wanted = enrolment(Role.LENDER, Role.BUREAU)
    recorded = await changes(store).enrol(BY, wanted)
    found = await member(store, wanted.institution)
    assert (found.legal_group, found.roles, found.jurisdiction) == (
        wanted.legal_group,
        wanted.roles,
        wanted.jurisdiction,
    )
    assert (found.certificates, found.signing_keys) == (wanted.certificates, wanted.signing_keys)
    assert found.status is InstitutionStatus.ACTIVE
    assert abs(found.enrolled_at - time.time()) < 120
    event = await event_at(store, recorded.log_index)
    assert event["id"] == recorded.event_id
    assert {name: event[name] for name in ("kind", "institution", "by", "roles")} == {
        "kind": "INSTITUTION_ENROLLED",
        "institution": wanted.institution,
        "by": BY,
        "roles": ["bureau", "lender"],
    }
    assert event["certificates"] == [wanted.certificates[0].fingerprint]
    assert event["evidence"] == wanted.digest.hex()


async def test_the_same_enrolment_again_is_a_repeat_and_another_is_refused(store: Store) -> None:
    wanted = enrolment()
    first = await changes(store).enrol(BY, wanted)
    again = await changes(store, 1).enrol(BY, wanted)
    assert (again.repeat, again.log_index, again.event_id) == (True, first.log_index, "")
    other = enrolment(name=wanted.institution, legal_group="other-group")
    reason, _ = await refusal(changes(store).enrol(BY, other))
    assert reason is ErrorReason.INSTITUTION_ALREADY_EXISTS
    seeded = enrolment(name="lender-b", certificates=(certificate("x"),))
    reason, _ = await refusal(changes(store).enrol(BY, seeded))
    assert reason is ErrorReason.INSTITUTION_ALREADY_EXISTS


async def test_a_credential_is_registered_once_even_after_its_retirement(store: Store) -> None:
    first = await enrolled(store)
    name = first.institution
    await changes(store).change_credentials(
        BY,
        change(
            name,
            certificates=(certificate(f"{name}-c2"),),
            retired_certificates=(fingerprint(f"{name}-c1"),),
        ),
        f"{name}-k1",
    )
    for parts, element in (
        ({"certificates": first.certificates}, "certificate"),
        ({"signing_keys": first.signing_keys}, "signing_key"),
        (
            {
                "signing_keys": (
                    msgspec.structs.replace(
                        key(f"{name}-k9"), public_key=first.signing_keys[0].public_key
                    ),
                )
            },
            "signing_key",
        ),
    ):
        found = await refusal(changes(store).enrol(BY, enrolment(**parts)))
        assert found == (ErrorReason.CREDENTIAL_IN_USE, element)


async def test_who_is_suspended_changes_nothing(store: Store) -> None:
    operator = await enrolled(store)
    await changes(store).change_status(BY, operator.institution, SUSPEND)
    found = await refusal(changes(store).enrol(operator.institution, enrolment()))
    assert found[0] is ErrorReason.INSTITUTION_SUSPENDED


async def test_suspension_and_reactivation_follow_the_table(store: Store) -> None:
    name = (await enrolled(store)).institution
    suspended = await changes(store).change_status(BY, name, SUSPEND)
    event = await event_at(store, suspended.log_index)
    assert (event["kind"], event["institution"], event["by"]) == ("INSTITUTION_SUSPENDED", name, BY)
    assert (await member(store, name)).status is InstitutionStatus.SUSPENDED
    found = await refusal(changes(store).change_status(BY, name, SUSPEND))
    assert found[0] is ErrorReason.INSTITUTION_TRANSITION_REFUSED
    back = await changes(store).change_status(BY, name, REACTIVATE)
    assert (await event_at(store, back.log_index))["kind"] == "INSTITUTION_REACTIVATED"
    found = await refusal(changes(store).change_status(BY, name, REACTIVATE))
    assert found[0] is ErrorReason.INSTITUTION_TRANSITION_REFUSED
    found = await refusal(changes(store).change_status(BY, "nobody", SUSPEND))
    assert found[0] is ErrorReason.INSTITUTION_NOT_FOUND


async def test_the_last_active_operator_stays(store: Store) -> None:
    first = (await enrolled(store, Role.OPERATOR)).institution
    found = await refusal(changes(store).change_status(first, first, SUSPEND))
    assert found[0] is ErrorReason.INSTITUTION_TRANSITION_REFUSED
    second = (await enrolled(store, Role.OPERATOR)).institution
    await changes(store).change_status(first, second, SUSPEND)
    found = await refusal(changes(store).change_status(first, first, SUSPEND))
    assert found[0] is ErrorReason.INSTITUTION_TRANSITION_REFUSED
    await changes(store).change_status(first, second, REACTIVATE)
    await changes(store).change_status(second, first, SUSPEND)


async def test_an_agreement_is_added_once_and_ended_once(store: Store) -> None:
    name = (await enrolled(store)).institution
    wanted = contract(name, datasets=("a.b", "c"), purposes=("credit", "fraud"))
    first = await changes(store).add_agreement(BY, wanted)
    assert await records(store).contract(wanted.id) == wanted
    event = await event_at(store, first.log_index)
    assert (event["kind"], event["agreement"], event["datasets"]) == (
        "AGREEMENT_ADDED",
        wanted.id,
        ["a.b", "c"],
    )
    again = await changes(store, 3).add_agreement(BY, wanted)
    assert (again.repeat, again.log_index) == (True, first.log_index)
    other = msgspec.structs.replace(wanted, purposes=("marketing",))
    found = await refusal(changes(store).add_agreement(BY, other))
    assert found[0] is ErrorReason.AGREEMENT_ALREADY_EXISTS
    ended = await changes(store).end_agreement(BY, wanted)
    stored = await records(store).contract(wanted.id)
    assert stored is not None
    assert stored.ended_at is not None
    assert abs(stored.ended_at - time.time()) < 120
    assert (await event_at(store, ended.log_index))["kind"] == "AGREEMENT_ENDED"
    again = await changes(store).end_agreement(BY, wanted)
    assert (again.repeat, again.log_index) == (True, ended.log_index)


async def test_agreements_are_of_the_enrolled_and_of_none_that_is_unknown(store: Store) -> None:
    found = await refusal(changes(store).add_agreement(BY, contract("nobody")))
    assert found[0] is ErrorReason.INSTITUTION_NOT_FOUND
    found = await refusal(changes(store).end_agreement(BY, contract("lender-a")))
    assert found[0] is ErrorReason.AGREEMENT_NOT_FOUND
