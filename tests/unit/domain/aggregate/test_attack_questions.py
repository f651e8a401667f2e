"""Questions and rosters that are well signed and cost, or say, more than they seem to."""

from __future__ import annotations

import json
import os
import time
from typing import Any

import msgspec
import pytest

from gateway.domain.aggregate.contract import AggregateContract, Dimension
from gateway.domain.aggregate.plan import shape_of
from gateway.domain.aggregate.question import (
    Condition,
    SubjectQuestion,
    WrongContract,
    read_question,
)
from gateway.domain.aggregate.statements import Roster
from gateway.domain.aggregate.subject import require_subject_terms
from support.agent_data import TITLE
from support.agents_subject import subject_world
from support.agents_world import World, contract

NOW = int(time.time())
WORLD = World()


def wide() -> AggregateContract:
    """Dimensions of 64, 64, 2 and 64 values: half a million cells if all are grouped."""
    of = contract()
    assert of.cohort is not None
    values = tuple(f"v{at}" for at in range(64))
    sizes = (64, 64, 2, 64)
    dimensions = tuple(Dimension(f"d{at}", TITLE, values[:size]) for at, size in enumerate(sizes))
    return msgspec.structs.replace(
        of, cohort=msgspec.structs.replace(of.cohort, dimensions=dimensions)
    )


@pytest.mark.parametrize("grouped", [3, 4])
def test_a_grouping_of_more_cells_than_a_vector_has(grouped: int) -> None:
    """Refused by multiplying: no cell of it is made."""
    names = tuple(f"d{at}" for at in range(4))
    asked = msgspec.structs.replace(WORLD.question(), group_by=names[:grouped], sums=())
    with pytest.raises(WrongContract, match="group_by"):
        shape_of(asked, wide())
    few = msgspec.structs.replace(asked, group_by=names[:2])
    assert len(shape_of(few, wide()).cells) == 4096


def changed(**changes: Any) -> bytes:
    """An honest question's bytes with fields in another form, as a hostile asker signs them."""
    document = json.loads(WORLD.question().encoded())
    return json.dumps({**document, **changes}).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"squares": ["amount"], "sums": []},
        {"sums": ["amount", "amount"]},
        {"group_by": ["housing", "housing"]},
        {"histograms": ["amount", "amount"]},
        {"where": [{"dimension": "housing", "among": []}]},
        {"where": [{"dimension": "housing", "among": ["own"]}] * 2},
        {"expires_at": NOW + 86_400},
        {"expires_at": NOW - 1, "issued_at": NOW},
        {"unknown": 1},
        {"id": "../../etc"},
        {"cost": -1},
    ],
    ids=lambda changes: "-".join(changes),
)
def test_a_question_in_a_form_that_nobody_plans(changes: dict[str, Any]) -> None:
    assert read_question(changed()).id
    with pytest.raises(ValueError):  # noqa: PT011 - of msgspec, whose texts are its own
        read_question(changed(**changes))


def test_a_roster_out_of_order_or_with_a_member_twice_is_none() -> None:
    """Places decide whose mask is added and whose is taken off: there is one order."""
    members = [{"contributor": one, "ready": "ab" * 32} for one in ("a1", "b1", "c1")]
    said = {"round": os.urandom(16).hex(), "question": "cd" * 32, "members": members}
    assert len(msgspec.json.decode(json.dumps(said), type=Roster).members) == 3
    for wrong in (members[::-1], [members[0], *members], members[:1], []):
        with pytest.raises(msgspec.ValidationError):
            msgspec.json.decode(json.dumps({**said, "members": wrong}), type=Roster)


def about_somebody(**changes: Any) -> SubjectQuestion:
    """A question about one subject, as the contract of ``agents_subject`` wants it."""
    of = subject_world().contract
    asked = SubjectQuestion(
        id="ab" * 16,
        asker="fund-x",
        dataset=of.dataset,
        snapshot=of.snapshot,
        contract=of.digest,
        purpose="credit.underwriting",
        key=WORLD.asker_key(),
        issued_at=NOW,
        expires_at=NOW + 600,
        consent="ab" * 32,
        tags=("cd" * 32,) * len(of.contributors),
        boxes="ef" * 32,
    )
    return msgspec.structs.replace(asked, **changes)


def test_a_question_about_a_subject_that_leaves_one_out_or_is_packed() -> None:
    """A tag too few is somebody who is not asked; a packed value is none of these figures."""
    of = subject_world().contract
    assert require_subject_terms(about_somebody(), of) is of.subject
    packed = msgspec.structs.replace(WORLD.asker_key(), scheme="paillier")
    for changes, word in (
        ({"tags": ("cd" * 32,) * 4}, "tags"),
        ({"tags": ("cd" * 32,) * 6}, "tags"),
        ({"key": packed}, "scheme"),
    ):
        with pytest.raises(WrongContract, match=word):
            require_subject_terms(about_somebody(**changes), of)
    with pytest.raises(WrongContract, match="subject"):
        require_subject_terms(about_somebody(), contract())


def test_a_filter_that_names_a_value_twice() -> None:
    """Another spelling of the same cohort, and no other one."""
    twice = Condition("housing", ("own", "own"))
    with pytest.raises(WrongContract, match="housing"):
        shape_of(msgspec.structs.replace(WORLD.question(), where=(twice,)), WORLD.contract)
