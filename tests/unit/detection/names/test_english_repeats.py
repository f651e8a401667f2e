"""What is surely a name in one place is likely one in another of the same text."""

from gateway.detection.names.english.repeats import raised
from gateway.detection.names.english.spans import TextSpan

TEXT = "Wrote to Ada Lovell. Lovell and lovell and Byrne called."


def person(part: str, score: float, label: str = "PER", nth: int = 0) -> TextSpan:
    start = -1
    for _ in range(nth + 1):
        start = TEXT.index(part, start + 1)
    return TextSpan(start, start + len(part), label, score)


SURE = person("Ada Lovell", 0.9)


def test_the_surname_alone_is_raised() -> None:
    doubtful = person("Lovell", 0.2, nth=1)
    assert raised(TEXT, [SURE, doubtful]) == [SURE, doubtful._replace(score=0.6)]


def test_other_words_and_other_labels_stay_as_they_are() -> None:
    others = [
        person("Byrne", 0.3),
        person("lovell", 0.3),
        person("Lovell", 0.3, label="ORG", nth=1),
        person("Lovell and", 0.3),
    ]
    assert raised(TEXT, [SURE, *others]) == [SURE, *others]


def test_a_name_that_is_not_sure_raises_nothing() -> None:
    spans = [SURE._replace(score=0.7), person("Lovell", 0.2, nth=1)]
    assert raised(TEXT, spans) == spans


def test_what_is_likely_already_keeps_its_score() -> None:
    spans = [SURE, person("Lovell", 0.7, nth=1)]
    assert raised(TEXT, spans) == spans
