"""The consent guide runs, and its tables are what the product has."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec

from clients.sdk.consents.draft import ConsentDraft
from gateway.domain import receipt
from gateway.domain.reasons import ErrorReason
from support.guides import Reader, steps
from support.process import PROJECT

GUIDE = (PROJECT / "docs" / "consents.md").read_text(encoding="utf-8")


def _section(title: str) -> str:
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def _cells(section: str, column: int) -> list[str]:
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return [row[column].strip() for row in rows]


def test_the_guide_leads_from_a_consent_to_its_proof_and_its_end(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(GUIDE)
    text = "\n".join(reader.printed)
    assert "CONSENT_PAUSED" in text
    assert "each of its events is in the log" in text
    assert re.search(r"^given is entry \d+ of \d+$", text, re.MULTILINE)
    imports = [one for one in reader.printed if "not sent" in one]
    assert [re.findall(r"(granted|already) +(\d)", one) for one in imports] == [
        [("granted", "2"), ("already", "0")], [("granted", "0"), ("already", "2")],
    ]  # fmt: skip
    assert "withdrawn" in reader.printed[-1]
    person = (tmp_path / "home" / "samples" / "applicant.txt").read_text().strip()
    assert person not in text


def test_the_guide_has_both_kinds_of_blocks() -> None:
    kinds = [kind for kind, _ in steps(GUIDE)]
    assert kinds.count("console") >= 15
    assert kinds.count("python") == 2


def test_the_artefacts_table_has_every_term() -> None:
    cells = _cells(_section("The artefact, field by field"), 0)
    listed = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert listed == {one.encode_name for one in msgspec.structs.fields(ConsentDraft)}


def test_the_receipts_table_has_every_name() -> None:
    listed = set(re.findall(r"\b[a-z_]+\b", " ".join(_cells(_section("Receipts"), 0))))
    listed |= set(re.findall(r"`(x_\w+)`", " ".join(_cells(_section("Receipts"), 3))))
    parts = [
        *(receipt.Receipt, receipt.Processing, receipt.Purpose, receipt.PiiInformation),
        *(receipt.PartyEntry, receipt.Event, receipt.PrivacyNotice),
    ]
    assert {one for part in parts for one in _names(part)} - listed == set()


def _names(part: Any) -> list[str]:
    return [one.encode_name for one in msgspec.structs.fields(part)]


def test_every_reason_about_consents_is_told() -> None:
    told = set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", _section("Refusals and what to do")))
    assert told <= {one.value for one in ErrorReason}
    assert {one.value for one in ErrorReason if one.value.startswith("CONSENT_")} <= told


def test_the_links_lead_somewhere() -> None:
    headings = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z -]", "", one.lower()).replace(" ", "-") for one in headings}
    assert set(re.findall(r"\]\(#([a-z-]+)\)", GUIDE)) <= anchors
    for target in re.findall(r"\]\(([^)#:]+)\)", GUIDE):
        assert (PROJECT / "docs" / target).exists(), target
