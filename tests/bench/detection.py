"""Detection beside Presidio's patterns and argus-redact: same texts, one core, rounds in turn.

Presidio runs its English pattern recognisers, without a model and with the packaged suffix list;
ours those that share an entity with them, and in a second figure all but the name models. Half of
the texts hold data. argus-redact runs ``redact(text, lang="zh", mode="fast")``; ours everything,
names included, and masking. A figure is the median of the rounds' ratios, by
processor time, so that a busy machine does not blur it. The command is measured by the clock, on a
file of JSON lines, with one process and with one a core.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import cycle, islice
from pathlib import Path
from random import Random
from statistics import median

import msgspec

from bench.figures import Figure
from clients.cli.local.pii.masker import by_type
from gateway.application.ports.detection import DetectionFailed
from gateway.detection.engine import TextEngine
from gateway.detection.evaluation.peers import presidio_engine
from gateway.detection.names import RECOGNISERS as NAMES
from gateway.detection.questions import Question
from gateway.detection.recognisers.registry import recogniser_classes
from support.corpora import carriers_en, carriers_zh, harmless_en, harmless_zh
from support.corpora.filling import filled

ROUNDS = 5
BATCH = 64
_UNIT = "texts a second"
_EN_LENGTH = 150
_PADDING = {"zh": (*harmless_zh.LAW, *harmless_zh.NEWS), "en": (" as agreed on file",)}
_FILE_TEXTS = 20_000


def measure() -> list[Figure]:
    """Measure them all."""
    return [*_patterns(), *map(_chinese, (30, 80)), _names(), _scaling()]


def _patterns() -> list[Figure]:
    texts = _texts("en", _ENGLISH, _EN_LENGTH, 512)
    peer = presidio_engine()
    theirs = set(peer.get_supported_entities("en"))
    rules = [one for one in recogniser_classes() if one not in set(NAMES)]
    same = [one for one in rules if theirs.intersection(one.ENTITIES)]
    figures = []
    for name, chosen, goal in (
        ("detect.patterns_vs_presidio", same, "at least 30"),
        ("detect.all_patterns_vs_presidio", rules, "printed"),
    ):
        ours = TextEngine(recognisers=[one() for one in chosen])
        pairs = [
            (_batched(ours, texts), _rate(lambda text: peer.analyze(text, "en"), texts[:64]))
            for _ in range(ROUNDS)
        ]
        figures.append(_figure(name, pairs, goal))
    return figures


_ENGLISH = (
    "Borrower's {US_SSN!} and {CREDIT_CARD!} are on file.",
    harmless_en.NEWS[0],
    "Please write to {EMAIL_ADDRESS} or {PHONE_NUMBER!}.",
    harmless_en.LAW[0],
    "Wire to {IBAN_CODE!}, seen from {IP_ADDRESS}.",
    harmless_en.NEWS[4],
)


def _chinese(length: int) -> Figure:
    templates = ("客户手机{CN_MOBILE_NUMBER}，",) if length < 50 else _FIVE
    ours = TextEngine()
    redact = import_module("argus_redact").redact
    pairs = []
    for turn in range(ROUNDS):
        # New in each round: ours remembers clauses that it has read.
        texts = _texts("zh", templates, length, 512, turn)
        theirs = _rate(lambda text: redact(text, lang="zh", mode="fast"), texts[:256])
        pairs.append((_batched(ours, texts), theirs))
    return _figure(f"detect.zh_vs_argus_{length}", pairs, "at least 1, aim 2")


_FIVE = ("{PERSON}，{CN_MOBILE_NUMBER}，{CN_RESIDENT_ID}，{CN_BANK_CARD}，{EMAIL_ADDRESS}，",)


def _names() -> Figure:
    engine = TextEngine()
    if not any(span.type == "PERSON" for span in engine.analyse("借款人张伟申请展期三个月。")):
        raise RuntimeError("names must be found")
    rates = []
    for turn in range(ROUNDS):
        chinese = _texts("zh", carriers_zh.NAMES, 50, 256, turn)
        english = _texts("en", carriers_en.NAMES, 100, 256, turn)
        rates.append(_batched(engine, [*chinese, *english]))
    goal = 3000
    ratio = median(rates) / goal
    return Figure("detect.names_texts_a_second", median(rates), goal, ratio, _UNIT, "at least 1")


def _texts(
    language: str, templates: Sequence[str], length: int, count: int, turn: int = 0
) -> list[str]:
    """Different texts of about ``length`` characters, each with what a template has."""
    rng = Random(f"bench/{language}/{length}/{turn}")
    found = []
    for template in islice(cycle(templates), count):
        text = filled(template, rng, "bench", language).text
        while len(text) < length:
            more = filled(rng.choice(_PADDING[language]), rng, "bench", language).text
            text += more[: max(length - len(text), 1)]
        found.append(text)
    return found


def _batched(engine: TextEngine, texts: Sequence[str]) -> float:
    """Texts a second of the detector and of masking by type; a text that fails ends the run."""
    began = time.process_time()
    for at in range(0, len(texts), BATCH):
        batch = texts[at : at + BATCH]
        for text, spans in zip(
            batch, engine.analyse_many([Question(one) for one in batch]), strict=True
        ):
            if isinstance(spans, DetectionFailed):
                raise spans
            by_type(text, spans)
    return len(texts) / (time.process_time() - began)


def _rate(once: Callable[[str], object], texts: Sequence[str]) -> float:
    began = time.process_time()
    for text in texts:
        once(text)
    return len(texts) / (time.process_time() - began)


def _figure(name: str, pairs: Sequence[tuple[float, float]], goal: str) -> Figure:
    ours, peers = median(ours for ours, _ in pairs), median(peer for _, peer in pairs)
    return Figure(name, ours, peers, median(a / b for a, b in pairs), _UNIT, goal)


def _scaling() -> Figure:
    """The command's rate with a process a core over that with one; starting is counted."""
    cores = len(os.sched_getaffinity(0))
    texts = _texts("zh", carriers_zh.FORMATTED, 80, 1024)
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.jsonl"), Path(folder, "out.jsonl")
        rows = (msgspec.json.encode({"text": one}) + b"\n" for one in cycle(texts))
        with source.open("wb") as file:
            file.writelines(islice(rows, _FILE_TEXTS))
        pairs = [(_command(source, out, cores), _command(source, out, 1)) for _ in range(2)]
    goal = f"of {cores} cores, starting counted"
    return _figure("detect.files_scaling", pairs, goal)


def _command(source: Path, out: Path, jobs: int) -> float:
    words = ("pii", "mask", str(source), "--out", str(out), "--jobs", str(jobs), "--quiet")
    began = time.perf_counter()
    subprocess.run([sys.executable, "-m", "clients.cli.main", *words], check=True)
    return _FILE_TEXTS / (time.perf_counter() - began)


if __name__ == "__main__":
    for figure in measure():
        print(figure.line())
