"""Analysers that hang, die and raise on request, for tests of the pool process."""

import os
import time

from gateway.application.ports.detection import DetectionFailed, DetectionFailure, KnownValue


class ObedientAnalyser:
    """Does what the text says, and otherwise returns the process id and the text in brackets."""

    def deidentify(self, text: str, known: tuple[KnownValue, ...]) -> str:
        if text == "hang":
            time.sleep(3600)
        if text == "die":
            os._exit(9)
        if text == "raise":
            raise ValueError("quoting 13800138000")
        if text == "refuse":
            raise DetectionFailed(DetectionFailure.RESIDUE, "NAME")
        return f"{os.getpid()} [{text}]"


def build() -> ObedientAnalyser:
    return ObedientAnalyser()


def build_broken() -> ObedientAnalyser:
    raise RuntimeError("no analyser today")
