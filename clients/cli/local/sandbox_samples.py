"""The sandbox's samples, and the commands that use them.

Owns a draft of a consent, a first program, and the list of what to try. Refuses a command that
works only once: each can be given again, in any order after the consent.
"""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from clients.cli.local.home import AUDITOR, LENDER_A, LENDER_B, OPERATOR, PROVIDER
from clients.cli.local.sandbox_provider import INCOME, PAYROLL

_CREDIT: Final = "credit.applicant"
_PURPOSE: Final = "credit.underwriting"
_SUBJECT: Final = "--subject-type CN_RESIDENT_ID --subject-file samples/applicant.txt"
_VALID: Final = timedelta(days=60)
PROGRAM: Final = '''"""A first program: one record that is released, one that is refused."""

from pathlib import Path

from clients.sdk import ClientProfile, VeilgateClient, VeilgateError

folder = Path(__file__).resolve().parent.parent
profile = ClientProfile.load(folder / "clients/lender-a/profile.toml")
person = (folder / "samples/applicant.txt").read_text().strip()

with VeilgateClient(profile) as client:
    record = client.get_record(
        "CN_RESIDENT_ID", person, "credit.underwriting", "income.employment"
    )
    print(dict(record.fields), record.event_id)
    try:
        client.get_record("CN_RESIDENT_ID", person, "marketing", "credit.applicant")
    except VeilgateError as refusal:
        print(refusal.reason, refusal.text("en"), refusal.text("zh"))
'''


@dataclass(frozen=True, slots=True)
class Try:
    """Something to try: what it shows, and the command."""

    shows: str
    command: str


def write_samples(folder: Path) -> str:
    """Write the samples beside those of the home; return the id of the consent."""
    samples = folder / "samples"
    (samples / "first_call.py").write_text(PROGRAM, encoding="utf-8")
    draft = _draft(samples)
    (samples / "consent.json").write_text(json.dumps(draft, indent=2) + "\n", encoding="utf-8")
    return str(draft["consent_id"])


def _draft(samples: Path) -> dict[str, object]:
    now = datetime.now(UTC).replace(microsecond=0)
    person = (samples / "applicant.txt").read_text(encoding="utf-8").strip()
    return {
        "consent_id": str(uuid4()),
        "subject": {"type": "CN_RESIDENT_ID", "value": person},
        "providers": [PROVIDER, PAYROLL],
        "datasets": [_CREDIT, INCOME],
        "purposes": [_PURPOSE],
        "categories": [
            "identity",
            "contact",
            "account",
            "loan",
            "employment",
            "income",
            "free_text",
        ],
        "separate_consents": ["third_party", "sensitive"],
        "valid_from": now.isoformat(),
        "valid_until": (now + _VALID).isoformat(),
        "evidence_sha256": sha256((samples / "consent-form.txt").read_bytes()).hexdigest(),
    }


def setup(folder: Path) -> str:
    """Return the line that a shell needs before the others."""
    line = f"cd {shlex.quote(str(folder))}"
    own = Path(sys.executable).parent
    if any(Path(shutil.which(one) or "/").parent != own for one in ("veilgate", "python")):
        line += f' && export PATH={shlex.quote(str(own))}:"$PATH"'
    return f"{line} && export VEILGATE_PROFILE={_profile(LENDER_A)}"


def things_to_try(consent_id: str) -> list[Try]:
    """Return the commands, in an order in which each of them succeeds."""
    ask = f"--dataset {_CREDIT} --purpose {_PURPOSE} {_SUBJECT}"
    lender_b, operator, auditor = map(_profile, (LENDER_B, OPERATOR, AUDITOR))
    return [
        Try("what lender-a may ask", "veilgate catalogue list"),
        Try(
            "what becomes of each field, and what a consent must hold",
            f"veilgate catalogue show {_CREDIT} --purpose {_PURPOSE}",
        ),
        Try("what is missing before there is a consent", f"veilgate explain {ask}"),
        Try("register the consent", "veilgate consent grant --from samples/consent.json"),
        Try("the masked record, from the bureau", f"veilgate get {ask}"),
        Try(
            "employment and income, from the data provider's own server",
            f"veilgate get --dataset {INCOME} --purpose {_PURPOSE} {_SUBJECT}",
        ),
        Try(
            "why not for marketing, in English and Chinese",
            f"veilgate explain --dataset {_CREDIT} --purpose marketing.direct {_SUBJECT}",
        ),
        Try("why not for lender-b", f"veilgate explain {ask} --profile {lender_b}"),
        Try("the consents of lender-a", "veilgate consent list"),
        Try("the person's receipt, verified", f"veilgate consent receipt {consent_id}"),
        Try("the same from Python", "python samples/first_call.py"),
        Try("as operator: who takes part", f"veilgate partner list --profile {operator}"),
        Try("as auditor: what was recorded", f"veilgate audit tail --profile {auditor}"),
        Try("copy the log", f"veilgate audit export --out log --profile {auditor}"),
        Try("check every entry of it, offline", f"veilgate audit verify log --profile {auditor}"),
    ]


def _profile(institution: str) -> str:
    return f"clients/{institution}/profile.toml"
