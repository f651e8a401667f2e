"""The audit guide runs, and what it says of refusals and stops is what the product has."""

from __future__ import annotations

import json
import re
from pathlib import Path

from gateway.crypto.witness import WitnessRefusal
from gateway.domain.reasons import ErrorReason
from support.guides import Reader, steps
from support.process import PROJECT

GUIDE = (PROJECT / "docs" / "audit.md").read_text(encoding="utf-8")


def _first_column(title: str) -> list[str]:
    section = GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)


def test_the_guide_leads_from_a_key_to_a_log_that_counts(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(GUIDE)
    text = "\n".join(reader.printed)
    size = re.search(r"(\d+) entries \(first seen\), cosigned; 1 of 1 witnesses", text)
    assert size is not None
    (listed,) = (one for one in reader.printed if one.startswith("["))
    kinds = [row["event"]["kind"] for row in json.loads(listed)]
    assert kinds == ["GATEWAY_STARTED", "POLICY_LOADED"]
    assert text.count("veilgate.example/log\n" + size[1]) == 3
    assert f"OK: all {size[1]} entries" in text
    assert f"It extends the {size[1]} entries of the older checkpoint." in text
    assert f"vouched for {size[1]} entries" in text
    assert f"counted: {size[1]} entries" in text


def test_the_guide_has_both_kinds_of_blocks() -> None:
    kinds = [kind for kind, _ in steps(GUIDE)]
    assert kinds.count("console") >= 12
    assert kinds.count("python") == 1


def test_the_tables_name_what_there_is() -> None:
    assert _first_column("When a witness stops") == [one.name for one in WitnessRefusal]
    told = set(_first_column("Refusals and what to do"))
    assert told <= {one.value for one in ErrorReason}
    assert {"CHECKPOINT_NOT_WITNESSED", "CHECKPOINT_NOT_FOUND", "COSIGNATURE_INVALID"} <= told


def test_the_links_lead_somewhere() -> None:
    headings = re.findall(r"^## (.*)$", GUIDE, re.MULTILINE)
    anchors = {re.sub(r"[^a-z -]", "", one.lower()).replace(" ", "-") for one in headings}
    assert set(re.findall(r"\]\(#([a-z-]+)\)", GUIDE)) == anchors
