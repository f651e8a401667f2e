"""Rows that are not bound to their consents count for nothing, and nothing tells of them."""

from pathlib import Path

import pytest

from clients.agent.binning.errors import BinDeclined, BinWord
from support.binning_pair import (
    NUMBERS,
    People,
    clear_text,
    contract,
    identifiers,
    pair,
    people,
)
from support.binning_world import BinningWorld
from support.said_of import DP, FEATURES, ROWS, SHILLS, behind


def test_in_exact_the_figures_are_those_of_the_rows_that_count(tmp_path: Path) -> None:
    others = (7, 11, 200)
    with BinningWorld(tmp_path) as world:
        shills = [SHILLS[0] + row if row in others else row for row in ROWS]
        figures = world.run(world.opened(behind(world, ROWS, shills), list(NUMBERS)))
        assert not world.bureau_errors
    assert figures.consents == len(ROWS)
    terms = contract().binning
    assert terms is not None
    features = {one.name: one for one in terms.features}
    counted = [row for row in ROWS if row not in others]
    for one in figures.features:
        spans = [(part.first, part.last) for part in one.bins]
        expected, value = clear_text(counted, features[one.name], spans)
        assert [(part.rows, part.events) for part in one.bins] == [row[:2] for row in expected]
        assert one.information_value == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("minimum", [299, 300])
def test_no_end_of_an_exact_job_tells_whether_the_bureau_knows_another(minimum: int) -> None:
    """Neither by what comes, nor by the least number of rows that just is or is not reached."""
    names = identifiers(300)
    answers = []
    for known in (300, 299):
        talk = pair(
            *(range(300),),
            features=FEATURES,
            names=names,
            data=People(people()[:known], names[:known]),
            terms=contract(minimum_rows=minimum),
            consenting=lambda one: b"a shill" if one == names[299] else one,
        )
        try:
            answers.append(str([(one.rows, one.events) for one in talk.figures()[0].bins]))
        except BinDeclined as declined:
            answers.append(declined.word)
    assert answers[0] == answers[1]
    assert (answers[0] == BinWord.ROWS) == (minimum == 300)


def test_in_dp_another_person_counts_for_nothing_whether_the_bureau_knows_it_or_not() -> None:
    """An end of the job would tell without noise whether the one is among the bureau's people."""
    names = identifiers(300)
    answers = []
    for known in (300, 299):
        data = People(people()[:known], names[:known])
        talk = pair(
            *(range(300),),
            **{"features": FEATURES, "names": names, "data": data, "noise": lambda _: 0, **DP},  # type: ignore[arg-type]
            consenting=lambda one: b"a shill" if one == names[299] else one,
        )
        answers.append([(one.rows, one.events) for one in talk.figures()[0].bins])
    assert answers[0] == answers[1]
    assert sum(rows for rows, _ in answers[0]) == 299
