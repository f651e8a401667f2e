"""The command line in this process, against a gateway that runs, and what a refusal looks like."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from clients.cli.local.demo_data.dataset import Applicant, synthetic_subject
from clients.cli.local.home import LENDER_A
from clients.cli.main import app
from support.live_gateway import CATEGORIES, DATASET, UNDERWRITING, LiveGateway

ASK = ("--dataset", DATASET, "--purpose", UNDERWRITING)
TERMS = (
    *("--provider", "demo-bureau", "--dataset", DATASET, "--purpose", UNDERWRITING),
    *("--separate", "third_party", "--separate", "sensitive"),
    *(word for category in CATEGORIES for word in ("--category", category)),
)


@dataclass(frozen=True)
class Cli:
    """The command line in this process, against one gateway."""

    gateway: LiveGateway
    evidence: Path

    def run(self, institution: str, *words: str, stdin: str = "") -> Result:
        profile = str(self.gateway.home.profile(institution))
        return CliRunner().invoke(app, [*words, "--profile", profile], input=stdin)

    def json(self, institution: str, *words: str, stdin: str = "") -> Any:
        result = self.run(institution, *words, "--json", stdin=stdin)
        assert result.exit_code == 0, result.stderr
        assert result.stderr == ""
        return json.loads(result.stdout)

    def consented(self, number: int) -> tuple[Applicant, str]:
        """An applicant, by number, with a consent for lender A that underwriting accepts."""
        applicant = synthetic_subject(number)
        words = ("consent", "grant", *TERMS, "--evidence", str(self.evidence))
        granted = self.json(LENDER_A, *words, *who(applicant), stdin=line(applicant))
        return applicant, granted["consent_id"]


def who(applicant: Applicant) -> tuple[str, ...]:
    return ("--subject-type", applicant.identity_type)


def line(applicant: Applicant) -> str:
    return f"{applicant.identity_number}\n"


def assert_refused(result: Result, status: int, what: str, next_step: str) -> None:
    assert result.exit_code == status, result.output
    assert result.stderr.startswith("error: ")
    assert what in result.stderr
    assert "\nnext: " in result.stderr
    assert next_step in result.stderr.partition("\nnext: ")[2]
    assert "Traceback" not in result.stderr
    assert "UNSPECIFIED" not in result.stderr
