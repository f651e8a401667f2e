"""What an asker keeps of a question about one subject: one answer, sealed, and no key."""

import json
from pathlib import Path

import msgspec
import pytest

from clients.keyholder.errors import KeyholderError
from clients.keyholder.exposure.answer import ExposureAnswer
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from clients.keyholder.files import NameTaken
from clients.keyholder.keys.sealing import Secret
from clients.sdk.errors import VeilgateError
from clients.sdk.subject import Subject
from clients.sdk.vocabulary import ConsentState, IdentifierType
from gateway.domain.aggregate.subject import SubjectFigures
from support.exposures import (
    ANOTHER,
    SECRET,
    Asking,
    asking,
    refused,
    wish,
)

KNOWN = {
    "bureau-b": SubjectFigures(True, 25_499, 0),
    "lender-c": SubjectFigures(True, 3_500, 45),
}


@pytest.fixture
def here(tmp_path: Path) -> Asking:
    return asking(tmp_path, known=KNOWN)


def test_each_question_has_a_key_of_its_own(here: Asking) -> None:
    here.ask()
    here.ask(wish(consent_id="00000000-0000-4000-8000-000000000000"))
    first, second = here.gateway.registered
    assert first.key != second.key
    assert [here.question(at).key for at in (0, 1)] == [first, second]


def test_asked_again_the_kept_answer_is_shown(here: Asking) -> None:
    answer = here.ask()
    assert here.ask() == answer
    assert here.ask(wish(subject=Subject(IdentifierType.US_SSN, "900123456"))) == answer
    assert len(here.gateway.asked) == 1
    assert len(here.gateway.prepared) == 1


def test_another_snapshot_is_another_question(here: Asking) -> None:
    here.ask()
    here.gateway.terms = msgspec.structs.replace(here.gateway.terms, snapshot="2026-10-31")
    assert here.ask().snapshot == "2026-10-31"
    assert len(here.gateway.asked) == 2


def test_a_kept_answer_is_not_shown_for_another_person(here: Asking) -> None:
    here.ask()
    with pytest.raises(ExposureRefused) as caught:
        here.ask(wish(subject=ANOTHER))
    assert caught.value.wrong is ExposureWrong.OTHER_SUBJECT
    assert len(here.gateway.asked) == 1


@pytest.mark.parametrize("state", [one for one in ConsentState if one is not ConsentState.ACTIVE])
def test_a_kept_answer_is_not_shown_once_its_consent_fell(
    here: Asking, state: ConsentState
) -> None:
    here.ask()
    here.gateway.state = state
    with pytest.raises(ExposureRefused) as caught:
        here.ask()
    assert caught.value.wrong is ExposureWrong.CONSENT


def test_a_kept_answer_is_sealed(here: Asking) -> None:
    here.ask()
    (file,) = here.files("answer.json")
    assert file.stat().st_mode & 0o077 == 0
    assert set(json.loads(file.read_bytes())) == {"by", "cost", "salt", "box"}
    with pytest.raises(KeyholderError):
        here.ask(secret=Secret("file", b"\x06" * 32))
    every = b"".join(one.read_bytes() for one in here.files("*"))
    assert b"outstanding" not in every
    assert b"900123456" not in every


def test_there_is_one_answer_on_a_shelf(here: Asking) -> None:
    answer: ExposureAnswer = here.ask()
    exposures = here.gateway.exposures()
    shelf = exposures.shelf(wish(), here.gateway.terms)
    with pytest.raises(NameTaken):
        shelf.keep(answer, wish(), SECRET)


def test_the_key_is_sealed_while_it_is_needed_and_then_destroyed(here: Asking) -> None:
    here.gateway.refusals = [refused("CONTRIBUTOR_LOST")]
    with pytest.raises(VeilgateError):
        here.ask()
    (file,) = here.files("*.key.json")
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.read_bytes())["sealed"]["by"] == "file"
    here.ask()
    assert here.files("*.key.json") == []


def test_a_lost_contributor_is_gone_on_with_by_the_same_bytes(here: Asking) -> None:
    here.gateway.refusals = [refused("CONTRIBUTOR_LOST")]
    with pytest.raises(VeilgateError):
        here.ask()
    assert here.ask().lenders == 2
    first, second = here.gateway.asked
    assert first == second
    assert len(here.gateway.prepared) == 1
    assert len(here.gateway.registered) == 1


def test_a_question_under_way_is_not_gone_on_with_for_another_person(here: Asking) -> None:
    here.gateway.refusals = [refused("CONTRIBUTOR_LOST")]
    with pytest.raises(VeilgateError):
        here.ask()
    with pytest.raises(ExposureRefused) as caught:
        here.ask(wish(subject=ANOTHER))
    assert caught.value.wrong is ExposureWrong.OTHER_SUBJECT
    assert len(here.gateway.asked) == 1


def test_a_question_whose_time_is_over_makes_room_for_a_new_one(here: Asking) -> None:
    here.gateway.refusals = [refused("CONTRIBUTOR_LOST")]
    with pytest.raises(VeilgateError):
        here.ask()
    here.gateway.now += 601
    # The certificates of the scripted parties hold for a day, so only the question ended.
    assert here.ask().lenders == 2
    first, second = (here.question(at) for at in (0, 1))
    assert first.id != second.id
    assert first.key != second.key
    assert here.files("*.key.json") == []


@pytest.mark.parametrize("reason", ["ROUND_VOID", "AGGREGATE_REFUSED", "CONSENT_USES_SPENT"])
def test_a_round_that_is_over_shows_nothing_and_its_key_is_gone(here: Asking, reason: str) -> None:
    here.gateway.refusals = [refused(reason)]
    with pytest.raises(VeilgateError) as caught:
        here.ask()
    assert caught.value.reason == reason
    assert here.files("answer.json") == []
    assert here.files("*.key.json") == []
    # A new round has a fresh key.
    here.ask()
    assert here.question(0).key != here.question(1).key
