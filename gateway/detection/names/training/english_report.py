"""Measures the English model on what it was not trained on.

Owns the sets and the counts. A span is exact where both ends agree; covered where found spans hold
all its letters. Refuses to print texts.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gateway.detection.names.english.tagger import EnglishTagger
from gateway.detection.names.training.english_corpora import Labelled, corpus
from gateway.detection.names.training.english_generate import Generator
from gateway.detection.names.training.english_names import NameSampler

Find = Callable[[str], list[tuple[int, int]]]


class Scores(NamedTuple):
    """Counts of one set."""

    texts: int
    wanted: int
    found: int
    exact: int
    covered: int
    alarmed: int
    """Texts without a name in which one was found."""
    quiet: int
    """Texts without a name."""

    def __str__(self) -> str:
        """Return the usual ratios, in percent."""
        precision = self.exact / max(self.found, 1)
        recall = self.exact / max(self.wanted, 1)
        f1 = 2 * precision * recall / max(precision + recall, 1e-9)
        return (
            f"texts {self.texts:5} names {self.wanted:5} "
            f"P {precision:.3f} R {recall:.3f} F1 {f1:.3f} "
            f"covered {self.covered / max(self.wanted, 1):.3f} "
            f"alarms {self.alarmed}/{self.quiet}"
        )


def score(texts: Iterable[Labelled], find: Find) -> Scores:
    """Count over ``texts`` what ``find`` returns as names."""
    counts = [0] * 7
    for one in texts:
        wanted = {(start, end) for start, end, label in one.spans if label == "PER"}
        found = set(find(one.text))
        letters = {at for start, end in found for at in range(start, end)}
        needed = [[at for at in range(*span) if one.text[at].isalnum()] for span in wanted]
        quiet = not wanted
        more = (
            1,
            len(wanted),
            len(found),
            len(wanted & found),
            sum(letters.issuperset(span) for span in needed),
            quiet and bool(found),
            quiet,
        )
        counts = [a + int(b) for a, b in zip(counts, more, strict=True)]
    return Scores(*counts)


def sets(corpora: Path) -> dict[str, list[Labelled]]:
    """Return the test sets by name; no text, template or name of them is trained on."""
    generator = Generator(99, NameSampler(99, held=True))
    made = list(generator.templates("dev_templates", 12))
    harmless = list(generator.templates("harmless_dev", 6))
    lower = [Labelled(one.text.lower(), one.spans) for one in made]
    upper = [Labelled(one.text.upper(), one.spans) for one in made]
    return {
        "ewt": corpus(corpora, "ewt", held=True),
        "wnut": corpus(corpora, "wnut", held=True),
        "btc": corpus(corpora, "btc", held=True),
        "generated": made,
        "generated lower": [
            one for one, was in zip(lower, made, strict=True) if len(one.text) == len(was.text)
        ],
        "generated upper": [
            one for one, was in zip(upper, made, strict=True) if len(one.text) == len(was.text)
        ],
        "harmless": harmless,
        "harmless, second set": list(generator.templates("harmless_test", 1)),
    }


def report(corpora: Path, tagger: EnglishTagger, threshold: float = 0.5) -> Iterator[str]:
    """Yield a line of figures for each test set."""
    find = _finder(tagger, threshold)
    for name, texts in sets(corpora).items():
        yield f"{name:24} {score(texts, find)}"


def unseen(corpora: Path, name: str, tagger: EnglishTagger, threshold: float = 0.5) -> Scores:
    """Return the counts on the whole of one corpus, for a model trained ``without`` it."""
    whole = [one for held in (False, True) for one in corpus(corpora, name, held=held)]
    return score(whole, _finder(tagger, threshold))


def _finder(tagger: EnglishTagger, threshold: float) -> Find:
    def find(text: str) -> list[tuple[int, int]]:
        return [
            (span.start, span.end)
            for span in tagger.spans([text])[0]
            if span.label == "PER" and span.score >= threshold
        ]

    return find
