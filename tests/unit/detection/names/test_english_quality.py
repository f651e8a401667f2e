"""How much the shipped model finds, on sentences and names that it was not trained on."""

import pytest

from gateway.detection.names.english.recogniser import english_tagger
from gateway.detection.names.training.english_corpora import Labelled
from gateway.detection.names.training.english_generate import Generator
from gateway.detection.names.training.english_names import NameSampler
from gateway.detection.names.training.english_report import Scores, score


def measured(texts: list[Labelled]) -> Scores:
    def find(text: str) -> list[tuple[int, int]]:
        spans = english_tagger().spans([text])[0]
        return [(one.start, one.end) for one in spans if one.label == "PER" and one.score >= 0.5]

    return score(texts, find)


@pytest.fixture(scope="module")
def generator() -> Generator:
    return Generator(5, NameSampler(5, held=True))


@pytest.mark.parametrize(("case", "least"), [("as it is", 0.92), ("lower", 0.86), ("upper", 0.86)])
def test_other_templates_and_other_names(generator: Generator, case: str, least: float) -> None:
    made = list(generator.templates("dev_templates", 3))
    if case != "as it is":
        changed = [one.text.lower() if case == "lower" else one.text.upper() for one in made]
        made = [
            Labelled(text, one.spans)
            for text, one in zip(changed, made, strict=True)
            if len(text) == len(one.text)
        ]
    scores = measured(made)
    assert scores.wanted > 150
    assert scores.exact >= least * scores.wanted
    assert scores.exact >= 0.85 * scores.found


def test_few_alarms_where_nobody_is_named(generator: Generator) -> None:
    scores = measured(list(generator.templates("harmless_test", 1)))
    assert scores.quiet > 140
    assert scores.alarmed <= 0.06 * scores.quiet


@pytest.mark.parametrize(
    "text",
    [
        "Thanks to {0}, {1} and {2} for coming",
        "{0}, {1} and {2} signed the form.",
        "Present: {0}, {1}, {2}",
    ],
)
def test_names_in_a_list_come_back_one_by_one(text: str) -> None:
    people = ("Kevin", "Theresa", "Martin")
    line = text.format(*people)
    found = [
        line[one.start : one.end]
        for one in english_tagger().spans([line])[0]
        if one.label == "PER" and one.score >= 0.5
    ]
    assert found == list(people)
