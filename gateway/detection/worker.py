"""What runs inside a pool process: holds the analyser, and answers for a batch of texts.

Imports nothing heavy: the factory, and the models with it, is imported by its name when the process
starts. Refuses to let an exception cross the process boundary, because the pool would print its
traceback and message, and both may quote the text.
"""

import importlib
import os
import signal
from collections.abc import Sequence
from typing import Protocol

from gateway.application.ports.detection import DetectionFailed, DetectionFailure, KnownValue
from gateway.detection.parent_death import die_with_parent
from gateway.detection.questions import Answer, Question


class Analyser(Protocol):
    """What a factory builds: the synchronous twin of `TextDetector`, for many texts at once."""

    def analyse_many(self, questions: Sequence[Question]) -> list[Answer]:
        """Return for each text, in order, the spans or the reason why there are none."""
        ...


_WARMING = "联系人张伟，卡 4111 1111 1111 1111, +44 20 7946 0958, Mr John Smith, a@example.com"
_analyser: Analyser | None = None


def initialise(factory: str, parent_pid: int) -> None:
    """Tie the process to its parent and build the analyser that `module:function` names."""
    global _analyser
    die_with_parent(parent_pid)
    # Characters are read one by one: pypinyin's table of phrases would be four fifths of its load.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
    # Ctrl-C reaches the whole process group; the parent decides when its pool ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    module, _, function = factory.partition(":")
    _analyser = getattr(importlib.import_module(module), function)()


def warm_up() -> int:
    """Run once through everything that loads on first use, and return the process id."""
    known = KnownValue("PERSON", "张伟")
    (answer,) = answer_batch([Question(_WARMING, (known,))])
    if isinstance(answer, DetectionFailed):
        raise answer
    return os.getpid()


def answer_batch(questions: list[Question]) -> list[Answer]:
    """Return for each text, in order, the spans or the reason why there are none."""
    if _analyser is None:
        return [DetectionFailed(DetectionFailure.NOT_RUNNING) for _ in questions]
    try:
        return _analyser.analyse_many(questions)
    except Exception as error:  # noqa: BLE001
        if len(questions) > 1:
            return [answer for one in questions for answer in answer_batch([one])]
        return [DetectionFailed(DetectionFailure.RECOGNISER_ERROR, type(error).__name__)]
