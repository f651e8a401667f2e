"""The guide to aggregate questions runs, from an agent to a figure."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.guides import Reader
from support.process import PROJECT

GUIDE = (PROJECT / "docs" / "aggregates.md").read_text(encoding="utf-8")


@pytest.mark.timeout(300)
def test_the_guide_leads_from_a_key_to_a_figure(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(GUIDE)
    printed = "\n".join(reader.printed)
    assert "elgamal" in printed
    assert "nobody was asked, and nothing is charged" in printed
    assert "mean of credit_amount" in printed
    assert (tmp_path / "amounts.png").read_bytes().startswith(b"\x89PNG")
    assert "open loan" in printed
    assert "Duration in months" in printed
