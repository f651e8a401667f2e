"""Questions about one subject, from the asker's side: one honest answer, kept once, key destroyed.

A scripted gateway runs real rounds; what it was asked, and what lies on the disk, is looked at.
"""

from pathlib import Path
from typing import Any

import pytest

from clients.keyholder.errors import KeyholderError, ResultRefused, Wrong
from clients.keyholder.exposure.errors import ExposureRefused, ExposureWrong
from clients.keyholder.exposure.opening import open_sums
from clients.sdk.failure import RequestError
from clients.sdk.subject import Subject
from clients.sdk.vocabulary import IdentifierType
from gateway.crypto.elgamal import SecretKey
from gateway.crypto.errors import CryptoError
from gateway.domain.aggregate.subject import SubjectFigures, boxes_digest, tag_commitment
from support.exposures import (
    ANOTHER,
    CONSENT,
    PERSON,
    SECRET,
    Asking,
    Preparation,
    asking,
    output_of,
    terms,
    wish,
)
from support.keyholders import CONTRIBUTORS

KNOWN = {
    "bureau-b": SubjectFigures(True, 25_499, 0),
    "lender-c": SubjectFigures(True, 3_500, 45),
}


@pytest.fixture
def here(tmp_path: Path) -> Asking:
    return asking(tmp_path, known=KNOWN)


def test_the_sums_over_all_contributors_come_out(here: Asking) -> None:
    answer = here.ask()
    assert (answer.lenders, answer.outstanding, answer.unit) == (2, 29_000, 1000)
    assert [one.lenders for one in answer.buckets] == [0, 1, 0]
    assert (answer.worst.low, answer.worst.high) == (30, 89)
    assert answer.contributors == CONTRIBUTORS
    assert (answer.consents, answer.consent_id) == (1, CONSENT)
    assert answer.disclosed == "some"


@pytest.mark.parametrize(
    ("holders", "disclosed"),
    [
        ((), "nobody"),
        (("lender-c",), "one"),
        (CONTRIBUTORS[:3], "some"),
        (CONTRIBUTORS, "everybody"),
    ],
)
def test_an_answer_says_what_its_count_discloses(
    tmp_path: Path, holders: tuple[str, ...], disclosed: str
) -> None:
    figures = SubjectFigures(True, 2_000, 0)
    answer = asking(tmp_path, known=dict.fromkeys(holders, figures)).ask()
    assert (answer.lenders, answer.outstanding) == (len(holders), 2000 * len(holders))
    assert answer.disclosed == disclosed
    assert answer.worst is None


def test_the_worst_of_several_lenders_is_shown(tmp_path: Path) -> None:
    late = {"bureau-b": 1, "lender-c": 120, "lender-d": 45}
    known = {name: SubjectFigures(True, 1000, days) for name, days in late.items()}
    answer = asking(tmp_path, known=known).ask()
    assert [one.lenders for one in answer.buckets] == [1, 1, 1]
    assert (answer.worst.low, answer.worst.high) == (90, None)


def test_the_largest_possible_sums_decode(tmp_path: Path) -> None:
    largest = SubjectFigures(True, 10_000_000, 9999)
    answer = asking(tmp_path, known=dict.fromkeys(CONTRIBUTORS, largest)).ask()
    assert (answer.lenders, answer.outstanding) == (4, 40_000_000)
    assert (answer.worst.low, answer.worst.high, answer.worst.lenders) == (90, None, 4)


def test_the_question_says_what_was_prepared_and_nothing_of_the_person(here: Asking) -> None:
    here.ask()
    question, (sent,) = here.question(), here.gateway.asked
    assert question.boxes == boxes_digest(sent.boxes)
    assert sent.consent_id == CONSENT
    assert len({len(box) for box in sent.boxes}) == 1
    whole = sent.question.payload + b"".join(sent.boxes) + sent.commitments.payload
    assert b"900123456" not in whole
    assert b"900-12-3456" not in whole


def test_a_box_opens_for_its_contributor_and_its_round_only(here: Asking) -> None:
    here.ask()
    question, (sent,) = here.question(), here.gateway.asked
    for at, own in enumerate(CONTRIBUTORS):
        content = here.gateway.opens(sent, at, own, question.id)
        assert tag_commitment(content[:32], own, content[32:]) == question.tags[at]
        with pytest.raises(CryptoError):
            here.gateway.opens(sent, at, own, "0" * 32)
        for other in CONTRIBUTORS:
            if other != own:
                with pytest.raises(CryptoError):
                    here.gateway.opens(sent, at, other, question.id)


