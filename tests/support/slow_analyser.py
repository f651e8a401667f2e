"""Analysers that hang, die and raise on request, for tests of the pool process."""

import os
import time
from collections.abc import Sequence

from gateway.application.ports.detection import Detected, DetectionFailed, DetectionFailure
from gateway.detection.questions import Answer, Question


class ObedientAnalyser:
    """Does what the text says, and otherwise finds one thing: its process id and the text."""

    def analyse_many(self, questions: Sequence[Question]) -> list[Answer]:
        return [self._answer(question.text) for question in questions]

    def _answer(self, text: str) -> Answer:
        if text == "hang":
            time.sleep(3600)
        if text == "die":
            os._exit(9)
        if text == "raise":
            raise ValueError("quoting 13800138000")
        if text == "refuse":
            return DetectionFailed(DetectionFailure.RESIDUE, "NAME")
        return (Detected(0, 1, "TEXT", 1.0, str(os.getpid()), "", text),)


def build() -> ObedientAnalyser:
    return ObedientAnalyser()


def build_broken() -> ObedientAnalyser:
    raise RuntimeError("no analyser today")
