"""What every engine promises of changes of credentials: bounds, overlaps, and repeats."""

from __future__ import annotations

import time

import msgspec
import pytest

from gateway.domain.reasons import ErrorReason
from support.directory_changes import (
    changes,
    enrolled,
    event_at,
    member,
    refusal,
)
from support.directory_records import certificate, change, fingerprint, key
from support.store_engines import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_rotation_adds_and_retires_after_the_overlap(store: Store) -> None:
    name = (await enrolled(store)).institution
    wanted = change(
        name,
        certificates=(certificate(f"{name}-c2"),),
        signing_keys=(key(f"{name}-k2"),),
        retired_certificates=(fingerprint(f"{name}-c1"),),
        retired_signing_keys=(f"{name}-k1",),
        overlap_s=500,
    )
    before = time.time()
    changed = await changes(store).change_credentials(name, wanted, f"{name}-k1")
    assert changed.retired_at is not None
    assert before + 500 <= changed.retired_at <= time.time() + 501
    found = await member(store, name)
    ends = {one.fingerprint: one.retired_at for one in found.certificates}
    assert ends == {
        fingerprint(f"{name}-c1"): changed.retired_at,
        fingerprint(f"{name}-c2"): None,
    }
    assert {one.key_id: one.retired_at for one in found.signing_keys} == {
        f"{name}-k1": changed.retired_at,
        f"{name}-k2": None,
    }
    event = await event_at(store, changed.recorded.log_index)
    assert (event["kind"], event["institution"]) == ("CREDENTIALS_CHANGED", name)
    assert event["retired"] == [fingerprint(f"{name}-c1"), f"{name}-k1"]
    assert event["overlap_seconds"] == 500
    again = await changes(store, 2).change_credentials(name, wanted, f"{name}-k1")
    assert again.recorded.repeat
    assert again.recorded.log_index == changed.recorded.log_index
    assert again.retired_at == changed.retired_at


async def test_a_change_id_stands_for_one_change(store: Store) -> None:
    name = (await enrolled(store)).institution
    first = change(name, certificates=(certificate(f"{name}-c2"),))
    await changes(store).change_credentials(name, first, f"{name}-k1")
    other = msgspec.structs.replace(first, digest=bytes(32), signing_keys=(key(f"{name}-k2"),))
    found = await refusal(changes(store).change_credentials(name, other, f"{name}-k1"))
    assert found[0] is ErrorReason.REQUEST_ID_REUSED


async def test_a_retirement_can_come_earlier_and_never_later(store: Store) -> None:
    name = (await enrolled(store)).institution
    added = (certificate(f"{name}-c2"),)
    old = (fingerprint(f"{name}-c1"),)
    ends = []
    for overlap, new in ((500, added), (1_000, ()), (100, ())):
        wanted = change(name, certificates=new, retired_certificates=old, overlap_s=overlap)
        await changes(store).change_credentials(name, wanted, f"{name}-k1")
        by_name = {
            one.fingerprint: one.retired_at for one in (await member(store, name)).certificates
        }
        ends.append(by_name[old[0]] or 0)
    assert ends[0] == ends[1]
    assert ends[2] < ends[1]


async def test_something_remains_in_use_of_each_kind(store: Store) -> None:
    name = (await enrolled(store)).institution
    for parts, element in (
        ({"retired_certificates": (fingerprint(f"{name}-c1"),), "overlap_s": 9}, "certificate"),
        ({"retired_signing_keys": (f"{name}-k1",)}, "signing_key"),
    ):
        wanted = change(name, **parts)
        found = await refusal(changes(store).change_credentials(name, wanted, f"{name}-k1"))
        assert found == (ErrorReason.LAST_CREDENTIAL, element)


async def test_what_has_ended_does_not_count_as_in_use(store: Store) -> None:
    name = f"ended-{int(time.time()) % 1_000_000}"
    ended = certificate(f"{name}-c0", not_after=int(time.time()) - 1)
    some = (ended, certificate(f"{name}-c1"))
    await enrolled(store, name=name, certificates=some)
    wanted = change(name, retired_certificates=(fingerprint(f"{name}-c1"),))
    found = await refusal(changes(store).change_credentials(name, wanted, f"{name}-k1"))
    assert found == (ErrorReason.LAST_CREDENTIAL, "certificate")


async def test_at_most_eight_are_live(store: Store) -> None:
    name = (await enrolled(store)).institution
    seven = tuple(certificate(f"{name}-m{at}") for at in range(7))
    await changes(store).change_credentials(name, change(name, certificates=seven), f"{name}-k1")
    ninth = change(name, certificates=(certificate(f"{name}-m9"),))
    found = await refusal(changes(store).change_credentials(name, ninth, f"{name}-k1"))
    assert found == (ErrorReason.INVALID_FIELD, "add_certificates")
    retire = change(name, retired_certificates=(seven[0].fingerprint,))
    await changes(store).change_credentials(name, retire, f"{name}-k1")
    await changes(store).change_credentials(name, ninth, f"{name}-k1")


async def test_only_what_is_the_institutions_own_and_live_is_retired(store: Store) -> None:
    mine, other = await enrolled(store), await enrolled(store)
    name = mine.institution
    for parts, field in (
        ({"retired_certificates": (other.certificates[0].fingerprint,)}, "retire_certificates"),
        ({"retired_signing_keys": (other.signing_keys[0].key_id,)}, "retire_signing_keys"),
        ({"retired_signing_keys": ("nobody",)}, "retire_signing_keys"),
    ):
        wanted = change(name, **parts)
        found = await refusal(changes(store).change_credentials(name, wanted, f"{name}-k1"))
        assert found == (ErrorReason.INVALID_FIELD, field)


async def test_the_key_that_signed_must_be_in_use_at_the_change(store: Store) -> None:
    name = (await enrolled(store)).institution
    rotate = change(name, signing_keys=(key(f"{name}-k2"),), retired_signing_keys=(f"{name}-k1",))
    await changes(store).change_credentials(name, rotate, f"{name}-k1")
    late = change(name, certificates=(certificate(f"{name}-c2"),))
    for signer in (f"{name}-k1", "lender-a-1", ""):
        found = await refusal(changes(store).change_credentials(name, late, signer))
        assert found[0] is ErrorReason.ENROLMENT_SIGNATURE_INVALID
    await changes(store).change_credentials(name, late, f"{name}-k2")
