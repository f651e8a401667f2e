"""Whose many consents are, on every engine: what a binning's rows are bound to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import msgspec
import pytest

from gateway.adapters.aggregates.merkle_tree import MerkleTree
from gateway.adapters.keys.row_tags import KeyedRowTags
from gateway.adapters.store.consent_versions import StoredVersions
from gateway.application.aggregate.bound_rows import BoundRows, JobRows, RowBinder
from gateway.crypto.elgamal import SecretKey
from gateway.domain.aggregate.binning_rows import read_bindings
from gateway.domain.reasons import ErrorReason, Refused
from gateway.domain.subject import SubjectKey, SubjectReference
from support.aggregate_rounds import consented_binning
from support.binning_pair import contract, job_of
from support.store_engines import Store
from support.store_world import fresh_person

pytestmark = pytest.mark.asyncio(loop_scope="module")
BUREAU = "demo-bureau"


async def granted(store: Store, person: SubjectKey) -> str:
    return (await consented_binning(store.workers[0], person)).consent_id


async def test_a_consent_says_whose_it_is(store: Store) -> None:
    people = [fresh_person() for _ in range(3)]
    ids = [await granted(store, one) for one in people]
    found = await StoredVersions(store.reader).versions([*ids, str(uuid4())])
    assert set(found) == set(ids)
    for name, one in zip(ids, people, strict=True):
        assert found[name].controller == "lender-a"
        assert found[name].subject_id == store.keyring.subject_id(one)
        assert len(found[name].digest) == 32
    assert ids[0] not in repr(found[ids[0]])


async def test_more_than_one_statement_can_name(store: Store) -> None:
    name = await granted(store, fresh_person())
    asked = [*(str(uuid4()) for _ in range(1_200)), name]
    assert set(await StoredVersions(store.reader).versions(asked)) == {name}


async def bind(binder: RowBinder, lender: str, rows: JobRows, job: str = "0") -> BoundRows:
    """Bind rows, one at a time, of a job that was signed over them."""
    root = MerkleTree().root([one.encode() for one in rows.consents]).hex()
    asked = job_of(SecretKey.generate(), contract(), ["housing"], len(rows.consents))
    signed = msgspec.structs.replace(asked, id=job * 32, asker=lender, row_root=root)

    async def parts() -> AsyncIterator[JobRows]:
        for at, consent in enumerate(rows.consents):
            yield JobRows((consent,), (rows.subjects[at],))

    return await binder.bind(signed, BUREAU, parts())


async def test_rows_are_bound_by_identifier_and_by_reference_alike(store: Store) -> None:
    keys, people = store.keyring, [fresh_person() for _ in range(2)]
    ids = tuple([await granted(store, one) for one in people])
    binder = RowBinder(StoredVersions(store.reader), KeyedRowTags(keys), MerkleTree())
    references = tuple(SubjectReference(keys.version, keys.reference(one)) for one in people)
    tags = [keys.scoped_reference(one, BUREAU) for one in people]
    for subjects in (tuple(people), references):
        bound = await bind(binder, "lender-a", JobRows(ids, subjects))
        rows = list(read_bindings(bound.bindings))
        assert [row.opens(tag) for row, tag in zip(rows, tags, strict=True)] == [True, True]
        assert not rows[0].opens(tags[1])
        # An institution's tag is of no use to another.
        assert not rows[0].opens(keys.scoped_reference(people[0], "other-bureau"))
        assert MerkleTree().root([one.leaf for one in rows]) == bound.root
        # The same job's rows are bound to the same bytes: it may be gone on with.
        assert await bind(binder, "lender-a", JobRows(ids, subjects)) == bound
        other = await bind(binder, "lender-a", JobRows(ids, subjects), job="2")
        assert not {one.salt for one in read_bindings(other.bindings)} & {one.salt for one in rows}
    for lender, subjects in (("lender-a", references[::-1]), ("lender-b", references)):
        with pytest.raises(Refused) as refused:
            await bind(binder, lender, JobRows(ids, subjects))
        assert refused.value.reason is ErrorReason.CONSENT_ABSENT


async def test_a_row_set_is_told_again_in_any_order_and_only_of_the_same_lender(
    store: Store,
) -> None:
    people = [fresh_person() for _ in range(2)]
    ids = tuple([await granted(store, one) for one in people])
    binder = RowBinder(StoredVersions(store.reader), KeyedRowTags(store.keyring), MerkleTree())
    first, again, fewer = [
        (await bind(binder, "lender-a", rows, job)).row_set
        for job, rows in (
            ("1", JobRows(ids, tuple(people))),
            ("2", JobRows(ids[::-1], tuple(people[::-1]))),
            ("3", JobRows(ids[:1], tuple(people[:1]))),
        )
    ]
    assert first == again != fewer
