"""The de-identification guide runs, and its table of operators is what profiles know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

from gateway.domain.deid.text_operators import TextOperatorName
from support.guides import Reader
from support.process import PROJECT

GUIDE = (PROJECT / "docs" / "deidentification.md").read_text(encoding="utf-8")


def test_the_guide_leads_from_a_text_to_a_token_and_back(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    reader.follow(GUIDE)
    found, masked, many, *_, opened, listed = reader.printed
    assert "CN_RESIDENT_ID" in found
    assert "PERSON 0 3" in found
    by_type, by_profile = masked.splitlines()
    assert by_type == "借款人手机<CN_MOBILE_NUMBER>，身份证<CN_RESIDENT_ID>，邮箱<EMAIL_ADDRESS>"
    assert "11010519491231002X" not in by_profile
    assert "tok" in by_profile
    assert many.splitlines() == ["手机<CN_MOBILE_NUMBER>", "INVALID_FIELD", "无"]
    assert "13812345678" in opened
    assert "used" in listed
    assert "13812345678" not in listed


def test_the_table_has_every_operator() -> None:
    listed = set(re.findall(r"^\| `(\w+)` \|", GUIDE, re.MULTILINE))
    assert listed == set(get_args(TextOperatorName))
