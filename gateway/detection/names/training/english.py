"""Trains the English name model: corpora and generated text in, one file out.

Owns the mixture of texts and the operating point. Refuses to train on the held-back parts of the
corpora, on held-back names and on the test templates; ``english_report`` measures on those.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gateway.detection.names.english.features import Word, word
from gateway.detection.names.english.lexicon import Lexicon, fold_word
from gateway.detection.names.english.sequences import rows
from gateway.detection.names.english.tokens import Tokens, tokens
from gateway.detection.names.training.crf_training import Settings, train
from gateway.detection.names.training.english_code import code, standard_library, standard_prose
from gateway.detection.names.training.english_corpora import Labelled, corpus
from gateway.detection.names.training.english_generate import Generator
from gateway.detection.names.training.english_names import NameSampler
from gateway.detection.names.training.english_sources import write_lexicon

LEXICON = Path(__file__).parent.parent / "data" / "english_lexicon.npz"
CORPORA = ("ewt", "wnut", "btc")
THRESHOLDS = {"PER": 0.35, "LOC": 0.98, "ORG": 0.98}
SETTINGS = Settings(bits=20, c1=0.05, c2=1.0, iterations=60, at_least=2.0)
_COPIES = 2
_UNKNOWN = 0.12
"""The part of names' words shown as if no list held them: half of all real names are in none."""


def texts(corpora: Path, seed: int = 7, without: str = "") -> Iterator[Labelled]:
    """Yield all texts to train on, in a fixed order.

    ``without`` leaves a corpus out altogether, and takes the whole of the others: so is measured
    what the same recipe does on text from elsewhere.
    """
    generator = Generator(seed, NameSampler(seed, held=False))
    parts = (False, True) if without else (False,)
    real = [
        one
        for name in CORPORA
        if name != without
        for held in parts
        for one in _weighted(corpus(corpora, name, held=held), name)
    ]
    with_names = [one for one in real if any(label == "PER" for _, _, label in one.spans)]
    yield from real
    for one in with_names * _COPIES:
        yield generator.exchanged(one)
        if generator.random.random() < 0.3:
            yield generator.recased(generator.exchanged(one))
    for one in real:
        if generator.random.random() < 0.16:
            yield generator.recased(one)
    yield from _made(generator)


def _weighted(found: list[Labelled], name: str) -> list[Labelled]:
    return found * 2 if name == "ewt" else found


def _made(generator: Generator) -> Iterator[Labelled]:
    for one in generator.templates("templates", 16):
        yield generator.recased(one) if generator.random.random() < 0.22 else one
    for one in generator.templates("templates_web", 10):
        yield generator.recased(one) if generator.random.random() < 0.25 else one
    for one in generator.templates("harmless_web", 12):
        yield generator.recased(one) if generator.random.random() < 0.25 else one
    for one in generator.templates("harmless", 14):
        yield generator.recased(one) if generator.random.random() < 0.15 else one
    for _ in range(1500):
        yield code(generator.random)
    yield from standard_library(3000, 17)
    yield from standard_prose(3000, 19)


def tagged(one: Labelled, found: Tokens) -> list[str]:
    """Return the BIO label of each token."""
    labels = ["O"] * len(found.forms)
    for start, end, label in one.spans:
        inside = False
        for at, (first, last) in enumerate(zip(found.starts, found.ends, strict=True)):
            if first < end and last > start:
                labels[at] = f"{'I' if inside else 'B'}-{label}"
                inside = True
    return labels


def examples(found: list[Labelled], seed: int) -> Iterator[tuple[NDArray[np.uint32], list[str]]]:
    """Yield keys and labels; some names are shown as if no list held them."""
    lexicon = Lexicon.load(LEXICON)
    chance = random.Random(seed)  # noqa: S311 - text, not secrets

    @lru_cache(maxsize=1 << 17)
    def seen(form: str, cased: bool, known: bool) -> Word:
        folded = fold_word(form)
        return word(form, folded, lexicon.flags_of([folded])[0] if known else 0, cased=cased)

    for one in found:
        read = tokens(one.text)
        if not read.forms:
            continue
        labels = tagged(one, read)
        unlisted = {
            form
            for form, label in zip(read.forms, labels, strict=True)
            if label.endswith("PER") and chance.random() < _UNKNOWN
        }
        see = partial(_seen_unless, seen, unlisted)
        yield rows(read, see), labels


def write_english_lexicon(corpora: Path, lists: Path, out: Path) -> int:
    """Write the lexicon and return its size.

    ``lists`` holds the census's ``dist.*`` files and ``en.dic`` and ``en.aff``. How frequent a word
    is in lower case is counted in the training parts of the corpora.
    """
    frequent = Counter(
        form
        for name in CORPORA
        for one in corpus(corpora, name, held=False)
        for form in tokens(one.text).forms
        if form.islower() and form.isalpha()
    )
    return write_lexicon(lists, lists / "en.dic", lists / "en.aff", frequent, out)


def _seen_unless(
    seen: Callable[[str, bool, bool], Word], unlisted: set[str], form: str, cased: bool
) -> Word:
    return seen(form, cased, form not in unlisted)


def train_english(
    corpora: Path, out: Path, settings: Settings = SETTINGS, without: str = ""
) -> None:
    """Write the model file ``out``, made from the folder of corpora."""
    mixture = list(texts(corpora, without=without))
    random.Random(11).shuffle(mixture)  # noqa: S311 - text, not secrets
    pairs = list(examples(mixture, 13))
    train((keys for keys, _ in pairs), (labels for _, labels in pairs), out, THRESHOLDS, settings)
