"""``veilgate catalogue`` against prepared answers over mutual TLS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from typer.testing import CliRunner, Result

from clients.cli.main import app
from support.canned_network import Network, network_running
from support.described_dataset import LENDER_A, answer
from support.live_gateway import DATASET, UNDERWRITING
from veilgate.v1 import catalogue_pb2 as pb


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Network]:
    with network_running(tmp_path / "pki") as (served, profile):
        monkeypatch.setenv("VEILGATE_PROFILE", str(profile))
        served.answers["DescribeDataset"] = lambda asked: answer(purpose=asked.purpose)
        served.answers["ListDatasets"] = _page
        yield served


def _page(asked: pb.ListDatasetsRequest) -> pb.ListDatasetsResponse:
    """Two pages of one dataset each."""
    number = 2 if asked.page_token else 1
    one = pb.DatasetSummary(
        dataset=f"set.d{number}", title_en=f"Title {number}", title_zh=f"标题 {number}",
        provider="demo-bureau", purposes=["credit"] if number == 1 else [],
    )  # fmt: skip
    token = "" if asked.page_token else "more"
    return pb.ListDatasetsResponse(datasets=[one], next_page_token=token)


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["catalogue", *words])


def document(*words: str) -> Any:
    result = invoke(*words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_list_goes_through_all_pages(network: Network) -> None:
    result = invoke("list", "--provider", "demo-bureau", "--purpose", "credit")
    assert result.exit_code == 0, result.output
    for word in ("set.d1", "set.d2", "Title 1", "标题 2", "demo-bureau", "credit"):
        assert word in result.stdout
    assert [(asked.provider, asked.purpose) for _, asked in network.asked] == [
        ("demo-bureau", "credit")
    ] * 2


def test_list_prints_one_document(network: Network) -> None:
    first, second = document("list")
    assert (first["dataset"], first["purposes"]) == ("set.d1", ["credit"])
    assert second["title_zh"] == "标题 2"


def test_an_empty_list_is_said(network: Network) -> None:
    network.answers["ListDatasets"] = lambda _: pb.ListDatasetsResponse()
    assert "No dataset" in invoke("list").stdout
    assert document("list") == []


def test_show_prints_fields_and_purposes(network: Network) -> None:
    shown = invoke("show", DATASET).stdout
    for word in ("CN_RESIDENT_ID", "GB 11643-1999", "identity_number", "证件号码", UNDERWRITING,
                 "RULE_FORBIDS", "99993 of 100000 this day", "third_party, sensitive"):  # fmt: skip
        assert word in shown
    assert "reference" not in shown
    # What is offered comes first.
    lines = shown.splitlines()
    at = {
        purpose: next(
            number for number, line in enumerate(lines) if line.startswith(f" {purpose} ")
        )
        for purpose in (UNDERWRITING, "marketing.direct", "marketing.advertising")
    }
    assert at[UNDERWRITING] < at["marketing.advertising"]


def test_show_says_that_references_are_taken(network: Network) -> None:
    network.answers["DescribeDataset"] = lambda _: answer(by_reference=True)
    assert "oblivious reference" in invoke("show", DATASET).stdout


def test_show_of_a_purpose_prints_its_offer(network: Network) -> None:
    shown = invoke("show", DATASET, "--purpose", UNDERWRITING).stdout
    for word in ("OFFERED", "提供", "underwriting-applicant", "贷款审批", "90 days", "20 per day",
                 "100000 per day", "99993 of 100000 this day", LENDER_A.agreements[0].id,
                 "first 1 and last 1 characters kept", "保留前 1 位、后 1 位", "withheld: c3",
                 "delete_within", "PIPL 19"):  # fmt: skip
        assert word in shown
    assert "NOT OFFERED" not in shown
    assert network.asked[0][1].purpose == UNDERWRITING


def test_what_is_not_offered_says_why(network: Network) -> None:
    nobody = msgspec.structs.replace(LENDER_A, agreements=())
    network.answers["DescribeDataset"] = lambda _: answer(nobody, UNDERWRITING)
    result = invoke("show", DATASET, "--purpose", UNDERWRITING)
    assert result.exit_code == 0
    for word in ("NOT OFFERED", "不提供", "AGREEMENT_MISSING", "PIPL 23", "协议"):
        assert word in result.stdout


def test_show_prints_one_document(network: Network) -> None:
    whole = document("show", DATASET, "--purpose", UNDERWRITING)
    (offer,) = whole["offers"]
    assert offer["offered"] is True
    assert offer["per_recipient"] == {"count": 100000, "per": "day", "left": 99993}
    assert offer["withheld"]["card_cvn"] == "c3"
    assert {one["field"] for one in whole["fields"]} >= {"name", "card_cvn"}
    assert offer["fields"][0].keys() == {"field", "operator", "form_en", "form_zh"}


def test_a_dataset_is_named(network: Network) -> None:
    assert invoke("show").exit_code == 2
    assert network.asked == []
