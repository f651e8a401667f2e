"""Lender, gateway and bureau with real statements: the whole of protocol B, and its attacks."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from clients.keyholder.binning.errors import BinningRefused, BinWrong
from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from gateway.application.ports.aggregates import RoundState
from gateway.domain.reasons import ErrorReason, Refused
from support.binning_pair import LENDER, NUMBERS, clear_text, contract
from support.binning_world import BinningWorld

FEATURES = ["housing"]
ROWS = range(300)


def _require_refused(reason: ErrorReason, work: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        work()
    assert refused.value.reason is reason


def _require_wrong(wrong: BinWrong | Wrong, work: Callable[[], object]) -> None:
    with pytest.raises(KeyholderError) as refused:
        work()
    assert isinstance(refused.value, BinningRefused | ResultRefused)
    assert refused.value.wrong is wrong


def test_a_job_gives_the_clear_text_s_figures(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        figures = world.run(world.opened(world.rows(), list(NUMBERS)))
        assert not world.bureau_errors
    terms = contract().binning
    assert terms is not None
    features = {one.name: one for one in terms.features}
    for one in figures.features:
        spans = [(bin_.first, bin_.last) for bin_ in one.bins]
        _, value = clear_text(range(1000), features[one.name], spans)
        assert one.information_value == pytest.approx(value, abs=1e-9)
    assert figures.consents == 1000
    assert world.store.kinds()[-1] == "AGGREGATE_RELEASED"


def test_in_dp_the_job_is_charged(tmp_path: Path) -> None:
    with BinningWorld(tmp_path, mode="dp", cost=400_000) as world:
        figures = world.run(world.opened(world.rows(ROWS), FEATURES))
        assert not world.bureau_errors
        (account,) = world.store.accounts.values()
    assert account.spent == 400_000
    assert sum(bin_.rows for bin_ in figures.features[0].bins) == pytest.approx(300, abs=60)


def test_a_withdrawn_consent_voids_the_job_and_nobody_gets_anything(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        world.store.before_release = lambda: world.store.withdrawn.add(rows.consents[7])
        seen: list[str] = []

        def see(one: Any) -> Any:
            seen.append(one.WhichOneof("part"))
            return one

        world.on_lender = see
        opened = world.opened(rows, FEATURES)
        _require_refused(ErrorReason.ROUND_VOID, lambda: world.run(opened))
        assert world.store.rounds[opened.job.id].state is RoundState.VOID
        assert "result" not in seen
        assert "ciphertexts" not in seen
        # What has come sealed are the bureau's people; the counts were kept back.
        assert seen.count("sealed") == 1


def test_a_consent_that_does_not_stand_lets_no_job_begin(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        world.store.withdrawn.add(rows.consents[0])
        opened = world.opened(rows, FEATURES)
        _require_refused(ErrorReason.CONSENT_REVOKED, lambda: world.run(opened))
        assert world.store.denied == [(LENDER, "CONSENT_REVOKED")]


def test_consents_other_than_the_signed_ones_are_refused(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        rows = world.rows(ROWS)
        swapped, other, doubled, fewer = (
            world.rows([*ROWS[1:], *last]) for last in ((0,), (300,), (1,), ())
        )
        more = world.rows([*ROWS, 300])
        for changed in (swapped, other, doubled, fewer, more):
            opened = replace(world.opened(rows, FEATURES), rows=changed)
            _require_refused(ErrorReason.AGGREGATE_QUESTION_INVALID, partial(world.run, opened))
        assert world.store.rounds == {}


def test_a_job_is_run_once(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        opened = world.opened(world.rows(ROWS), FEATURES)
        world.run(opened)
        _require_refused(ErrorReason.REQUEST_ID_REUSED, lambda: world.run(opened))
        assert not world.bureau_errors


def test_a_job_is_run_once_by_a_gateway_that_was_restarted_as_well(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:
        opened = world.opened(world.rows(ROWS), FEATURES)
        world.run(opened)
        world.restart()
        _require_refused(ErrorReason.REQUEST_ID_REUSED, lambda: world.run(opened))


def test_a_bureau_that_declines_ends_the_job_without_a_reason(tmp_path: Path) -> None:
    with BinningWorld(tmp_path, terms=contract(minimum_rows=100)) as world:
        # 150 rows, of whom the bureau knows none.
        opened = world.opened(world.rows(range(2_000, 2_150)), FEATURES)
        _require_refused(ErrorReason.AGGREGATE_REFUSED, lambda: world.run(opened))
        assert world.declined == [opened.job.id]
        assert world.store.rounds[opened.job.id].state is RoundState.REFUSED


def test_a_bureau_that_does_not_come_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with BinningWorld(tmp_path, joins=False, patience_s=0.2) as world:
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_refused(ErrorReason.CONTRIBUTORS_MISSING, lambda: world.run(opened))


def test_a_bureau_that_hangs_up_is_lost(tmp_path: Path) -> None:
    with BinningWorld(tmp_path) as world:

        def hang_up(one: Any) -> Any:
            if one.WhichOneof("part") == "sealed":
                raise ConnectionError("gone")
            return one

        world.on_bureau = hang_up
        opened = world.opened(world.rows(ROWS), FEATURES)
        _require_refused(ErrorReason.CONTRIBUTOR_LOST, lambda: world.run(opened))


def test_a_lender_that_says_nothing_more_does_not_hold_the_bureau(tmp_path: Path) -> None:
    with BinningWorld(tmp_path, idle_s=0.2) as world:
        opened = world.opened(world.rows(ROWS), FEATURES)

        def silent(one: Any) -> Any:
            if one.WhichOneof("part") == "channel":
                # The lender goes on listening, but sends none of its rows.
                world.muted = True
            return one

        world.on_lender = silent
        _require_refused(ErrorReason.CONTRIBUTOR_LOST, lambda: world.run(opened))
        world.muted = False
        world.on_lender = lambda one: one
        world.run(world.opened(world.rows(ROWS), FEATURES))
