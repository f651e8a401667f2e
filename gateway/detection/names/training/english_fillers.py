"""Fills the slots of a template that hold no name: places, organisations, amounts, dates, streets.

Owns what they look like. Refuses real telephone numbers and addresses: digits are drawn, and mail
is at example.com. Streets and firms bear surnames, which makes them the hard cases they are.
"""

import random
import string
from collections.abc import Callable
from functools import cache

from gateway.detection.names.training.english_lists import listed
from gateway.detection.names.training.english_names import NameSampler
from gateway.detection.names.training.english_sources import places

_MOST_HOUSES, _MOST_AMOUNT = 9999, 90000


@cache
def _places() -> tuple[str, ...]:
    return tuple(places())


class Fillers:
    """Draws fillers from one source of chance and one sampler of names."""

    def __init__(self, chance: random.Random, names: NameSampler) -> None:
        self._random = chance
        self._names = names

    def filler(self, slot: str) -> str:
        """Return what stands in one slot."""
        pick = self._random
        made: dict[str, Callable[[], str]] = {
            "JOB": self._job,
            "DATE": self._date,
            "EMAIL": self._email,
            "TERM": self._term,
            "NF": self._names.first,
            "NL": self._names.last,
        }
        chosen = {"T": "titles", "NAT": "nations"}
        if slot in made:
            return made[slot]()
        if slot in chosen:
            return pick.choice(listed(chosen[slot]))
        match slot:
            case "STREET":
                name = pick.choice((self._names.last, self._names.first, lambda: "Main"))()
                return f"{pick.randint(1, _MOST_HOUSES)} {name} {pick.choice(listed('streets'))}"
            case "PH":
                form = pick.choice(
                    ("###-###-####", "(###) ###-####", "1##########", "+1 ### ### ####")
                )
                return self._digits(form)
            case "AMT":
                return pick.choice(("$", "USD ", "£", "$")) + f"{pick.randint(20, _MOST_AMOUNT):,}"
            case "NUM":
                return self._digits("#" * pick.randint(4, 12))
            case "AGE":
                return str(pick.randint(18, 95))
            case _:
                return str(pick.randint(1, 120))

    def _job(self) -> str:
        job = self._random.choice(listed("jobs"))
        return job.lower() if self._random.random() < 0.35 else job

    def _term(self) -> str:
        some = self._random.sample(listed("terms"), self._random.choice((1, 2, 2, 2, 3, 3)))
        return " ".join(some)

    def _digits(self, form: str) -> str:
        return "".join(self._random.choice(string.digits) if one == "#" else one for one in form)

    def _date(self) -> str:
        month = self._random.choice(listed("months"))
        day, year = self._random.randint(1, 28), self._random.randint(1940, 2026)
        return self._random.choice(
            (
                f"{month} {day}, {year}",
                f"{day}/{day % 12 + 1}/{year}",
                f"{year}-{day % 12 + 1:02}-{day:02}",
                f"{month[:3]} {day}",
                f"{day} {month} {year}",
            )
        )

    def _email(self) -> str:
        first = self._names.first().split()[0].lower()
        last = self._names.last().split()[0].lower()
        between, end = (
            self._random.choice((".", "_", "")),
            self._random.choice(("com", "org", "net")),
        )
        return f"{first}{between}{last}@example.{end}"

    def organisation(self) -> str:
        """Return the name of a firm or institution; one in four bears a surname."""
        pick = self._random
        chance = pick.random()
        if chance < 0.3:
            return pick.choice(listed("known_orgs"))
        end = pick.choice(listed("org_ends"))
        if chance < 0.6:
            return f"{pick.choice(listed('org_words'))} {pick.choice(listed('org_words'))} {end}"
        if chance < 0.75:
            return f"{self._names.last()} {end}"
        if chance < 0.85:
            end = pick.choice(("LLP", "LLC", "Inc.", "Co"))
            return f"{self._names.last()} & {self._names.last()} {end}"
        return f"{pick.choice(('Bank', 'University', 'City', 'State'))} of {self.place()}"

    def place(self) -> str:
        """Return a country or a town; half of them from everywhere."""
        if self._random.random() < 0.5:
            return self._random.choice(listed("countries"))
        return self._random.choice(_places())
