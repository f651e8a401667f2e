"""What every engine promises of the Directory's lists: filters, order, pages."""

from __future__ import annotations

import time

import pytest

from gateway.application.ports.directory import ContractFilter, MemberFilter
from gateway.domain.enrolment import InstitutionEvent, SigningKey
from gateway.domain.vocabulary import InstitutionStatus, Role
from support.directory_changes import (
    BY,
    changes,
    enrolled,
    records,
)
from support.directory_records import certificate, change, contract, enrolment, key
from support.store_engines import Store

pytestmark = pytest.mark.asyncio(loop_scope="module")
SUSPEND, REACTIVATE = InstitutionEvent.SUSPEND, InstitutionEvent.REACTIVATE


async def test_institutions_are_filtered_and_paged_by_id(store: Store) -> None:
    group = f"paged-{int(time.time()) % 1_000_000}"
    names = []
    for role in (Role.WITNESS, Role.GATEWAY, Role.WITNESS):
        one = await enrolled(store, role, Role.LENDER, legal_group=group)
        names.append(one.institution)
    await changes(store).change_status(BY, names[0], SUSPEND)
    listed = records(store)
    everybody = await listed.members(MemberFilter(legal_group=group), 10, "")
    assert [one.id for one in everybody] == sorted(names)
    assert all(one.certificates and one.signing_keys for one in everybody)
    first = await listed.members(MemberFilter(legal_group=group), 2, "")
    rest = await listed.members(MemberFilter(legal_group=group), 2, first[-1].id)
    assert [one.id for one in first + rest] == sorted(names)
    for wanted, expected in (
        (MemberFilter(Role.WITNESS, None, group), {names[0], names[2]}),
        (MemberFilter(None, InstitutionStatus.SUSPENDED, group), {names[0]}),
        (MemberFilter(Role.WITNESS, InstitutionStatus.ACTIVE, group), {names[2]}),
        (MemberFilter(Role.OPERATOR, None, group), set()),
    ):
        assert {one.id for one in await listed.members(wanted, 10, "")} == expected


async def test_agreements_are_filtered_by_whole_names(store: Store) -> None:
    name = (await enrolled(store)).institution
    now = int(time.time())
    one = contract(name, datasets=("a_b", "c.d"), purposes=("credit",))
    two = contract(name, datasets=("a-b",), purposes=("credit.underwriting",))
    late = contract(name, datasets=("c",), valid_from=now + 999)
    for each in (one, two, late):
        await changes(store).add_agreement(BY, each)
    ids = sorted(each.id for each in (one, two, late))
    listed = records(store)
    assert [found.id for found in await listed.contracts(ContractFilter(name), 9, "")] == ids
    paged = await listed.contracts(ContractFilter(name), 9, ids[0])
    assert [found.id for found in paged] == ids[1:]
    for wanted, expected in (
        (ContractFilter(name, "a_b"), {one.id}),
        (ContractFilter(name, "c.d"), {one.id}),
        (ContractFilter(name, "c"), {late.id}),
        (ContractFilter(name, "", "credit.underwriting"), {two.id}),
        (ContractFilter(name, "a-b", "credit"), set()),
        (ContractFilter(name, in_force_at=now), {one.id, two.id}),
    ):
        assert {found.id for found in await listed.contracts(wanted, 9, "")} == expected
    await changes(store).end_agreement(BY, two)
    in_force = await listed.contracts(ContractFilter(name, in_force_at=now + 2), 9, "")
    assert {found.id for found in in_force} == {one.id}


async def test_what_ends_soon_comes_in_the_order_of_its_end_and_in_pages(store: Store) -> None:
    now = int(time.time())
    own = enrolment()
    name = own.institution
    some = (certificate(f"{name}-c1", now + 5_000), certificate(f"{name}-c2", now + 900_000))
    await changes(store).enrol(BY, enrolment(name=name, certificates=some))
    soon = contract(name, valid_from=0, valid_until=now + 3_000)
    await changes(store).add_agreement(BY, soon)
    await changes(store).add_agreement(BY, contract(name))
    rotated = change(
        name,
        signing_keys=(key(f"{name}-k2"),),
        retired_signing_keys=(f"{name}-k1",),
        overlap_s=4_000,
    )
    await changes(store).change_credentials(name, rotated, f"{name}-k1")
    listed = records(store)
    found = await listed.expiring(name, now, now + 86_400, 9, "")
    assert [one.what for one in found[::2]] == [soon, some[0]]
    assert [one.ends_at for one in found] == sorted(one.ends_at for one in found)
    assert isinstance(found[1].what, SigningKey)
    assert found[1].what.key_id == f"{name}-k1"
    paged, after = [], ""
    for _ in range(4):
        page = await listed.expiring(name, now, now + 86_400, 1, after)
        paged += page
        after = listed.place(page[0]) if page else after
    assert paged == found
    everybody = await listed.expiring("", now, now + 86_400, 100, "")
    assert set(found) <= set(everybody)
