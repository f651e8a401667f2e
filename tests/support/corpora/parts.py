"""The two parts of the corpora: which templates, which seeds, how many texts of each group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gateway.detection.evaluation.labelled import Labelled, Mark
from support.corpora import carriers_en, carriers_zh, harmless_en, harmless_zh
from support.corpora.fields import REAL_TYPES
from support.corpora.filling import texts
from support.disguises import DISGUISES, disguised

DEVELOPMENT, TEST = "development", "test"
PARTS = (DEVELOPMENT, TEST)
HARMLESS = "harmless"
DISGUISED = "disguised"
_DISGUISED_OF_A_KIND = 4


@dataclass(frozen=True)
class Group:
    """Templates of both parts under one name; ``count`` is how many texts each part has."""

    name: str
    language: str
    development: tuple[str, ...]
    test: tuple[str, ...]
    count: int

    def texts(self, part: str, scale: float = 1.0) -> list[Labelled]:
        """Return the texts of one part."""
        templates = self.test if part == TEST else self.development
        count = max(1, round(self.count * scale))
        seed = f"{part}/{self.name}"
        return [_named(one) for one in texts(templates, count, seed, self.name, self.language)]


GROUPS = (
    Group("formatted.zh", "zh", carriers_zh.FORMATTED, carriers_zh.FORMATTED_TEST, 1600),
    Group("formatted.en", "en", carriers_en.FORMATTED, carriers_en.FORMATTED_TEST, 1200),
    Group("mixed", "", carriers_zh.MIXED, carriers_zh.MIXED_TEST, 400),
    Group("names.zh", "zh", carriers_zh.NAMES, carriers_zh.NAMES_TEST, 800),
    Group("names.en", "en", carriers_en.NAMES, carriers_en.NAMES_TEST, 600),
    Group("addresses.zh", "zh", carriers_zh.ADDRESSES, carriers_zh.ADDRESSES_TEST, 600),
    Group("addresses.en", "en", carriers_en.ADDRESSES, carriers_en.ADDRESSES_TEST, 400),
    Group("harmless.zh.law", "zh", harmless_zh.LAW, harmless_zh.LAW_TEST, 300),
    Group("harmless.zh.news", "zh", harmless_zh.NEWS, harmless_zh.NEWS_TEST, 300),
    Group("harmless.zh.report", "zh", harmless_zh.REPORT, harmless_zh.REPORT_TEST, 300),
    Group("harmless.en.law", "en", harmless_en.LAW, harmless_en.LAW_TEST, 200),
    Group("harmless.en.news", "en", harmless_en.NEWS, harmless_en.NEWS_TEST, 200),
    Group("harmless.en.code", "en", harmless_en.CODE, harmless_en.CODE_TEST, 300),
    Group("harmless.en.tables", "en", harmless_en.TABLES, harmless_en.TABLES_TEST, 200),
)


def corpus(part: str, prefix: str = "", scale: float = 1.0) -> list[Labelled]:
    """Return the texts of a part, of the groups whose names begin with ``prefix``."""
    return [*_texts(part, prefix, scale)]


def _texts(part: str, prefix: str, scale: float) -> Iterator[Labelled]:
    for group in GROUPS:
        if group.name.startswith(prefix):
            yield from group.texts(part, scale)
    if DISGUISED.startswith(prefix) or prefix.startswith(DISGUISED):
        yield from (one for one in _disguised(part) if one.group.startswith(prefix))


def _disguised(part: str) -> Iterator[Labelled]:
    """Yield values in every disguise, a group each; the parts take turns."""
    for disguise in DISGUISES:
        name = f"{DISGUISED}.{disguise.name.replace(' ', '_')}"
        for type_ in disguise.types:
            made = disguised(disguise, type_, 2 * _DISGUISED_OF_A_KIND)
            for number, (text, start, end) in enumerate(made):
                # A carrier of either language comes to both parts.
                if (number // 2) % 2 == (part == TEST):
                    yield Labelled(text, (Mark(start, end, type_),), name)


def _named(one: Labelled) -> Labelled:
    marks = tuple(
        Mark(mark.start, mark.end, REAL_TYPES.get(mark.type, mark.type)) for mark in one.marks
    )
    return replace(one, marks=marks)
