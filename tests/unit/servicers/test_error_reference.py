"""The guide's table of errors is the catalogue of texts and the codes, row by row."""

import re

import pytest

from gateway.domain.reasons import ErrorReason
from gateway.servicers.error_reference import BEGIN, END, error_table, with_table
from gateway.servicers.status import CODES
from support.source_tree import ROOT

PAGE = (ROOT / "docs" / "integration.md").read_text(encoding="utf-8")


def test_the_guide_s_table_is_up_to_date() -> None:
    assert with_table(PAGE) == PAGE, "run: python -m gateway.servicers.error_reference PAGE"


def test_every_reason_has_one_row_with_its_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.+?) \| (.+?) \| (.+?) \|$", error_table(), re.M)
    assert [name for name, *_ in rows] == [one.value for one in ErrorReason]
    for name, code, meaning, change, again in rows:
        wanted = CODES.get(ErrorReason(name))
        assert code == (wanted.name if wanted else "PERMISSION_DENIED")
        assert meaning.endswith(".")
        assert change.endswith(".")
        assert re.fullmatch(r"no|after \d+ s", again)
    assert "after 1 s" in next(again for name, *_, again in rows if name == "RATE_LIMITED")


@pytest.mark.parametrize(
    "page", ["", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n"]
)
def test_a_page_without_a_single_place_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="place"):
        with_table(page)
