"""Fits the weights of a name model with python-crfsuite and writes its file.

Owns the step from keys and labels to a ``Model``; both languages use it. Refuses to choose features
or texts. Deterministic: the same sequences in the same order give the same file.
"""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pycrfsuite
from numpy.typing import NDArray

from gateway.detection.names.crf.model import Model, write_model
from gateway.detection.names.crf.tagger import Keys


@dataclass(frozen=True)
class Settings:
    """``c1`` and ``c2`` are the weights of the L1 and L2 penalties; ``bits`` the buckets' log2."""

    bits: int = 18
    c1: float = 0.3
    c2: float = 0.03
    iterations: int = 120
    at_least: float = 0.0
    smallest: float = 0.02
    verbose: bool = False
    algorithm: str = "lbfgs"


STANDARD = Settings()


def train(
    sequences: Iterable[Keys],
    labels: Iterable[Sequence[str]],
    path: Path,
    thresholds: Mapping[str, float] | None = None,
    settings: Settings = STANDARD,
) -> Model:
    """Fit, write ``path`` and return the model.

    ``labels`` are BIO or BIOES, one a position. ``thresholds`` gives, by type, the probability that
    becomes the score 0.5 (0.5 where it names none).
    """
    trainer = pycrfsuite.Trainer(algorithm=settings.algorithm, verbose=settings.verbose)
    names = np.array([str(number) for number in range(1 << settings.bits)], object)
    types: set[str] = set()
    for keys, tags in zip(sequences, labels, strict=True):
        closed = bioes(tags)
        types.update(tag[2:] for tag in closed if tag != "O")
        trainer.append(_attributes(keys, names, settings.bits), closed)
    penalties = {"c1": settings.c1, "c2": settings.c2} if settings.algorithm == "lbfgs" else {}
    trainer.set_params(
        {
            "max_iterations": settings.iterations,
            "feature.minfreq": settings.at_least,
            "feature.possible_transitions": True,
            **penalties,
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "model.crfsuite")
        trainer.train(file)
        tagger = pycrfsuite.Tagger()
        tagger.open(file)
        model = _model(tagger, sorted(types), dict(thresholds or {}), settings)
    write_model(path, model)
    return model


def bioes(tags: Sequence[str]) -> list[str]:
    """Return the labels with every span closed: BIO to BIOES; BIOES stays as it is."""
    closed = []
    for at, tag in enumerate(tags):
        follows = at + 1 < len(tags) and tags[at + 1][0] in "IE" and tags[at + 1][2:] == tag[2:]
        if tag == "O" or tag[0] in "ES" or follows:
            closed.append(tag)
        else:
            closed.append(("S" if tag[0] == "B" else "E") + tag[1:])
    return closed


def _attributes(keys: Keys, names: NDArray[np.object_], bits: int) -> list[list[str]]:
    buckets = keys.astype(np.uint32) & np.uint32((1 << bits) - 1)
    return [[name for name in row if name != "0"] for row in names[buckets].tolist()]


def _model(
    tagger: "pycrfsuite.Tagger", types: list[str], thresholds: dict[str, float], settings: Settings
) -> Model:
    labels = ("O", *(f"{part}-{type_}" for type_ in types for part in "BIES"))
    column = {label: at for at, label in enumerate(labels)}
    info = tagger.info()
    weights = np.zeros((1 << settings.bits, len(labels)), np.float32)
    for (attribute, label), weight in info.state_features.items():
        if abs(weight) >= settings.smallest:
            weights[int(attribute), column[label]] = weight
    transitions = np.zeros((len(labels), len(labels)))
    for (one, next_), weight in info.transitions.items():
        transitions[column[one], column[next_]] = weight
    middles = {type_: thresholds.get(type_, 0.5) for type_ in types}
    return Model(settings.bits, labels, weights, transitions, middles)