def test_a_question_ends_with_its_commitments(tmp_path: Path) -> None:
    """Else one that lost a contributor could not be gone on with to its end."""
    here = asking(tmp_path, preparation=Preparation(life_s=90))
    here.ask()
    question = here.question()
    assert question.expires_at - question.issued_at == 90


def not_decoded(here: Asking) -> ExposureRefused:
    with pytest.raises(ExposureRefused) as caught:
        here.ask()
    assert caught.value.wrong is ExposureWrong.NOT_DECODED
    assert here.files("answer.json") == []
    assert here.files("*.key.json") == [], "what is spent has no key"
    return caught.value


@pytest.mark.parametrize("place", range(5))
def test_random_numbers_of_one_contributor_open_to_nothing(tmp_path: Path, place: int) -> None:
    values = [0, 0, 0, 0, 0]
    values[place] = SecretKey.generate().scalar
    here = asking(tmp_path, known=KNOWN, vectors={"lender-d": values})
    error = not_decoded(here)
    said = f"{error} {error.next_step} {error.__cause__!r}"
    assert not any(name in said for name in CONTRIBUTORS)
    here.gateway.vectors = {}
    assert here.ask().lenders == 2, "where the gateway lets it be asked anew"
    assert len({here.question(at).id for at in (0, 1)}) == 2


@pytest.mark.parametrize(
    "values",
    [
        [5, 0, 0, 0, 0],
        [-1, 0, 0, 0, 0],
        [1, 40_001, 0, 0, 0],
        [1, 10_001, 0, 0, 0],
        [0, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [1, 0, 1, 1, 0],
        [1, 0, 0, 0, -1],
    ],
)
def test_sums_that_no_contributors_can_have_sent(tmp_path: Path, values: list[int]) -> None:
    not_decoded(asking(tmp_path, vectors={"lender-d": values}))


def test_the_round_is_marked_on_the_disk_before_the_key_is_used(
    here: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    before = SecretKey.decrypt

    def looking(self: SecretKey, *words: Any) -> int:
        seen.append(len(here.files("opened")))
        return before(self, *words)

    monkeypatch.setattr(SecretKey, "decrypt", looking)
    here.ask()
    assert set(seen) == {1}


def test_a_second_opening_is_refused(here: Asking) -> None:
    exposures = here.gateway.exposures()
    terms_now = exposures.contract(wish())
    shelf = exposures.shelf(wish(), terms_now)
    opened = exposures.prepare(wish(), terms_now, shelf, SECRET)
    verified = exposures.ask(opened, shelf, lambda stage: None)
    key = shelf.key_of(opened, lambda _: SECRET)
    open_sums(verified, key, shelf.rounds)
    with pytest.raises(ResultRefused) as caught:
        open_sums(verified, key, shelf.rounds)
    assert caught.value.wrong is Wrong.ALREADY_OPENED
    with pytest.raises(ResultRefused) as caught:
        exposures.ask(opened, shelf, lambda stage: None)
    assert caught.value.wrong is Wrong.ALREADY_OPENED
    assert len(here.gateway.asked) == 1


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, {"purpose": "credit.portfolio"}),
        ({"identifiers": ["CN_RESIDENT_ID"]}, {}),
    ],
    ids=["purpose", "identifier"],
)
def test_what_the_contract_does_not_let_be_asked_is_not_sent(
    tmp_path: Path, changes: dict[str, Any], asked: dict[str, Any]
) -> None:
    here = asking(tmp_path, terms=terms(**changes))
    with pytest.raises(KeyholderError):
        here.ask(wish(**asked))
    assert here.gateway.prepared == []


def test_somebody_who_cannot_be_a_person_is_not_sent() -> None:
    with pytest.raises(RequestError) as caught:
        wish(subject=Subject(IdentifierType.US_SSN, "900-00-0000"))
    assert "900" not in str(caught.value)


def test_without_a_pinned_key_nobody_is_evaluated(here: Asking) -> None:
    """And whose the tags are is the gateway's word, which the command says."""
    here.evaluates = False
    here.gateway.preparation = Preparation(subject=lambda _: ANOTHER)
    assert here.ask().lenders == 2


def test_a_wish_and_what_is_prepared_show_no_identifier(here: Asking) -> None:
    here.ask()
    tags = here.gateway.prepare("credit.loans", "credit.underwriting", CONSENT, PERSON).tags
    shown = repr(wish()) + repr(tags) + repr(here.gateway.asked[0])
    assert PERSON.value not in shown
    assert repr(output_of(PERSON))[2:20] not in shown
    assert repr(tags[0].tag) not in shown
