"""The committer against a naive model: the same results however operations are cut into batches.

On each engine. The log is compared with the tree of RFC 9162, section 2.1.1, over the events that
the model says there are, and head, tiles and entries with each other after each commit.
"""

import msgspec
import pytest
from hypothesis import HealthCheck, given, note, settings

from gateway.adapters.committer.log import CorruptLog
from gateway.adapters.committer.messages import AnyOperation, Append, Done, Intend
from gateway.adapters.committer.partner_seed import seed_operations
from gateway.adapters.store.partner_file import Partner
from gateway.domain.institution import Agreement
from gateway.domain.vocabulary import InstitutionStatus, Jurisdiction, Role
from support.agreements import record_agreement
from support.committer_model import PREFILL, Model, check_bounds
from support.committer_operations import (
    CONTRACTS,
    INSTITUTIONS,
    Epoch,
    epochs,
    subject,
)
from support.committer_stores import COPIES, CommitterStore, Copies
from support.crypto_log import reference_root

EXAMPLES = {"sqlite": 120, "postgres": 25}


def _check(store: CommitterStore, model: Model) -> None:
    """The log and the tables are what the model says."""
    entries = [event for (event,) in store.rows("SELECT event FROM log_entry ORDER BY log_index")]
    added = entries[PREFILL:]
    assert [b"{" + one.split(b",", 1)[1] for one in added] == [e for _, e in model.events]
    times = [one.split(b'"')[3] for one in added]
    assert times == sorted(times)
    assert store.rows("SELECT size, root FROM log_head") == [
        (len(entries), reference_root(entries))
    ]
    assert store.rows("SELECT event_id FROM open_intent ORDER BY 1") == [
        (one,) for one in sorted(model.open)
    ]
    assert store.rows("SELECT id, state, uses, grant_log_index FROM consent ORDER BY 1") == [
        (name, one.state, len(one.used), one.log_index)
        for name, one in sorted(model.consents.items())
    ]
    assert sorted(store.rows("SELECT id, body_digest, consent_id FROM request")) == sorted(
        (f"{institution}|{id_}", one.body, one.consent or None)
        for (institution, id_), one in model.requests.items()
    )


def _prepare(store: CommitterStore) -> None:
    partners = [
        Partner(
            *(one, one, (Role.LENDER,), Jurisdiction.CN),
            InstitutionStatus.SUSPENDED if one == "lender-s" else InstitutionStatus.ACTIVE,
        )
        for one in INSTITUTIONS
    ]
    operations: list[AnyOperation] = [*seed_operations(partners)]
    operations += [Append(b'{"v":1}', b"", "") for _ in range(PREFILL - len(operations))]
    assert all(isinstance(one, Done) for one in store.commit(operations))
    for name, (institution, start, end, ended) in CONTRACTS.items():
        agreed = Agreement(name, frozenset({"any"}), frozenset({"any"}), start, end)
        record_agreement(store.run, institution, agreed, ended)


@pytest.fixture(scope="module", params=list(COPIES))
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def copies(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    return COPIES[engine](tmp_path_factory.mktemp(engine), _prepare)


def test_results_do_not_depend_on_the_batches(engine: str, copies: Copies) -> None:
    @settings(
        max_examples=EXAMPLES[engine],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
        print_blob=True,
    )
    @given(story=epochs())
    def holds(story: list[Epoch]) -> None:
        with copies() as singly, copies() as batched:
            _compare(singly, batched, story)

    holds()


def _compare(singly: CommitterStore, batched: CommitterStore, story: list[Epoch]) -> None:
    model = Model()
    for epoch in story:
        singly.now += epoch.seconds
        batched.now = singly.now
        expected = [model.apply(one, int(singly.now)) for one in epoch.operations]
        note(f"{singly.now}: {expected}")
        found = [batched.commit(batch) for batch in epoch.batches()]
        assert [one for batch in found for one in batch] == expected
        assert [singly.commit([one])[0] for one in epoch.operations] == expected
    check_bounds(model)
    _check(batched, model)
    _check(singly, model)


def test_the_open_intents_of_a_dead_process_are_closed_once(copies: Copies) -> None:
    with copies() as store:
        names = [f"{number:032x}" for number in range(3)]
        store.commit(
            [Intend(b'{"v":1}', subject(0), one, "lender-a", one, bytes(32)) for one in names]
        )
        assert store.restarted() == 3
        assert store.restarted() == 0
        added = f"SELECT event FROM log_entry WHERE log_index>={PREFILL + 3} ORDER BY log_index"
        said = [msgspec.json.decode(event) for (event,) in store.rows(added)]
        assert [(one["kind"], one["intent"]) for one in said] == [
            ("ABANDONED", one) for one in names
        ]
        late = Append(b'{"v":1}', subject(0), names[0])
        assert store.commit([late]) == [Done(PREFILL + 6, repeat=True)]
        assert store.rows("SELECT * FROM open_intent") == []


def test_a_log_that_contradicts_itself_is_not_appended_to(copies: Copies) -> None:
    with copies() as store:
        store.run("UPDATE log_entry SET log_index=log_index+1 WHERE log_index=249")
        store.restarted()
        for _ in range(2):
            with pytest.raises(CorruptLog):
                store.commit([Append(b'{"v":1}', b"", "")])
        assert store.rows("SELECT size FROM log_head") == [(PREFILL,)]
