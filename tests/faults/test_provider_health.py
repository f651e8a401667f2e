"""A provider that fails shows in the health service by its name, and so does its return."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from clients.cli.local.demo_data.dataset import Applicant
from clients.cli.local.home import LENDER_A, PROVIDER
from clients.sdk import VeilgateError
from support.faults_provider_data import database
from support.faults_serving import health_channel, is_serving, wait_until
from support.live_gateway import running_gateway
from support.members import Member, fresh_applicant

NAME = f"provider/{PROVIDER}"
_FAILURES_THAT_OPEN = 8


def _released(member: Member, applicant: Applicant) -> bool:
    try:
        member.get(applicant)
    except VeilgateError as error:
        if error.reason != "PROVIDER_UNAVAILABLE":
            raise
        return False
    return True


def test_a_failing_provider_is_not_serving_until_it_answers_again(tmp_path: Path) -> None:
    applicant = fresh_applicant()
    with (
        running_gateway(tmp_path / "home") as gateway,
        Member(gateway, LENDER_A) as lender,
        health_channel(gateway) as health,
    ):
        lender.grant(applicant)
        assert is_serving(health, NAME)
        assert _released(lender, applicant)
        with closing(sqlite3.connect(database(gateway.home), isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            for _ in range(_FAILURES_THAT_OPEN):
                assert not _released(lender, applicant)
            wait_until(lambda: not is_serving(health, NAME), "the provider to be shown as failing")
            assert is_serving(health, "")
            other.execute("ROLLBACK")
        wait_until(lambda: _released(lender, applicant), "an answer of the provider's")
        wait_until(lambda: is_serving(health, NAME), "the provider to be shown as well")
