"""Rows tied to consents: nobody is put behind another's consent."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from clients.agent.binning.bound import BoundRows
from clients.agent.binning.errors import BinDeclined, BinWord
from clients.agent.errors import Refused as AgentRefused
from clients.agent.errors import Word
from clients.keyholder.binning.rows import LabelledRows
from clients.sdk.subject import SubjectReference
from gateway.domain.aggregate.binning_rows import BINDING, bound, consent_version, read_bindings
from gateway.domain.reasons import ErrorReason, Refused
from gateway.servicers.decode import InvalidField
from support.binning_pair import LENDER, pair
from support.binning_world import BinningWorld, person
from support.said_of import DP, FEATURES, ROWS, SHILLS, SaidOf, behind
from veilgate.v1 import aggregate_pb2 as pb


def _require_refused(reason: ErrorReason, work: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        work()
    assert refused.value.reason is reason


def _watched(world: BinningWorld) -> list[str]:
    seen: list[str] = []

    def see(one: Any) -> Any:
        seen.append(one.WhichOneof("part"))
        return one

    world.on_lender = see
    return seen


# What a lender may try.


@pytest.mark.parametrize("terms", [{}, DP], ids=["exact", "dp"])
def test_shills_consents_with_other_people_s_ids(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, terms: dict[str, Any]
) -> None:
    with BinningWorld(tmp_path, **terms) as world:
        seen = _watched(world)
        opened = world.opened(behind(world, ROWS, SHILLS), FEATURES)
        _require_refused(ErrorReason.AGGREGATE_REFUSED, lambda: world.run(opened))
        assert world.declined == [opened.job.id]
        assert "result" not in seen
        assert "ciphertexts" not in seen
    # As if the bureau knew none of them.
    assert "declined: rows" in caplog.text
    assert world.store.kinds()[-1] == "REFUSED"


def test_a_consent_of_another_controller(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        consents = (world.consent(ROWS[0], "lender-b"), *rows.consents[1:])
        opened = world.opened(replace(rows, consents=consents), FEATURES)
        _require_refused(ErrorReason.CONSENT_ABSENT, lambda: world.run(opened))
        assert world.store.rounds == {}
        assert world.store.denied == [(LENDER, "CONSENT_ABSENT")]


def test_a_consent_that_there_is_none(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        opened = world.opened(replace(rows, consents=(str(uuid4()), *rows.consents[1:])), FEATURES)
        _require_refused(ErrorReason.CONSENT_ABSENT, lambda: world.run(opened))


def test_two_rows_with_each_other_s_subjects(tmp_path: Path) -> None:
    swapped = [1, 0, *ROWS[2:]]
    with BinningWorld(tmp_path) as world:
        # To the gateway: a consent with another's subject.
        rows = world.rows(ROWS)
        lying = SaidOf(rows.identifiers, rows.labels, rows.consents, told=tuple(swapped))
        _require_refused(
            ErrorReason.CONSENT_ABSENT, partial(world.run, world.opened(lying, FEATURES))
        )
        assert world.store.rounds == {}
        # To the bureau: each with its own consent, and the other's label. Neither counts.
        figures = world.run(world.opened(behind(world, ROWS, swapped), FEATURES))
    assert sum(one.rows for one in figures.features[0].bins) == len(ROWS) - 2


def test_rows_without_a_subject_each(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        opened = world.opened(replace(rows, identifiers=rows.identifiers[:-1]), FEATURES)
        with pytest.raises(InvalidField, match="subjects"):
            world.run(opened)
        named = SaidOf(rows.identifiers, rows.labels, rows.consents, told=tuple(ROWS))
        with pytest.raises(InvalidField, match="subjects"):
            world.run(world.opened(_Nameless(*_fields(named)), FEATURES))


class _Nameless(LabelledRows):
    def subjects(self, first: int, end: int) -> list[pb.RowSubject]:
        return [pb.RowSubject() for _ in self.consents[first:end]]


def _fields(rows: LabelledRows) -> tuple[Any, ...]:
    return rows.identifiers, rows.labels, rows.consents


def test_subjects_may_be_named_by_reference(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        keys = world.world.keyring

        def reference(row: int, version: str = keys.version) -> SubjectReference:
            return SubjectReference(version, keys.reference(person(row)))

        rows = world.rows(ROWS)
        right = replace(rows, references=tuple(reference(row) for row in ROWS))
        assert world.run(world.opened(right, FEATURES)).consents == len(ROWS)
        wrong = replace(rows, references=tuple(reference(row) for row in SHILLS))
        opened = world.opened(wrong, FEATURES)
        _require_refused(ErrorReason.CONSENT_ABSENT, lambda: world.run(opened))
        old = replace(rows, references=tuple(reference(row, "0") for row in ROWS))
        other = world.opened(old, FEATURES)
        _require_refused(ErrorReason.REFERENCE_KEY_UNKNOWN, lambda: world.run(other))


# What a gateway in between may try.


def test_the_manifest_of_another_job(tmp_path: Path) -> None:
    kept: list[pb.BinOrder] = []

    def keep(order: pb.BinOrder) -> pb.BinOrder:
        kept.append(order)
        return order

    with BinningWorld(tmp_path) as world:
        world.order = keep
        rows = world.rows(ROWS)
        for _ in range(2):
            world.run(world.opened(rows, FEATURES))
        first, second = kept
        with pytest.raises(AgentRefused) as refused:
            world.answerer(pb.BinOrder(job=second.job, manifest=first.manifest))
    assert refused.value.word is Word.ROUND


def _replaced(bindings: Callable[[bytes], bytes]) -> Callable[[Any], Any]:
    def change(one: Any) -> Any:
        if one.WhichOneof("part") == "bindings":
            one.bindings = bindings(one.bindings)
        return one

    return change


def test_the_bindings_of_another_job_or_others(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    kept: list[bytes] = []

    def keep(content: bytes) -> bytes:
        kept.append(content)
        return content

    def swapped(content: bytes) -> bytes:
        return content[BINDING : 2 * BINDING] + content[:BINDING] + content[2 * BINDING :]

    cases = (
        (lambda _: kept[0], "unbound"),
        (swapped, "unbound"),
        (lambda content: content + bytes(BINDING), "talk"),
        (lambda content: content[:-BINDING], "talk"),
        (lambda _: b"", "talk"),
    )
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        world.on_bureau = _replaced(keep)
        world.run(world.opened(rows, FEATURES))
        for spoil, word in cases:
            caplog.clear()
            world.on_bureau = _replaced(spoil)
            opened = world.opened(rows, FEATURES)
            _require_refused(ErrorReason.AGGREGATE_REFUSED, partial(world.run, opened))
            assert f"declined: {word}" in caplog.text


def test_two_jobs_of_the_same_rows_have_nothing_in_common(tmp_path: Path) -> None:
    kept: list[bytes] = []

    def keep(content: bytes) -> bytes:
        kept.append(content)
        return content

    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        world.on_bureau = _replaced(keep)
        for _ in range(2):
            world.run(world.opened(rows, FEATURES))
    bindings = [one for content in kept for one in read_bindings(content)]
    for values in zip(*((one.salt, one.consent, one.leaf) for one in bindings), strict=True):
        assert len(set(values)) == 2 * len(ROWS)


# What stands in a leaf.


def test_a_leaf_opens_with_its_own_tag_only() -> None:
    salt, tag, consent = (bytes([one]) * 32 for one in (1, 2, 3))
    row = bound(salt, tag, consent)
    assert row.opens(tag)
    assert not row.opens(bytes(32))
    assert bound(bytes(32), tag, consent).leaf != row.leaf
    assert bound(salt, tag, bytes(32)).leaf != row.leaf
    assert tag not in row.encoded()
    assert list(read_bindings(row.encoded() * 2)) == [row, row]
    assert row.leaf.hex() not in repr(row)


def test_another_version_of_a_consent_is_another_leaf() -> None:
    salt, name = bytes(32), str(uuid4())
    first, second = (consent_version(salt, name, bytes([one]) * 32) for one in (1, 2))
    assert first != second
    assert first != consent_version(salt, str(uuid4()), bytes([1]) * 32)


def test_bindings_are_taken_once_whole_and_never_beyond() -> None:
    talk = pair(range(300), features=FEATURES)
    setup = vars(talk.bureau)["_setup"]
    rows = BoundRows(setup)
    assert not rows.complete
    for part in (b"", bytes(300 * BINDING + 1)):
        with pytest.raises(BinDeclined) as declined:
            rows.add(part)
        assert declined.value.word is BinWord.TALK
    with pytest.raises(BinDeclined) as declined:
        rows.add(bytes(300 * BINDING))
    assert declined.value.word is BinWord.UNBOUND
    with pytest.raises(BinDeclined) as declined:
        talk.bureau.bind(bytes(BINDING))
    assert declined.value.word is BinWord.TALK
