"""Trains the Chinese model: which text, how much of each, and which weights of the penalties.

Owns the recipe. Refuses to look at the development sets while training.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gateway.detection.names.chinese.features import ChineseFeatures
from gateway.detection.names.chinese.lexicon import Lexicon
from gateway.detection.names.training.chinese_exchange import swapper
from gateway.detection.names.training.chinese_names import Draw
from gateway.detection.names.training.chinese_templates import (
    HELD_OUT,
    TRAINING,
    held_out,
    read_templates,
)
from gateway.detection.names.training.chinese_written import STYLES, nameless, written
from gateway.detection.names.training.crf_training import Settings, train
from gateway.detection.names.training.insertion import Decoys, inserted
from gateway.detection.names.training.labelled import (
    Labelled,
    exchanged,
    filled,
    joined,
    pronouns_named,
    read_iob2,
    shuffled,
    tags,
)

SEED: Final = 20261122
COPIES: Final = 1
"""How often all that is labelled is taken with its names exchanged, beside once as it is."""
EACH: Final = {"news": 3, "resume": 4, "blog": 4, "lending": 5, "nobody": 4}
"""How often each sentence with slots is filled."""
INSERTIONS: Final = 1
"""How often it is taken with a name or a decoy put between the words of a clause."""
MOST_REPEATS: Final = 3
SETTINGS: Final = Settings(bits=20, c1=0.05, c2=0.005, iterations=40, at_least=2)
THRESHOLDS: Final = {"PER": 0.2, "LOC": 0.97, "ORG": 0.97}
"""The probabilities that become the score 0.5: low for people, as recall counts most."""


def train_chinese(corpora: Path, out: Path) -> None:
    """Train from the corpus folder and write the model file."""
    features = ChineseFeatures(Lexicon(lambda word: sum(map(ord, word)) % 4 > 0))
    keys, labels = [], []
    nameless: Counter[str] = Counter()
    for one in training_text(corpora):
        every = tags(one)
        for piece, rows in features.pieces([one.text]):
            ours = every[piece.start : piece.end]
            if not any(tag.endswith("PER") for tag in ours):
                # Copies of a sentence repeat these; more than a few teach nothing and take hours.
                words = one.text[piece.start : piece.end]
                nameless[words] += 1
                if nameless[words] > MOST_REPEATS:
                    continue
            keys.append(rows)
            labels.append(ours)
    train(keys, labels, out, THRESHOLDS, SETTINGS)


def training_text(corpora: Path, seed: int = SEED) -> Iterator[Labelled]:
    """Yield all training text."""
    draw = Draw(seed, lambda name: not held_out(name))
    corpus = read_iob2(corpora / "zh_gsdsimp-train.iob2")
    by_hand = [one for style in STYLES for one in written(f"written_{style}")]
    by_hand += nameless(held_out=False)
    texts = [*corpus, *by_hand]
    # Of the written ones nothing but people is marked, of the corpus places are exchanged too.
    named = [one for one in corpus if any(extent.label != "ORG" for extent in one.extents)]
    named += [one for one in by_hand if one.extents]
    for _ in range(COPIES):
        swap = swapper(draw, 1.0)
        texts += [exchanged(one, swap) for one in named]
    he = [one for one in corpus if "他" in one.text or "她" in one.text]
    texts += [pronouns_named(one, draw) for one in he]
    decoys = Decoys(draw, corpus)
    for _ in range(INSERTIONS):
        texts += inserted([*corpus, *by_hand], draw, decoys)
    texts += generated(read_templates(TRAINING), draw, EACH)
    yield from shuffled(texts, seed)


def generated(sets: dict[str, list[str]], draw: Draw, each: dict[str, int]) -> Iterator[Labelled]:
    """Yield sentences of every style; some stand together in one text."""
    for style, lines in sets.items():
        for line in lines:
            for _ in range(each[style]):
                one = filled(line, draw)
                if draw.random.random() < 0.3:
                    other = filled(draw.random.choice(lines), draw)
                    glue = draw.random.choice(["", " ", "\n"])
                    one = joined([one, other], glue)
                yield one


def development_sets(corpora: Path, seed: int = SEED + 1) -> dict[str, list[Labelled]]:
    """Return the sets that nothing is trained on: the corpus' own and one for each style."""
    return {"gsd-dev": read_iob2(corpora / "zh_gsdsimp-dev.iob2"), **held_out_sets(seed)}


def held_out_sets(seed: int, each: int = 12) -> dict[str, list[Labelled]]:
    """Return the generated ones, by style: held-out sentences with held-out names."""
    draw = Draw(seed, lambda name: len(name) < 2 or held_out(name))
    styles = read_templates(HELD_OUT)
    return {
        style: [filled(line, draw) for line in lines for _ in range(each)]
        for style, lines in styles.items()
    }
