"""What large rounds rest on: no consent's state changes without its place in the log beside it.

A release of many consents reads again only those that ``consent_event`` names since they were read.
"""

import re
from pathlib import Path

import pytest

import gateway
from gateway.adapters.committer.batch import Batch
from gateway.adapters.committer.batch_rows import ConsentRow, Rows
from gateway.adapters.committer.messages import Change, Done
from gateway.adapters.committer.seen_rows import SeenRows
from gateway.domain.consent import (
    TRANSITIONS,
    ConsentEvent,
    ConsentState,
    ConsentTerms,
    Standing,
)
from support.store_world import terms

ROOT = Path(gateway.__file__).parent


def _batch(state: ConsentState) -> tuple[Batch, ConsentTerms]:
    agreed = terms()
    consent = ConsentRow(b"subject", agreed, Standing(state))
    rows = Rows(
        active=set(),
        requests={},
        consents={agreed.consent_id: consent},
        usage={},
        open_intents=set(),
        grants={},
        subject_keys={},
        agreements={},
        seen=SeenRows({}),
    )
    return Batch(rows, 70, 1_800_000_000), agreed


@pytest.mark.parametrize("state", list(ConsentState))
@pytest.mark.parametrize("event", list(ConsentEvent))
def test_every_change_of_a_state_names_its_consent(
    state: ConsentState, event: ConsentEvent
) -> None:
    batch, agreed = _batch(state)
    result = batch.apply(Change(b"{}", b"subject", agreed.consent_id, event.value))
    happened = (state, event) in TRANSITIONS
    assert isinstance(result, Done) == happened
    assert batch.changes.consent_events == ([(agreed.consent_id, 70)] if happened else [])


def test_nothing_else_writes_a_consent_s_state() -> None:
    written = re.compile(r"(UPDATE|DELETE FROM|REPLACE INTO)\s+consent\b", re.IGNORECASE)
    places = {
        path.relative_to(ROOT).as_posix(): len(written.findall(path.read_text(encoding="utf-8")))
        for path in ROOT.rglob("*.py")
    }
    assert {name: count for name, count in places.items() if count} == {
        "adapters/committer/rows.py": 1
    }
