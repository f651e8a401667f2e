"""Whole evaluations, of ours and of peers."""

import pytest

from gateway.application.ports.detection import Detected, KnownValue, Span, Wanted
from gateway.detection.engine import TextEngine
from gateway.detection.evaluation.candidates import CandidateEngine, kept
from gateway.detection.evaluation.contributions import Contribution, Contributions
from gateway.detection.evaluation.equivalence import Equivalences
from gateway.detection.evaluation.evaluate import Corpus, evaluate_own, evaluate_peer
from gateway.detection.evaluation.labelled import Labelled, Mark
from gateway.detection.evaluation.peers import peer
from gateway.detection.limits import DEFAULT_MAX_BYTES

MOBILE = "13800138000"
TEXT = f"电话{MOBILE}，卡号4111111111111111，mail a.b@example.com"
LABELLED = Labelled(TEXT, (Mark(2, 13, "CN_MOBILE_NUMBER"),), "notes")


@pytest.fixture(scope="module")
def engine() -> CandidateEngine:
    return CandidateEngine()


def test_kept_candidates_are_the_engine_s_answer(engine: CandidateEngine) -> None:
    plain = TextEngine()
    for text in (TEXT, "nothing here", "", TEXT * 5):
        for threshold in (0.0, 0.3, 0.5, 0.9):
            wanted = Wanted(threshold=threshold)
            answer = tuple(kept(text, engine.candidates(text), wanted))
            assert answer == plain.analyse(text, (), wanted)


def test_the_subject_s_values_are_kept_whatever_is_wanted(engine: CandidateEngine) -> None:
    known = (KnownValue("EMPLOYER_NAME", "example corner shop"),)
    text = f"works at example corner shop, {MOBILE}"
    wanted = Wanted(frozenset({"CN_MOBILE_NUMBER"}))
    answer = kept(text, engine.candidates(text, known), wanted)
    assert [one.type for one in answer] == ["EMPLOYER_NAME", "CN_MOBILE_NUMBER"]
    assert tuple(answer) == TextEngine().analyse(text, known, wanted)


def test_types_that_are_not_scored_do_not_count(engine: CandidateEngine) -> None:
    everything = Corpus((LABELLED,))
    labelled = Corpus((LABELLED,), everything.types)
    wanted = Wanted()
    loose = evaluate_own(engine, everything, wanted).at[0.5].overall
    tight = evaluate_own(engine, labelled, wanted).at[0.5].overall
    assert (tight.total.exact, tight.total.found, tight.total.stray) == (1, 1, 0)
    assert loose.total.exact == 1
    assert loose.total.stray >= 2


def test_a_sweep_loses_recall_upwards_and_keeps_its_own_threshold(engine: CandidateEngine) -> None:
    corpus = Corpus((LABELLED, Labelled("x" * (DEFAULT_MAX_BYTES + 1), (), "long")))
    own = evaluate_own(engine, corpus, Wanted(), (0.1, 0.5, 0.999))
    assert sorted(own.at) == [0.1, 0.5, 0.999]
    assert [own.at[one].overall.texts for one in sorted(own.at)] == [2, 2, 2]
    assert own.at[0.5].overall.total.exact == 1
    assert own.at[0.999].overall.total.exact == 0
    assert own.at[0.5].overall.failed == own.at[0.5].by_group["long"].failed == 1


@pytest.mark.parametrize(("name", "type_"), [("presidio", "EMAIL_ADDRESS"), ("argus", "PERSON")])
def test_peers_are_scored_alike(name: str, type_: str) -> None:
    words = {"EMAIL_ADDRESS": "a.b@example.com", "PERSON": "张三"}
    text = f"我叫张三，电话{MOBILE}， a.b@example.com "
    at = text.index(words[type_])
    corpus = Corpus((Labelled(text, (Mark(at, at + len(words[type_]), type_),)),))
    outcome = evaluate_peer(name, peer(name), corpus)
    assert outcome.overall.by_entity[type_].exact == 1
    assert outcome.overall.texts == 1


def test_what_each_recogniser_adds() -> None:
    labelled = Labelled("abcdefghij", (Mark(0, 4, "PERSON"), Mark(5, 8, "CREDIT_CARD")))
    spans = [
        ("both", 0, 4, "PERSON"), ("part", 0, 2, "PERSON"), ("part", 2, 4, "PERSON"),
        ("both", 5, 8, "CN_BANK_CARD"), ("wrong", 0, 4, "CREDIT_CARD"), ("wrong", 9, 10, "PERSON"),
        ("both", 5, 8, "CN_BANK_CARD"),
    ]  # fmt: skip
    found = [Detected(start, end, type_, 0.9, name) for name, start, end, type_ in spans]
    counted = Contributions(Equivalences())
    counted.add(labelled, found)
    assert counted.by_recogniser == {
        "both": Contribution(found=2, only=1, wrong=0),
        "part": Contribution(found=1, only=0, wrong=0),
        "wrong": Contribution(found=0, only=0, wrong=2),
    }


def test_a_peer_that_gives_up_misses() -> None:
    outcome = evaluate_peer("none", lambda text: [Span(0, 1, "PERSON", 0.5)], Corpus((LABELLED,)))
    assert outcome.overall.total.exact == 0
    assert outcome.overall.total.stray == 1
