"""Generates labelled English text: templates filled, names exchanged, capitals changed.

Owns the changes; the templates are text files beside it. Refuses to draw from the
held-back names unless its sampler does. Deterministic: everything comes from one seed.
"""

import random
import re
import string
from collections.abc import Iterator

from gateway.detection.names.training.english_corpora import Labelled
from gateway.detection.names.training.english_fillers import Fillers
from gateway.detection.names.training.english_lists import templates
from gateway.detection.names.training.english_names import NameSampler

_SLOT = re.compile(
    r"\{(P|F|L|T|NF|NL|TERM|JOB|NAT|ORG|LOC|STREET|PH|DATE|AMT|NUM|SMALL|AGE|EMAIL)\}"
)
_ONE_NAME = ("F L", "L, F")
"""Two slots that are one name, with what stands between them."""


class Generator:
    """Makes texts from one seed and one sampler of names."""

    def __init__(self, seed: int, names: NameSampler) -> None:
        self.random = random.Random(seed)  # noqa: S311 - text, not secrets
        self.names = names
        self.fillers = Fillers(self.random, names)

    def templates(self, name: str, times: int) -> Iterator[Labelled]:
        """Yield every template of a file ``times`` times, each filled anew."""
        for _ in range(times):
            for line in templates(name):
                yield self.filled(line)

    def filled(self, template: str) -> Labelled:
        """Return a template with its slots filled."""
        text, at, before = "", 0, ""
        spans: list[tuple[int, int, str]] = []
        for slot in _SLOT.finditer(template):
            text += template[at : slot.start()]
            at = slot.end()
            value, label = self._value(slot.group(1))
            if label == "PER" and template[at : at + 1] == "." and value[-1] == ".":
                value = value[:-1]
            between = text[spans[-1][1] :] if spans else ""
            if before + between + slot.group(1) in _ONE_NAME:
                spans[-1] = spans[-1][0], len(text) + len(value), "PER"
            elif label:
                spans.append((len(text), len(text) + len(value), label))
            text += value
            before = slot.group(1)
        return Labelled(text + template[at:], tuple(spans))

    def _value(self, slot: str) -> tuple[str, str]:
        match slot:
            case "P":
                return self.names.full(), "PER"
            case "F":
                return self.names.first(), "PER"
            case "L":
                return self.names.last(), "PER"
            case "ORG":
                return self.fillers.organisation(), "ORG"
            case "LOC":
                return self.fillers.place(), "LOC"
            case _:
                return self.fillers.filler(slot), ""

    def exchanged(self, one: Labelled) -> Labelled:
        """Return the text with other names of people in place of its own."""
        text, at = "", 0
        spans: list[tuple[int, int, str]] = []
        for start, end, label in one.spans:
            text += one.text[at:start]
            value = one.text[start:end]
            if label == "PER":
                value = self._another(value)
            elif label == "LOC" and self.random.random() < 0.4:
                value = self.fillers.place()
            elif label == "ORG" and self.random.random() < 0.3:
                value = self.fillers.organisation()
            spans.append((len(text), len(text) + len(value), label))
            text, at = text + value, end
        return Labelled(text + one.text[at:], tuple(spans))

    def _another(self, name: str) -> str:
        if " " in name:
            new = self.names.full()
        else:
            new = self.names.first() if self.random.random() < 0.6 else self.names.last()
        if name.islower():
            return new.lower()
        return new.upper() if name.isupper() and len(name) > 2 else new

    def recased(self, one: Labelled) -> Labelled:
        """Return the text in lower or upper case, or only its names so."""
        way = self.random.random()
        if way < 0.40:
            return _same_length(one, one.text.lower())
        if way < 0.47:
            return _same_length(one, string.capwords(one.text, " "))
        if way < 0.68:
            return _same_length(one, one.text.upper())
        text = one.text
        for start, end, label in one.spans:
            if label == "PER":
                part = text[start:end].upper() if way < 0.76 else text[start:end].lower()
                if len(part) == end - start:
                    text = text[:start] + part + text[end:]
        return Labelled(text, one.spans)


def _same_length(one: Labelled, text: str) -> Labelled:
    return Labelled(text, one.spans) if len(text) == len(one.text) else one
