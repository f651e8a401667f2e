"""Where the scenes play: a home, a gateway that serves it, and four invented people.

Owns the people's files, the consents that the scenes start from, and reading what the provider
holds from its own database. Refuses to hand a scene anything but the gateway's answers and that.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.demo_scenes.agent_child import AgentChild
from clients.cli.local.demo_scenes.commands import Ran, run_command
from clients.cli.local.demo_scenes.gateway_child import GatewayChild
from clients.cli.local.dev_members import CONTRIBUTORS
from clients.cli.local.home import LENDER_A, PROVIDER, Home
from clients.sdk.failure import SdkError

DATASET = "credit.applicant"
UNDERWRITING = "credit.underwriting"
FOLDER = "demo"
"""In the home: the people's files, evidence, exports."""
LOANS = "credit.loans"
RESEARCH = "research.aggregate"
KEY_FILE = ("--key-file", f"{FOLDER}/keyholder.secret")
"""What seals the lender's private keys."""
_CATEGORIES = (
    "identity",
    "contact",
    "account",
    "loan",
    "credit_history",
    "employment",
    "household",
    "free_text",
)
_EVIDENCE = (
    "I agree that demo-bureau gives my credit record to lender-a. (A signed form, invented.)"
)
TERMS: dict[str, tuple[str, ...]] = {
    "--provider": (PROVIDER,),
    "--dataset": (DATASET,),
    "--purpose": (UNDERWRITING,),
    "--category": _CATEGORIES,
    "--separate": ("third_party", "sensitive"),
}
"""What underwriting accepts, as options of ``veilgate consent grant``."""
EXPOSURE_TERMS: dict[str, tuple[str, ...]] = {
    "--provider": tuple(one for one in CONTRIBUTORS if one != LENDER_A),
    "--dataset": (LOANS,),
    "--purpose": (UNDERWRITING,),
    "--category": ("loan",),
    "--separate": ("third_party",),
}
"""What a lender's question about one person needs: everybody else may answer."""


class GrantRefused(SdkError):
    """A consent that a scene starts from was not granted."""


@dataclass(frozen=True, slots=True)
class Person:
    """An invented applicant: the provider's row, and the file that names the person in calls."""

    label: str
    held: dict[str, str | int]
    subject_file: Path

    @property
    def words(self) -> tuple[str, ...]:
        """The options that name this person."""
        kind = str(self.held["identity_type"])
        return ("--subject-type", kind, "--subject-file", str(self.subject_file))


@dataclass(slots=True)
class Stage:
    """What the scenes share. Paths in calls are relative to the home, where the demo stands."""

    home: Home
    gateway: GatewayChild
    chinese: Person
    english: Person
    unknown: Person
    debtor: Person
    agents: dict[str, AgentChild] = field(default_factory=dict)
    """Of the institutions that answer aggregates, by name."""
    consents: dict[str, str] = field(default_factory=dict)
    """Consent ids by person's label."""
    release: dict[str, Any] = field(default_factory=dict)
    """The first release, as the lender got it."""

    @classmethod
    def prepare(cls, home: Home, gateway: GatewayChild, agents: dict[str, AgentChild]) -> Stage:
        """Write the people's files.

        ``unknown`` is somebody whom no lender has a consent of, ``debtor`` has several loans.
        """
        folder = Path(FOLDER)
        (home.folder / folder).mkdir(mode=0o700)
        (home.folder / folder / "evidence.txt").write_text(_EVIDENCE, encoding="utf-8")
        with open(home.folder / KEY_FILE[1], "xb", opener=_open_private) as file:
            file.write(os.urandom(32))
        numbers = {"chinese": 1, "english": 4, "unknown": 7, "debtor": 2}
        chinese, english, unknown, debtor = (
            _person(home, folder, label, number) for label, number in numbers.items()
        )
        return cls(home, gateway, chinese, english, unknown, debtor, agents)

    def run(self, command: str, institution: str, *words: str) -> Ran:
        """Run a command with the profile of an institution."""
        return run_command(*command.split(), "--profile", profile_path(institution), *words)

    def get(self, institution: str, purpose: str, person: Person, *words: str) -> Ran:
        """Ask for a person's record."""
        wanted = ("--dataset", DATASET, "--purpose", purpose)
        return self.run("get", institution, *wanted, *person.words, *words)

    def ask(self, *words: str) -> Ran:
        """Ask the lender's question about a cohort of the loan books."""
        wanted = (LOANS, "--purpose", RESEARCH, *KEY_FILE)
        return self.run("aggregate ask", LENDER_A, *wanted, *words)

    def exposure_words(self, person: Person, consent: str) -> tuple[str, ...]:
        """Return what the lender's question about a person's loans is made of."""
        wanted = (LOANS, "--purpose", UNDERWRITING, "--consent", consent)
        return (*wanted, *person.words, *KEY_FILE)

    def grant(self, person: Person, terms: dict[str, tuple[str, ...]], institution: str) -> Ran:
        """Grant a consent of a person to an institution, for these terms."""
        options = [
            word for option, words in terms.items() for one in words for word in (option, one)
        ]
        evidence = ("--evidence", f"{FOLDER}/evidence.txt")
        return self.run("consent grant", institution, *options, *evidence, *person.words)

    def grant_first(self, people: Sequence[Person], institution: str) -> None:
        """Grant what the scenes start from.

        Raises:
            GrantRefused: the gateway did not take it.
        """
        for person in people:
            ran = self.grant(person, TERMS, institution)
            if ran.status:
                raise GrantRefused(
                    f"no consent could be granted: {ran.error.get('what', '')}",
                    str(ran.error.get("next", "")),
                )
            self.consents[person.label] = ran.answer["consent_id"]

    def events(self, start: int) -> list[dict[str, Any]]:
        """The log's events from ``start`` on, as the auditor sees them."""
        rows = self.run("audit tail", "auditor", "--start", str(start)).answer
        return [{"index": row["index"], **row["event"]} for row in rows]


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def profile_path(institution: str) -> str:
    """The profile of an institution, relative to the home."""
    return f"clients/{institution}/profile.toml"


def _person(home: Home, folder: Path, label: str, number: int) -> Person:
    held = _row(home.folder / "data" / "applicants.db", synthetic_subject(number).applicant_no)
    file = folder / f"{label}-applicant.txt"
    (home.folder / file).write_text(f"{held['identity_number']}\n", encoding="utf-8")
    return Person(label, held, file)


def _row(database: Path, applicant_no: str) -> dict[str, str | int]:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        query = "SELECT * FROM applicant WHERE applicant_no = ?"
        row = connection.execute(query, (applicant_no,)).fetchone()
    return dict(row)
