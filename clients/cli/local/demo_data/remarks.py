"""The free text a provider's clerk might have typed about an applicant.

Owns the choice of a template and what is set into it. A remark mentions some of the applicant's
own values, at times spaced in groups, and at times a contact person's name and telephone, which
stand in no column. The templates are the two text files beside this one, one a line.
"""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from random import Random
from typing import Literal

from .errors import DemoDataError

Language = Literal["zh", "en"]

MIN_CHARACTERS = 60
MAX_CHARACTERS = 150


@cache
def templates(language: Language) -> tuple[str, ...]:
    """The remark templates of a language, `str.format` fields unfilled."""
    text = resources.files(__package__).joinpath(f"remarks_{language}.txt")
    return tuple(text.read_text(encoding="utf-8").splitlines())


def compose_remark(language: Language, rng: Random, values: Mapping[str, str]) -> str:
    """A remark of 60 to 150 characters that has `values` set into a template drawn from `rng`.

    Raises:
        DemoDataError: no template of the language gives a remark of that length.
    """
    shuffled = rng.sample(templates(language), k=len(templates(language)))
    for template in shuffled:
        remark = template.format_map(values)
        if MIN_CHARACTERS <= len(remark) <= MAX_CHARACTERS:
            return remark
    raise DemoDataError(f"no {language} template gives a remark of the allowed length")


def grouped(number: str, *sizes: int) -> str:
    """`number` with a space after each group of `sizes` digits; the last size repeats."""
    groups, rest, position = [], number, 0
    while rest:
        size = sizes[min(position, len(sizes) - 1)]
        groups.append(rest[:size])
        rest, position = rest[size:], position + 1
    return " ".join(groups)
