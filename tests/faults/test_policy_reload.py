"""Policies that break while the gateway runs, and at its start: the last good set, or none."""

import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.cli.local.demo_data.dataset import synthetic_subject
from clients.cli.local.home import AUDITOR, LENDER_A
from clients.sdk.errors import VeilgateError
from gateway.adapters.policy_files.yaml_policies import read_policies
from support.live_gateway import LiveGateway, start_gateway, underwriting_consent
from support.process import LoggedProcess, wait_for_line

PERSON = synthetic_subject(7)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[LiveGateway]:
    running = start_gateway(tmp_path)
    with running.client(LENDER_A) as client:
        client.grant_consent(underwriting_consent(running.profile(LENDER_A), PERSON))
    yield running
    running.stop()


def fields(gateway: LiveGateway) -> set[str]:
    with gateway.client(LENDER_A) as client:
        record = client.get_record(
            PERSON.identity_type, PERSON.identity_number, "credit.underwriting", "credit.applicant"
        )
    return set(record.fields)


def kinds(gateway: LiveGateway) -> list[str]:
    with gateway.client(AUDITOR) as client:
        entries = client.list_events(0, 500).entries
    return [kind for entry in entries for kind in _KINDS if kind.encode() in entry.event]


_KINDS = ("POLICY_LOADED", "POLICY_REFUSED")


def rules(gateway: LiveGateway) -> Path:
    return gateway.home.folder / "policies" / "rules" / "credit.yaml"


@pytest.mark.parametrize("torn", ["half", "empty", "gone", "loosened"])
def test_a_broken_reload_keeps_the_last_good_set(gateway: LiveGateway, torn: str) -> None:
    before, path = fields(gateway), rules(gateway)
    whole = path.read_text(encoding="utf-8")
    if torn == "gone":
        path.unlink()
        for other in path.parent.iterdir():
            other.unlink()
    elif torn == "loosened":
        # A class C3 field released: refused whatever else the file says.
        marker = "      market: { operator: keep }\n"
        assert marker in whole
        path.write_text(whole.replace(marker, marker + "      card_cvn: { operator: keep }\n", 1))
    else:
        path.write_text(whole[: len(whole) // 2] if torn == "half" else "")
    gateway.process.send_signal(signal.SIGHUP)
    wait_for_line(gateway.process, "the policies on disk are refused", 20)
    assert fields(gateway) == before
    assert kinds(gateway) == ["POLICY_LOADED", "POLICY_REFUSED"]


def test_a_good_reload_is_in_force_at_once_and_recorded(gateway: LiveGateway) -> None:
    path = rules(gateway)
    whole = path.read_text(encoding="utf-8")
    assert "housing" in fields(gateway)
    changed = whole.replace("      housing: { operator: keep }\n", "")
    assert changed != whole
    path.write_text(changed, encoding="utf-8")
    gateway.process.send_signal(signal.SIGHUP)
    digest = read_policies(path.parent.parent).digest
    wait_for_line(gateway.process, f"policy {digest[:12]} is in force", 20)
    assert "housing" not in fields(gateway)
    assert kinds(gateway) == ["POLICY_LOADED", "POLICY_LOADED"]


def test_a_broken_set_refuses_to_serve_at_start(gateway: LiveGateway) -> None:
    gateway.stop()
    path = rules(gateway)
    path.write_text(path.read_text(encoding="utf-8")[:-200], encoding="utf-8")
    process = LoggedProcess([sys.executable, "-m", "gateway", str(gateway.home.config)])
    assert process.wait(60) == 2
    assert "cannot start" in process.output()
    with gateway.client(LENDER_A) as client, pytest.raises(VeilgateError) as refused:
        client.checkpoint(timeout=2)
    assert refused.value.reason == "UNSPECIFIED"
